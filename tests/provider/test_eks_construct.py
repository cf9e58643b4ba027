"""The compute plane on EKS as programs in other languages ask for it: made in the plugin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from clouds.program import Clouds
from pulumi import automation

from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

STANDINS = Path(__file__).parents[1] / "standins"
INPUTS: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hubUrl": "https://hub.example.com",
    "kubernetesVersion": "1.35",
    "deployerPrincipalArns": ["arn:aws:iam::111122223333:role/deployer"],
    "platform": {"hasBucket": False},
    "addons": {"metrics-server": {"mode": "off"}},
}
OUTPUTS = ("capabilities", "nodeClasses", "storageClasses", "registryPrefix")


class Remote(pulumi.ComponentResource):
    """The component as an SDK of another language asks for it."""

    def __init__(self, name: str, inputs: dict[str, Any]) -> None:
        outputs = dict.fromkeys(OUTPUTS)
        super().__init__(
            "splitplane:index:EksComputePlane", name, {**inputs, **outputs}, None, True
        )


def _engine(platform_engine: Engine, clouds: Clouds) -> Engine:
    folders = (clouds.plugins, STANDINS, *platform_engine.plugin_directories)
    return replace(platform_engine, plugin_directories=folders)


def test_a_plane_is_planned_by_the_plugin(platform_engine: Engine, clouds: Clouds) -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        plane: Any = Remote("eu", INPUTS)
        pulumi.Output.all(**{name: getattr(plane, name) for name in OUTPUTS}).apply(found.update)

    stack = _engine(platform_engine, clouds).stack("remote", program)
    stack.set_config("aws:region", automation.ConfigValue("eu-west-1"))
    planned = stack.preview().change_summary

    assert planned[automation.OpType.CREATE] > 90
    assert found["capabilities"]["nodeScaling"] == "karpenter"
    assert found["storageClasses"]["blockRetain"] == "gp3-retain"
    assert found["nodeClasses"][1]["labels"] == {"splitplane.io/node-pool": "cpu-ondemand"}
    assert found["registryPrefix"] == "111122223333.dkr.ecr.eu-west-1.amazonaws.com/prod-eu"


def test_a_wrong_argument_is_named(platform_engine: Engine, clouds: Clouds) -> None:
    def program() -> None:
        Remote("eu", {**INPUTS, "kubernetesVersion": "1.20"})

    stack = _engine(platform_engine, clouds).stack("refused", program)
    stack.set_config("aws:region", automation.ConfigValue("eu-west-1"))

    with pytest.raises(automation.CommandError, match=r"kubernetes_version '1\.20'"):
        stack.preview()
