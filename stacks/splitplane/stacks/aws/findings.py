"""What a check found, and what a person does about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["OK", "WARN", "FAIL"]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes:
        status: FAIL where a deployment would fail, or end without what was asked for; WARN where it
            may, or where the check could not be made.
        check: what was checked.
        found: what was found, with numbers.
        advice: what to do; empty with OK.
    """

    status: Status
    check: str
    found: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """The finding as plain values."""
        return asdict(self)


def passed(check: str, found: str) -> Finding:
    """A check that found nothing wrong."""
    return Finding("OK", check, found)


def warned(check: str, found: str, advice: str) -> Finding:
    """A check that found what a person should look at."""
    return Finding("WARN", check, found, advice)


def failed(check: str, found: str, advice: str) -> Finding:
    """A check that found what has to be changed first."""
    return Finding("FAIL", check, found, advice)


def count(findings: Iterable[Finding]) -> dict[Status, int]:
    """Status → number of findings."""
    counted: dict[Status, int] = {"FAIL": 0, "WARN": 0, "OK": 0}
    for finding in findings:
        counted[finding.status] += 1
    return counted
