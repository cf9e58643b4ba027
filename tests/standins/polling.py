"""Waiting in tests: for a fact, with a deadline, never for a fixed time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_POLL_SECONDS = 0.02


def wait_for(is_true: Callable[[], bool], *, what: str, seconds: float = 30.0) -> None:
    """Return once `is_true`; fail naming `what` when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        pause.wait(_POLL_SECONDS)
