"""A wait for Ctrl-C goes on by the second, so that none is missed."""

from __future__ import annotations

import time

import pytest

from splitplane.stacks.interrupt import sleep_until_interrupted


def test_it_sleeps_by_the_second_until_somebody_presses_ctrl_c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)

    with pytest.raises(KeyboardInterrupt):
        sleep_until_interrupted()

    assert slept == [1, 1, 1]
