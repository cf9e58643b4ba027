"""Secrets, registries and rights under the real engine, and look-ups of what exists."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from control_plane import ControlPlane
from engine_programs import Program
from pulumi import automation

from splitplane import resources as sp
from splitplane.client import Client
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

ADMIN = "user:admin@splitplane.local"


def _program(name: str, **changes: Any) -> Program:  # Any: inputs of the resources
    """One of each resource that is about secrets, images and rights."""

    def register() -> None:
        store = sp.SecretStore(
            "store",
            name=f"{name}-store",
            aws_secrets_manager=sp.AwsSecretsManagerArgs(
                region="eu-west-1", prefix=changes.get("prefix", "team/")
            ),
        )
        group = sp.SecretGroup(
            "group",
            name=f"{name}-group",
            secret_store=store.name,
            secrets={"registry.password": sp.SecretReferenceArgs(path="registry", field="key")},
        )
        registry = sp.ContainerRegistry(
            "registry",
            name=f"{name}-images",
            other=sp.OtherRegistryArgs(
                host="registry.example.com",
                username="robot",
                password=pulumi.Output.concat("secret://", group.name, "/registry.password"),
            ),
        )
        inside = sp.KubernetesSecretsArgs()
        sp.SecretStore(
            "inside", name=f"{name}-inside", **changes.get("inside", {"kubernetes": inside})
        )
        account = sp.ServiceAccount("account", name=f"{name}-ci")
        team = sp.Team("team", name=f"{name}-team", members=[account.fqn, ADMIN])
        role = sp.Role(
            "role", name=f"{name}-role", scope="tenant", verbs=["environment:read", "role:read"]
        )
        sp.RoleBinding(
            "binding",
            name=changes.get("binding", f"{name}-binding"),
            subject=team.fqn,
            role=role.name,
            object="tenant",
            expires_at=changes.get("expires_at", "2099-01-01T00:00:00Z"),
        )
        token = sp.Token(
            "token",
            name="deploy",
            service_account=account.name,
            overlap_seconds=0,
            rotation_trigger=changes.get("trigger"),
        )
        pulumi.export("token", token.token)
        pulumi.export("registry", registry.fqn)

    return register


def _changes(result: automation.UpResult) -> dict[str, int]:
    return {str(key): count for key, count in (result.summary.resource_changes or {}).items()}


def test_one_of_each_through_its_life(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    stack = platform_engine.stack("access", _program(unique))
    first = stack.up()
    assert _changes(first) == {"create": 10}
    assert first.outputs["registry"].value == f"registry:{unique}-images"
    assert first.outputs["token"].secret
    with Client(control_plane.endpoint, first.outputs["token"].value) as client:
        assert client.whoami().subject == f"sa:{unique}-ci"
    stack.up(expect_no_changes=True)

    changed = _program(unique, prefix="other/", expires_at="2099-06-01T00:00:00Z", trigger="1")
    stack = platform_engine.stack("access", changed)
    second = stack.up()
    assert _changes(second) == {"update": 3, "same": 7}
    assert second.outputs["token"].value != first.outputs["token"].value
    stack.up(expect_no_changes=True)

    other = {"gcp_secret_manager": sp.GcpSecretManagerArgs(project="project-a")}
    replaced = _program(unique, inside=other, binding=f"{unique}-bound", trigger="1")
    stack = platform_engine.stack("access", replaced)
    assert _changes(stack.up())["replace"] == 2
    stack.up(expect_no_changes=True)

    state = "".join(item.read_text() for item in platform_engine.backend.rglob("*.json"))
    assert f"{unique}-store" in state
    assert first.outputs["token"].value not in state
    assert second.outputs["token"].value not in state
    stack.destroy()
    for kind, part in (("secret-store", "store"), ("team", "team"), ("service-account", "ci")):
        assert not control_plane.is_listed(kind, f"{unique}-{part}")


def test_what_others_made_is_imported_by_its_name(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    control_plane.client.create({"type": "service-account", "name": f"{unique}-ci"})
    manifest = {
        "type": "service-account-token",
        "name": "deploy",
        "service_account": f"{unique}-ci",
    }
    theirs = control_plane.client.create(manifest)

    def program(import_: dict[str, str], trigger: str | None = None) -> Program:
        def register() -> None:
            opts = {
                key: pulumi.ResourceOptions(import_=import_.get(key))
                for key in ("account", "token")
            }
            account = sp.ServiceAccount("account", name=f"{unique}-ci", opts=opts["account"])
            token = sp.Token(
                "token",
                name="deploy",
                service_account=account.name,
                rotation_trigger=trigger,
                opts=opts["token"],
            )
            pulumi.export("token", token.token)

        return register

    refs = {"account": f"sa:{unique}-ci", "token": f"sa-token:{unique}-ci:deploy"}
    stack = platform_engine.stack("adopt", program(refs))
    imported = stack.up()

    assert _changes(imported)["import"] == 2
    deployment: dict[str, Any] = dict(stack.export_stack().deployment or {})
    ids = [item.get("id") for item in deployment["resources"]]
    assert theirs.id in ids
    stack = platform_engine.stack("adopt", program({}, trigger="1"))
    assert str(stack.up().outputs["token"].value).startswith("spl_sa_")
    stack.destroy()
    assert not control_plane.is_listed("service-account", f"{unique}-ci")


def test_what_exists_is_looked_up_and_left_alone(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    manifest = {"type": "environment", "name": f"{unique}-env", "display_name": "Theirs"}
    theirs = control_plane.client.create(manifest)

    def register() -> None:
        by_name = sp.Environment.get("by-name", f"environment:{unique}-env")
        by_id = sp.Environment.get("by-id", theirs.id)
        pulumi.export("name", by_id.name)
        pulumi.export("shown", by_name.display_name)
        pulumi.export("id", by_name.id)

    stack = platform_engine.stack("look-up", register)
    outputs = stack.up().outputs
    again = stack.up().outputs

    for found in (outputs, again):
        assert found["name"].value == f"{unique}-env"
        assert found["shown"].value == "Theirs"
        # What was asked for; a name is accepted wherever an id is.
        assert found["id"].value == f"environment:{unique}-env"
    stack.destroy()
    assert control_plane.is_listed("environment", f"{unique}-env")


def test_a_look_up_of_what_does_not_exist_says_so(platform_engine: Engine, unique: str) -> None:
    def register() -> None:
        sp.Environment.get("gone", f"environment:{unique}-none")

    stack = platform_engine.stack("missing", register)

    with pytest.raises(automation.CommandError, match="does not exist"):
        stack.preview()
