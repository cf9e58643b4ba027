"""Tells the demo: one line for each step with its time, live on a terminal, plain elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO

from rich.console import Console

_LABEL_WIDTH: Final = 26


@dataclass
class Step:
    """A step that runs; `detail` is printed behind its time when it is done."""

    label: str
    detail: str = ""


@dataclass
class Story:
    """The lines that were told, with their times."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)
    started: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def step(self, label: str, *, is_live: bool = True) -> Generator[Step]:
        """Runs the body as one step; its line says ok or FAIL, the time and the detail.

        Args:
            label: what the step does, in a few words.
            is_live: show a spinner meanwhile; False when the body draws its own.
        """
        step = Step(label)
        started = time.monotonic()
        is_terminal = is_live and self.stream.isatty()
        try:
            if is_terminal:
                with Console(file=self.stream).status(label):
                    yield step
            else:
                yield step
        except BaseException:
            self._line("FAIL", step, time.monotonic() - started)
            raise
        self.seconds[label] = time.monotonic() - started
        self._line("ok", step, self.seconds[label])

    def say(self, text: str = "") -> None:
        """One line as it is."""
        print(text, file=self.stream, flush=True)

    def total_seconds(self) -> float:
        """Seconds since the story began."""
        return time.monotonic() - self.started

    def _line(self, state: str, step: Step, seconds: float) -> None:
        text = f"{state:<4} {seconds:5.1f} s  {step.label:<{_LABEL_WIDTH}} {step.detail}"
        self.say(text.rstrip())
