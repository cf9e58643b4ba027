"""What the commands print: tables that fit the terminal, plain columns elsewhere, JSON and YAML."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

_STATUS_STYLES = {
    "available": "green",
    "succeeded": "green",
    "ready": "green",
    "connected": "green",
    "degraded": "yellow",
    "expired": "yellow",
    "failed": "red",
    "disconnected": "red",
    "created": "green",
    "updated": "yellow",
    "denied": "red",
    "invalid": "red",
    "true": "green",
    "false": "red",
}


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The rows on stdout: wrapped to the width of a terminal, never cut when it is none."""
    if not sys.stdout.isatty():
        _print_columns([list(headers), *[list(row) for row in rows]])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*[Text(cell, style=_STATUS_STYLES.get(cell, "")) for cell in row])
    Console().print(table)


def print_json(value: BaseModel | Sequence[BaseModel]) -> None:
    """The whole answer as JSON on stdout, a list as an array."""
    data: Any  # Any: JSON
    if isinstance(value, BaseModel):
        data = value.model_dump(mode="json")
    else:
        data = [item.model_dump(mode="json") for item in value]
    print(json.dumps(data, indent=2, ensure_ascii=False))


def print_yaml(manifests: Sequence[dict[str, Any]]) -> None:  # Any: JSON
    """The manifests as YAML documents on stdout, to be edited and applied again."""
    import yaml

    text = yaml.safe_dump_all(
        manifests, sort_keys=False, allow_unicode=True, explicit_start=len(manifests) > 1
    )
    print(text, end="")


def say(line: str) -> None:
    """One line on stdout, at once."""
    print(line, flush=True)


def warn(line: str) -> None:
    """One line on stderr, at once."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def waiting(what: str) -> Generator[None]:
    """Shows on a terminal that `what` goes on while the body runs; silent elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def age(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, in the largest whole unit: `3d`, `5h`, `12m`, `40s`."""
    seconds = max(0, int(((now or datetime.now(UTC)) - moment).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def shown(value: object) -> str:
    """A JSON value in one short line."""
    if value is None:
        return "(none)"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _print_columns(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
