"""One lock over the tool cache, so that two runs never build the same tool at once.

An flock, because the kernel drops it with its process: a crashed build leaves nothing to clean up.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def cache_lock(cache: Path, *, doing: str, report: Callable[[str], None]) -> Generator[None]:
    """Hold the lock of the cache; `report` hears once whom we wait for, if we have to wait."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another run"
            report(f"waiting for {holder}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        handle.write(f"process {os.getpid()}, which is {doing}")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
