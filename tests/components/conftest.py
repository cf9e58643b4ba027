from __future__ import annotations

from collections.abc import Callable

import pytest
import recording_monitor


@pytest.fixture
def record() -> Callable[[Callable[[], object]], recording_monitor.Recording]:
    """Runs a program against mocks and returns what it registered."""
    return recording_monitor.record
