"""Our resources under the real engine, on a real control plane."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
from control_plane import ControlPlane
from engine_programs import CANARY, Program, registrations
from polling import wait_for
from pulumi import automation

from splitplane import resources as sp
from splitplane.stacks.engine import Engine
from splitplane.stacks.tools import resolve

pytestmark = pytest.mark.needs_tools


def _summary(result: automation.PreviewResult) -> dict[str, int]:
    return {str(key): count for key, count in result.change_summary.items()}


def _changes(result: automation.UpResult | automation.RefreshResult) -> dict[str, int]:
    return {str(key): count for key, count in (result.summary.resource_changes or {}).items()}


def test_up_no_change_one_change_drift_repair_destroy(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    stack = platform_engine.stack("life", registrations(unique))

    assert _summary(stack.preview()) == {"create": 11}
    assert not control_plane.is_listed("cluster", f"{unique}-c")
    outputs = stack.up().outputs
    assert outputs["workspace"].value == f"{unique}-c:{unique}-w"
    assert outputs["token"].secret
    assert outputs["token"].value.startswith("spl_join_")
    stack.up(expect_no_changes=True)

    program = registrations(unique, environment={"display_name": "Shown"})
    stack = platform_engine.stack("life", program)
    assert _summary(stack.preview()) == {"update": 1, "same": 10}
    stack.up()
    assert _view(control_plane, "environment", f"{unique}-env")["display_name"] == "Shown"

    drifted = _view(control_plane, "environment", f"{unique}-env") | {"display_name": "Drifted"}
    control_plane.client.update("environment", f"environment:{unique}-env", drifted)
    assert _changes(stack.refresh())["update"] == 1
    assert _summary(stack.preview()) == {"update": 1, "same": 10}
    stack.up()
    assert _view(control_plane, "environment", f"{unique}-env")["display_name"] == "Shown"

    control_plane.client.delete("application", f"{unique}-c:{unique}-w:{unique}-one")
    assert _changes(stack.refresh())["delete"] == 1
    assert _changes(stack.up())["create"] == 1

    state = "".join(item.read_text() for item in platform_engine.backend.rglob("*.json"))
    assert f"{unique}-env" in state
    assert CANARY not in state
    assert outputs["token"].value not in state
    assert control_plane.token not in state
    stack.destroy()
    for kind, name in (("cluster", "c"), ("environment", "env"), ("ml-repo", "a")):
        assert not control_plane.is_listed(kind, f"{unique}-{name}")


def test_what_a_replaced_object_holds_is_replaced_with_it(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    platform_engine.stack("replace", registrations(unique)).up()
    changed = registrations(unique, cluster={"name": f"{unique}-new"})
    stack = platform_engine.stack("replace", changed)

    assert _summary(stack.preview()) == {"replace": 4, "same": 7}
    stack.up()

    assert control_plane.client.get("workspace", f"{unique}-new:{unique}-w").name
    assert not control_plane.is_listed("cluster", f"{unique}-c")
    stack.up(expect_no_changes=True)
    stack.destroy()


def test_an_object_that_keeps_its_name_is_deleted_before_it_is_replaced(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    def program(path: str) -> Program:
        def register() -> None:
            local = sp.LocalStorageArgs(path=path)
            storage = sp.StorageIntegration("storage", name=f"{unique}-s", local=local)
            sp.MlRepo("repo", name=f"{unique}-r", storage_integration=storage.name)

        return register

    platform_engine.stack("same-name", program("/tmp/one")).up()
    before = control_plane.client.get("storage-integration", f"storage-integration:{unique}-s")
    stack = platform_engine.stack("same-name", program("/tmp/two"))
    stack.up()

    after = control_plane.client.get("storage-integration", f"storage-integration:{unique}-s")
    assert after.manifest["storage"]["path"] == "/tmp/two"
    assert after.id != before.id
    assert control_plane.is_listed("ml-repo", f"{unique}-r")
    stack.destroy()


def test_a_renamed_resource_with_an_alias_stays(platform_engine: Engine, unique: str) -> None:
    def program(resource_name: str, alias: str | None) -> Program:
        def register() -> None:
            opts = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=alias)] if alias else None)
            sp.Environment(resource_name, name=f"{unique}-env", opts=opts)

        return register

    platform_engine.stack("alias", program("old", None)).up()
    stack = platform_engine.stack("alias", program("new", "old"))

    stack.up(expect_no_changes=True)
    stack.destroy()


def test_an_object_is_imported_by_its_name(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    manifest = {"type": "environment", "name": f"{unique}-env", "is_production": True}
    theirs = control_plane.client.create(manifest)

    def program(import_: str | None) -> Program:
        def register() -> None:
            opts = pulumi.ResourceOptions(import_=import_)
            sp.Environment("env", name=f"{unique}-env", is_production=True, opts=opts)

        return register

    with pytest.raises(automation.CommandError, match="pulumi import splitplane:index:Environment"):
        platform_engine.stack("import", program(None)).up()
    stack = platform_engine.stack("import", program(f"environment:{unique}-env"))
    assert _changes(stack.up())["import"] == 1
    ids = [item.get("id") for item in stack.export_stack().deployment["resources"]]
    assert theirs.id in ids
    platform_engine.stack("import", program(None)).up(expect_no_changes=True)
    stack.destroy()
    assert not control_plane.is_listed("environment", f"{unique}-env")


def test_unknown_values_preview(platform_engine: Engine, unique: str) -> None:
    def register() -> None:
        first = sp.Environment("first", name=f"{unique}-one")
        # An id is unknown until the object exists.
        second = sp.Environment("second", name=f"{unique}-two", display_name=first.id)
        sp.Cluster("cluster", name=f"{unique}-c", environments=[first.name, second.id])

    stack = platform_engine.stack("unknown", register)

    assert _summary(stack.preview()) == {"create": 4}
    with pytest.raises(automation.CommandError, match=r"environments\[1\]"):
        stack.up()
    stack.destroy()


def test_a_wrong_input_stops_the_preview(platform_engine: Engine, unique: str) -> None:
    def register() -> None:
        sp.Environment("env", name=f"{unique}-env", optimize_for="speed")

    stack = platform_engine.stack("wrong", register)

    with pytest.raises(automation.CommandError, match="'cost' or 'availability'"):
        stack.preview()


def test_the_provider_resource_configures_and_may_move(
    engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    moved = control_plane.endpoint.replace("127.0.0.1", "localhost")

    def program(endpoint: str) -> Program:
        def register() -> None:
            provider = sp.Provider("plane", endpoint=endpoint, token=control_plane.token)
            opts = pulumi.ResourceOptions(provider=provider)
            sp.Environment("env", name=f"{unique}-env", opts=opts)

        return register

    engine.stack("provider", program(control_plane.endpoint)).up()
    stack = engine.stack("provider", program(moved))

    assert _summary(stack.preview()) == {"update": 1, "same": 2}
    stack.up()
    state = "".join(item.read_text() for item in engine.backend.rglob("*.json"))
    assert control_plane.token not in state
    stack.destroy()


def test_an_update_that_was_killed_converges_without_duplicates(
    platform_engine: Engine, control_plane: ControlPlane, unique: str, repository: Path
) -> None:
    stack = platform_engine.stack("killed", registrations(unique))
    script = repository / "tests" / "standins" / "engine_programs.py"
    arguments = {
        "directory": str(platform_engine.directory),
        "environment": dict(platform_engine.environment),
        "name": unique,
    }
    victim = subprocess.Popen(
        [sys.executable, str(script), json.dumps(arguments)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(
            lambda: control_plane.is_listed("environment", f"{unique}-env"),
            what="the first object of the update",
        )
    finally:
        # The engine, its plugin and the program die at once, as when a machine does.
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()

    stack.cancel()
    stack.up()

    for kind, name in (("environment", "env"), ("cluster", "c"), ("storage-integration", "s")):
        assert control_plane.count(kind, f"{unique}-{name}") == 1
    stack.up(expect_no_changes=True)
    stack.destroy()
    assert not control_plane.is_listed("environment", f"{unique}-env")


def _view(control_plane: ControlPlane, kind: str, name: str) -> dict[str, Any]:
    prefix = "environment:" if kind == "environment" else ""
    return dict(control_plane.client.get(kind, prefix + name).manifest)


def test_the_engine_finds_nothing_wrong_with_the_schema(repository: Path) -> None:
    schema = repository / "provider" / "splitplane" / "provider" / "schema.json"

    done = subprocess.run(
        [resolve("pulumi"), "schema", "check", schema],
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
