"""Many resources, several tenants and a part of a stack under the real engine."""

from __future__ import annotations

import pulumi
import pytest
from control_plane import ControlPlane
from engine_programs import Program, registrations
from pulumi import automation

from splitplane import resources as sp
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

MANY = 200


def _changes(result: automation.UpResult | automation.DestroyResult) -> dict[str, int]:
    return {str(key): count for key, count in (result.summary.resource_changes or {}).items()}


def _names(plane: ControlPlane, kind: str, prefix: str) -> list[str]:
    found = (item.name for item in plane.client.list(kind))
    return sorted(name for name in found if name.startswith(f"{prefix}-"))


def test_two_hundred_resources_at_once(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    def program(shown: str) -> Program:
        def register() -> None:
            for number in range(MANY):
                sp.Environment(
                    f"env-{number}", name=f"{unique}-{number}", display_name=f"{shown} {number}"
                )

        return register

    stack = platform_engine.stack("many", program("One"))
    assert _changes(stack.up(parallel=64)) == {"create": MANY + 1}
    assert len(_names(control_plane, "environment", unique)) == MANY
    stack = platform_engine.stack("many", program("Two"))
    assert _changes(stack.up(parallel=64)) == {"update": MANY, "same": 1}
    stack.up(expect_no_changes=True)
    stack.destroy(parallel=64)

    assert _names(control_plane, "environment", unique) == []


def test_two_providers_with_two_tenants_keep_their_objects_apart(
    engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    with control_plane.other_tenant() as other:

        def register() -> None:
            for part, plane in (("ours", control_plane), ("theirs", other)):
                provider = sp.Provider(part, endpoint=plane.endpoint, token=plane.token)
                opts = pulumi.ResourceOptions(provider=provider)
                environment = sp.Environment(
                    f"{part}-env", name=f"{unique}-env", display_name=part, opts=opts
                )
                cluster = sp.Cluster(
                    f"{part}-c", name=f"{unique}-c", environments=[environment.name], opts=opts
                )
                pulumi.export(part, cluster.id)

        stack = engine.stack("tenants", register)
        outputs = stack.up().outputs
        stack.refresh(expect_no_changes=True)

        for part, plane in (("ours", control_plane), ("theirs", other)):
            cluster = plane.client.get("cluster", f"{unique}-c")
            environment = plane.client.get("environment", f"environment:{unique}-env")
            assert cluster.id == outputs[part].value
            assert environment.manifest["display_name"] == part
        assert outputs["ours"].value != outputs["theirs"].value
        stack.destroy()
        for plane in (control_plane, other):
            assert _names(plane, "cluster", unique) == []
            assert _names(plane, "environment", unique) == []


def test_a_part_of_a_stack_is_destroyed_with_what_lies_in_it(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    stack = platform_engine.stack("target", registrations(unique))
    stack.up()
    urn = _urn(stack, "splitplane:index:Workspace", "workspace")

    with pytest.raises(automation.CommandError, match="target-dependents"):
        stack.destroy(target=[urn])
    assert _names(control_plane, "workspace", unique) == [f"{unique}-w"]
    done = stack.destroy(target=[urn], target_dependents=True)

    assert _changes(done)["delete"] == 3
    assert _names(control_plane, "workspace", unique) == []
    assert _names(control_plane, "application", unique) == []
    assert _names(control_plane, "cluster", unique) == [f"{unique}-c"]
    stack.destroy()
    assert _names(control_plane, "cluster", unique) == []


def _urn(stack: automation.Stack, kind: str, name: str) -> str:
    deployment = stack.export_stack().deployment
    assert deployment is not None
    (urn,) = (
        item["urn"] for item in deployment["resources"] if item["urn"].endswith(f"{kind}::{name}")
    )
    return str(urn)
