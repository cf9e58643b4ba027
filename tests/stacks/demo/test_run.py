from __future__ import annotations

from pathlib import Path

import pytest

from splitplane.stacks.demo.run import command_to_type


@pytest.mark.parametrize(
    ("started", "found", "typed"),
    [
        ("/src/.venv/bin/splitplane", None, ".venv/bin/splitplane"),
        ("/src/.venv/bin/splitplane", "/usr/bin/splitplane", ".venv/bin/splitplane"),
        ("/src/.venv/bin/splitplane", "/src/.venv/bin/splitplane", "splitplane"),
        ("/opt/bin/splitplane", None, "/opt/bin/splitplane"),
        ("/src/splitplane/cli/__main__.py", None, "splitplane"),
    ],
    ids=["below", "another-one-on-path", "on-path", "elsewhere", "as-a-module"],
)
def test_the_command_is_shown_as_it_has_to_be_typed(
    started: str, found: str | None, typed: str
) -> None:
    assert command_to_type(Path(started), found, Path("/src")) == typed
