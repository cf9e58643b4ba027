"""States that a version of the provider has left, and the programs that left them.

`python tests/standins/recorded_programs.py` records the present version: every resource with every
property, as the values of `kinds_table` have them, into tests/provider/recorded/VERSION. What a
released version has left is never recorded again.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import pulumi
from control_plane import ControlPlane, running_control_plane
from engine_programs import PASSPHRASE, Program
from kinds_table import CASES, NOTHING

from splitplane.contract.version import VERSION
from splitplane.provider.codec import Properties
from splitplane.stacks.engine import Engine

FOLDER: Final = Path(__file__).resolve().parents[1] / "provider" / "recorded"
ENDPOINT: Final = "https://endpoint.invalid"
"""What stands for the control plane's address in a recorded state."""

_INPUTS: Final = "inputs.json"
_STATE: Final = "state.json"
# Where the recording program lies on its machine is nobody's business.
_DROPPED: Final = frozenset({"sourcePosition", "stackTrace"})
_NEVER: Final = "2099-01-01T00:00:00+00:00"

Inputs = dict[str, dict[str, Properties]]
"""Type token → resource name → inputs."""


def recorded_versions() -> list[str]:
    """The versions of which there is a state."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{_STATE}"))


def read_inputs(version: str) -> Inputs:
    """The inputs of the program that the version ran."""
    found: Inputs = json.loads((FOLDER / version / _INPUTS).read_text())
    return found


def read_state(version: str, endpoint: str) -> dict[str, Any]:  # Any: JSON
    """The state that the version left, on a control plane at this address."""
    text = (FOLDER / version / _STATE).read_text().replace(ENDPOINT, endpoint)
    found: dict[str, Any] = json.loads(text)
    return found


def program_of(inputs: Inputs, endpoint: str) -> Program:
    """The program that registers the resources, each without the package's own class."""

    def register() -> None:
        provider = _Provider("plane", {"endpoint": endpoint})
        opts = pulumi.ResourceOptions(provider=provider)
        for token, resources in inputs.items():
            for name, properties in resources.items():
                pulumi.CustomResource(token, name, properties, opts)

    return register


def sample_inputs(plane: ControlPlane) -> Inputs:
    """Every resource with every property; what the resources need is made."""
    return {
        case.token: {
            f"{case.name}-{number}": case.complete(plane, f"r{index}-{number}")[number]
            for number in range(len(case.complete(NOTHING, "it")))
        }
        for index, case in enumerate(CASES)
    }


def record() -> Path:
    """The folder of the present version holds its state and inputs anew."""
    folder = FOLDER / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    with running_control_plane() as plane, tempfile.TemporaryDirectory() as directory:
        inputs = sample_inputs(plane)
        environment = {"SPLITPLANE_TOKEN": plane.token}
        with Engine(Path(directory), passphrase=PASSPHRASE, environment=environment) as engine:
            stack = engine.stack("recorded", program_of(inputs, plane.endpoint))
            stack.up()
            # What is exported by the Automation API has its secrets in plain text.
            (file,) = engine.backend.rglob("recorded.json")
            kept = json.loads(file.read_text())
        state = _cleaned({"version": kept["version"], "deployment": kept["checkpoint"]["latest"]})
        for resource in state["deployment"]["resources"]:
            if "expiresAt" in resource.get("outputs", {}):
                # A token that has ended is made anew; the recorded one has to outlast the tests.
                resource["outputs"]["expiresAt"] = _NEVER
        text = json.dumps(state, indent=1, sort_keys=True).replace(plane.endpoint, ENDPOINT)
        (folder / _STATE).write_text(text + "\n")
        (folder / _INPUTS).write_text(json.dumps(inputs, indent=1, sort_keys=True) + "\n")
    return folder


class _Provider(pulumi.ProviderResource):
    def __init__(self, name: str, properties: Properties) -> None:
        super().__init__("splitplane", name, properties)


def _cleaned(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {k: _cleaned(item) for k, item in value.items() if k not in _DROPPED}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.stdout.write(f"recorded {record()}\n")
