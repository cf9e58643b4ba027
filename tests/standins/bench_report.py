"""What a benchmark writes: one JSON file each, and the table at the end of `make bench`.

A number stands beside the number of a real peer of the same run, as a ratio of medians, and beside
the conditions of the run. Nothing here judges: a missed goal is printed, never asserted.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "bench"

_DIGITS = 4  # significant ones; timers and /proc give no more that repeats
_COLUMNS = ("benchmark", "ours", "min to max (n)", "goal", "", "peer", "peer's", "ours/peer's")

Json = dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Peer:
    """A real program that does the same, measured in the same run."""

    name: str
    version: str
    samples: Sequence[float]
    how: str
    """One sentence: what of it was measured."""


@dataclass(frozen=True)
class Missing:
    """Why there is no peer's number."""

    reason: str


@dataclass(frozen=True)
class Result:
    """Everything that is known of one benchmark after its run."""

    name: str
    """File name and first column."""
    unit: str
    """`s`, or `MB` of 10^6 bytes."""
    what: str
    """One sentence: what of ours was measured."""
    ours: Sequence[float]
    peer: Peer | Missing
    goal: float | None = None
    """Our median is wanted below it; None when the number has no goal."""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])  # Any: JSON
    """Parts of the number, and what else was seen; JSON."""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Versions of programs that took part, beside Python's and our own."""


def write(result: Result, load_at_start: float, directory: Path = RESULTS) -> Json:
    """The result is in DIRECTORY/NAME.json, keys sorted; returns what was written."""
    document = to_json(result, load_at_start)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{result.name}.json"
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return document


def to_json(result: Result, load_at_start: float) -> Json:
    """The document of one result.

    Raises:
        ValueError: one side has no sample.
    """
    ours = summary(result.ours)
    peer: Json | None = None
    ratio: float | None = None
    if isinstance(result.peer, Peer):
        peer = {
            "name": result.peer.name,
            "version": result.peer.version,
            "how": result.peer.how,
            **summary(result.peer.samples),
        }
        ratio = _rounded(ours["median"] / peer["median"])
    return {
        "name": result.name,
        "unit": result.unit,
        "what": result.what,
        "ours": ours,
        "peer": peer,
        "peer_missing_because": None if peer else _reason(result.peer),
        "ratio": ratio,
        "goal": result.goal,
        "is_goal_met": None if result.goal is None else ours["median"] < result.goal,
        "details": dict(result.details),
        "conditions": conditions(result.versions, load_at_start),
    }


def summary(samples: Sequence[float]) -> Json:
    """Median, smallest, largest and count of the samples."""
    if not samples:
        raise ValueError("a benchmark without a single sample has no number to report")
    return {
        "median": _rounded(statistics.median(samples)),
        "min": _rounded(min(samples)),
        "max": _rounded(max(samples)),
        "n": len(samples),
    }


def conditions(versions: Mapping[str, str], load_at_start: float) -> Json:
    """What the numbers of this run depend on."""
    return {
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "cpu_model": _cpu_model(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "load_1_minute_at_start": round(load_at_start, 2),
        "os": platform.platform(),
        "python": platform.python_version(),
        "versions": {"splitplane": version("splitplane"), "commit": _commit(), **versions},
    }


def table(documents: Sequence[Json]) -> list[str]:
    """The lines of a plain-text table, one benchmark a line."""
    rows = [_COLUMNS, *(_row(document) for document in documents)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    reasons = [
        f"{document['name']}: no peer: {document['peer_missing_because']}"
        for document in documents
        if document["peer"] is None
    ]
    return [*lines, *reasons]


def _row(document: Json) -> tuple[str, ...]:
    ours, peer, unit = document["ours"], document["peer"], document["unit"]
    goal = document["goal"]
    return (
        document["name"],
        f"{ours['median']:g} {unit}",
        f"{ours['min']:g} to {ours['max']:g} ({ours['n']})",
        "" if goal is None else f"< {goal:g} {unit}",
        {None: "", True: "met", False: "MISSED"}[document["is_goal_met"]],
        f"{peer['name']} {peer['version']}" if peer else "none",
        f"{peer['median']:g} {unit}" if peer else "",
        f"{document['ratio']:g}" if peer else "",
    )


def _reason(peer: Peer | Missing) -> str:
    return peer.reason if isinstance(peer, Missing) else ""


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
