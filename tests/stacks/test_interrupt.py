"""Ctrl-C ends the wait, even if it was pressed just before."""

from __future__ import annotations

import signal
import time

import pytest

from splitplane.stacks.interrupt import sleep_until_interrupted


def test_ctrl_c_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(time, "sleep", sleep)

    with pytest.raises(KeyboardInterrupt):
        sleep_until_interrupted()

    assert slept == [1, 1, 1]
