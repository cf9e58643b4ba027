"""Progress of long steps on stderr: a live line on a terminal, two plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


def report(line: str) -> None:
    """Print one line on stderr."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(label: str, *, expected_seconds: int) -> Generator[None]:
    """Show `label`, the elapsed time and the expectation while the body runs."""
    console = Console(stderr=True)
    started = time.monotonic()
    text = f"{label} (about {expected_seconds} s on 2 cores)"
    if console.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as live:
            live.add_task(text, total=None)
            yield
    else:
        report(text)
        yield
    report(f"{label}: done in {time.monotonic() - started:.0f} s")
