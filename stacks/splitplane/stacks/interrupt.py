"""Waiting for Ctrl-C."""

from __future__ import annotations

import time
from typing import Final, NoReturn

_SECONDS: Final = 1
"""How late a signal may be seen that comes just before a sleep; `signal.pause` would miss it."""


def sleep_until_interrupted() -> NoReturn:
    """Sleeps in the main thread until a handler raises.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C, at most a second ago.
    """
    while True:
        time.sleep(_SECONDS)
