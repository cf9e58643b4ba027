from __future__ import annotations

import os
import threading
from pathlib import Path

from splitplane.stacks.tools.lock import cache_lock


def test_the_one_who_waits_says_whom_it_waits_for(tmp_path: Path) -> None:
    lines: list[str] = []
    is_waiting = threading.Event()
    got_it = threading.Event()

    def note(line: str) -> None:
        lines.append(line)
        is_waiting.set()

    def wait_for_it() -> None:
        with cache_lock(tmp_path, doing="idling", report=note):
            got_it.set()

    with cache_lock(tmp_path, doing="building toy 1.4.2", report=lines.append):
        waiter = threading.Thread(target=wait_for_it)
        waiter.start()
        assert is_waiting.wait(timeout=10)
        assert not got_it.is_set()
    waiter.join(timeout=10)

    assert got_it.is_set()
    assert lines == [f"waiting for process {os.getpid()}, which is building toy 1.4.2"]
