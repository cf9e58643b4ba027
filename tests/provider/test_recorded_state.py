"""What an earlier version left is taken over without a change: recorded states, previewed.

See CONTRIBUTING.md for how a version is recorded.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from control_plane import ControlPlane
from engine_programs import PASSPHRASE
from pulumi import automation
from recorded_programs import program_of, read_inputs, read_state, recorded_versions

from splitplane.provider.kinds import LAYOUTS
from splitplane.stacks.engine import Engine

versions = pytest.mark.parametrize("version", recorded_versions())


def test_every_resource_is_recorded() -> None:
    recorded = {token for version in recorded_versions() for token in read_inputs(version)}

    assert recorded == {layout.resource_type for layout, _ in LAYOUTS}, (
        "record the present version: python tests/standins/recorded_programs.py"
    )


@pytest.mark.needs_tools
@versions
def test_a_recorded_state_previews_without_a_change(
    platform_engine: Engine, control_plane: ControlPlane, version: str
) -> None:
    inputs = read_inputs(version)
    state = read_state(version, control_plane.endpoint)
    stack = platform_engine.stack("recorded", program_of(inputs, control_plane.endpoint))
    stack.import_stack(automation.Deployment(state["version"], state["deployment"]))

    found = stack.preview()

    count = sum(len(resources) for resources in inputs.values())
    # The stack and the provider beside them.
    assert {str(key): n for key, n in found.change_summary.items()} == {"same": count + 2}


@versions
def test_a_recorded_state_names_no_machine(version: str, repository: Path) -> None:
    text = (repository / "tests" / "provider" / "recorded" / version / "state.json").read_text()

    assert "127.0.0.1" not in text
    assert "sourcePosition" not in text
    assert PASSPHRASE not in text.replace('"type": "passphrase"', "")
