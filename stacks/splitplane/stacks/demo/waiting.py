"""Waiting for something to come true, with a deadline and a reason when it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from splitplane.stacks.demo.errors import CheckFailed

_POLL_SECONDS: Final = 0.1

T = TypeVar("T")


def wait_for(
    read: Callable[[], T | None],
    *,
    what: str,
    seconds: float,
    explain: Callable[[], str] = lambda: "",
    check: Callable[[], None] = lambda: None,
) -> T:
    """The first result of `read` that is neither None nor False.

    Args:
        read: looks once.
        what: is awaited, for the message.
        seconds: longest wait.
        explain: says what was seen last, for the message.
        check: raises to end the wait early, such as when a process has died.

    Raises:
        CheckFailed: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = read()
        if found is not None and found is not False:
            return found
        check()
        if time.monotonic() > deadline:
            seen = explain()
            raise CheckFailed(
                f"{what} did not come true within {seconds:g} s{f': {seen}' if seen else ''}"
            )
        time.sleep(_POLL_SECONDS)
