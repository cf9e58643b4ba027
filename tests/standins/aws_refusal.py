"""What a program that asks for something in vain is told, and what was registered before."""

from __future__ import annotations

from typing import Any

import pytest
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components import EksComputePlane, WrongArgument

Json = dict[str, Any]  # Any: arguments as programs give them

ACCOUNT = "111122223333"
COMPONENTS = {"splitplane:index:EksComputePlane", "splitplane:aws:Network"}
"""Names without anything behind them."""
LEAST: Json = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
}
MACHINES = {"m7i.large": "abc", "m6i.large": "abc", "m5.large": "abc", "g5.xlarge": "a"}
"""Machine → letters of the zones that offer it."""


def offerings() -> Json:
    """What the region says of machines."""
    offered = [(name, f"eu-west-1{zone}") for name, zones in MACHINES.items() for zone in zones]
    return {
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "instanceTypes": [name for name, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        }
    }


def assert_refused(args: Json, message: str) -> None:
    """It is said before anything is registered."""
    assert refusal(args) == (message, set())


def assert_refused_here(args: Json, functions: Json, message: str) -> None:
    """It is said, after a look at the account, before any resource of a cloud is registered."""
    said, registered = refusal(args, functions)
    assert said == message
    assert registered <= COMPONENTS


def refusal(args: Json, functions: Json | None = None) -> tuple[str, set[str]]:
    """What is said, and the types of everything that was registered before."""
    said: list[str] = []

    def program() -> None:
        wrong: Any = {**LEAST, **args}  # Any: programs may pass anything
        with pytest.raises(WrongArgument) as refused:
            EksComputePlane("eu", wrong)
        said.append(str(refused.value))

    found = record(program, answers=CloudAnswers({**offerings(), **(functions or {})}))
    return said[0], {item.type for item in found.resources}
