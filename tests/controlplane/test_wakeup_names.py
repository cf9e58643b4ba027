"""A wake-up that nobody waits for costs a poll each time, and no other test would notice."""

from __future__ import annotations

import re
from pathlib import Path

SENT = re.compile(r"""wakeups\.(?:add|notify)\(\s*"([a-z-]+)"\s*\)""")
AWAITED = re.compile(r"""wakeups\.wait\(\s*"([a-z-]+)\"""")


def test_every_wake_up_is_waited_for(repository: Path) -> None:
    folder = repository / "controlplane" / "splitplane" / "controlplane"
    text = "\n".join(path.read_text() for path in sorted(folder.rglob("*.py")))

    assert set(SENT.findall(text)) <= set(AWAITED.findall(text))
