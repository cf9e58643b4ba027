"""Functions, configuration, logs, attaching and cancelling, under the real engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest
from control_plane import ControlPlane, running_control_plane
from engine_programs import CANARY, Program
from kinds_table import make_workspace
from polling import wait_for
from provider_harness import PluginProcess
from pulumi import automation

from splitplane import resources as sp
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools


@pytest.fixture(scope="module")
def second_plane() -> Iterator[ControlPlane]:
    """Another control plane, whose tenant has the same name."""
    with running_control_plane() as found:
        yield found


def _summary(result: automation.PreviewResult) -> dict[str, int]:
    return {str(key): count for key, count in result.change_summary.items()}


def _environment(name: str, provider: pulumi.ProviderResource | None = None) -> sp.Environment:
    return sp.Environment("env", name=name, opts=pulumi.ResourceOptions(provider=provider))


def test_functions_answer_in_both_forms(platform_engine: Engine, unique: str) -> None:
    def register() -> None:
        plain = sp.get_environment("dev")
        cluster = sp.Cluster("cluster", name=unique, environments=[plain.name])
        workspace = sp.Workspace("ws", name=unique, cluster=cluster.name, environment="dev")
        # The id is not known before the cluster exists: the function waits for it.
        found = sp.get_cluster_output(cluster.id)
        can = sp.get_capabilities_output(found.fqn)
        rendered = sp.render_application_output(
            name="one",
            workspace=workspace.fqn,
            service=sp.ServiceArgs(
                image="registry.example.com/a:1", env={"KEY": pulumi.Output.secret(CANARY)}
            ),
        )
        agent = sp.get_agent_manifests(
            "https://cp.example.com", uses_join_token=False, delivery="direct"
        )
        pulumi.export("plain", [plain.fqn, plain.status])
        pulumi.export("found", [found.fqn, found.is_connected, found.environments])
        pulumi.export("taint", can.gpu_taint.apply(lambda taint: taint and taint.key))
        pulumi.export("rendered", rendered.objects.apply(lambda objects: objects[-1]["kind"]))
        pulumi.export("agent", agent.objects[-1]["kind"])

    stack = platform_engine.stack("functions", register)
    stack.preview()
    outputs = stack.up().outputs
    stack.up(expect_no_changes=True)

    assert {name: output.value for name, output in outputs.items()} == {
        "plain": ["environment:dev", "ready"],
        "found": [unique, False, ["dev"]],
        "taint": "nvidia.com/gpu",
        "rendered": "Deployment",
        "agent": "Deployment",
    }
    assert [name for name, output in outputs.items() if output.secret] == ["rendered"]
    state = "".join(item.read_text() for item in platform_engine.backend.rglob("*.json"))
    assert CANARY not in state
    stack.destroy()


def test_a_refused_argument_ends_the_program_with_its_name(
    platform_engine: Engine, unique: str
) -> None:
    def register() -> None:
        sp.render_application(name=unique, workspace="a:b", service=sp.ServiceArgs(image="a b"))

    with pytest.raises(automation.CommandError) as info:
        platform_engine.stack("refused", register).preview()

    assert "invoke of splitplane:index:renderApplication failed" in str(info.value)
    assert "(service.image)" in str(info.value)


def test_the_stacks_configuration_is_used_and_checked(
    engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    config = {
        "splitplane:endpoint": control_plane.endpoint,
        "splitplane:token": control_plane.token,
        "splitplane:timeoutSeconds": "20",
        "splitplane:retries": "2",
    }
    stack = engine.stack("config", lambda: _program(unique), config)
    stack.up()
    stack.up(expect_no_changes=True)
    stack.set_config("splitplane:retries", automation.ConfigValue("many"))

    with pytest.raises(automation.CommandError, match="retries 'many' is not a whole number"):
        stack.preview()

    stack.set_config("splitplane:retries", automation.ConfigValue("3"))
    assert _summary(stack.preview()) == {"same": 2}
    stack.destroy()


def _program(name: str) -> None:
    _environment(name)


def test_numbers_of_a_provider_resource_are_inputs(
    engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    def program(timeout_seconds: float) -> Program:
        def register() -> None:
            provider = sp.Provider(
                "plane",
                endpoint=control_plane.endpoint,
                token=control_plane.token,
                timeout_seconds=timeout_seconds,
                retries=0,
            )
            _environment(unique, provider)

        return register

    stack = engine.stack("numbers", program(12.5))
    stack.up()
    stack.up(expect_no_changes=True)
    stack = engine.stack("numbers", program(13))

    assert _summary(stack.preview()) == {"update": 1, "same": 2}
    stack.up()
    stack.destroy()


def test_another_tenant_ends_the_preview_and_keeps_the_objects(
    engine: Engine, control_plane: ControlPlane, second_plane: ControlPlane, unique: str
) -> None:
    def program(plane: ControlPlane) -> Program:
        def register() -> None:
            provider = sp.Provider("plane", endpoint=plane.endpoint, token=plane.token)
            _environment(unique, provider)

        return register

    engine.stack("tenant", program(control_plane)).up()
    stack = engine.stack("tenant", program(second_plane))

    for operation in (stack.preview, stack.up):
        with pytest.raises(automation.CommandError, match="nothing was changed"):
            operation()

    assert control_plane.is_listed("environment", unique)
    assert not second_plane.is_listed("environment", unique)
    stack = engine.stack("tenant", program(control_plane))
    stack.up(expect_no_changes=True)
    stack.destroy()


def test_an_attached_plugin_serves_one_operation_after_the_other(
    engine: Engine, control_plane: ControlPlane, plugin_command: Path, unique: str
) -> None:
    variables = {
        "SPLITPLANE_ENDPOINT": control_plane.endpoint,
        "SPLITPLANE_TOKEN": control_plane.token,
    }
    workspace = make_workspace(control_plane, unique)
    shown: list[str] = []

    def register() -> None:
        sp.Application(
            "app",
            name=unique,
            workspace=workspace,
            service=sp.ServiceArgs(image="registry.example.com/a:1"),
            opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="2s")),
        )

    def show(event: automation.events.EngineEvent) -> None:
        if event.diagnostic_event is not None:
            shown.append(event.diagnostic_event.message)

    with PluginProcess([plugin_command], environment=variables) as plugin:
        port = int(plugin.first_line)
        attached = replace(
            engine, environment={"PULUMI_DEBUG_PROVIDERS": f"splitplane:{port}", **variables}
        )
        with attached:
            stack = attached.stack("attach", register)
            stack.preview()
            # A wait that an earlier operation's end has not cut short, shown by this engine.
            with pytest.raises(automation.CommandError):
                stack.up(on_event=show)
            stack.destroy()

            plugin.process.kill()
            plugin.process.wait()
            with pytest.raises(automation.CommandError):
                stack.preview()
    text = f"waiting for application '{workspace}:{unique}' to be available"
    assert any(text in message for message in shown)
    assert any("(1 s)" in message for message in shown)


def test_a_cancelled_update_ends_soon_and_keeps_what_it_made(
    platform_engine: Engine, control_plane: ControlPlane, unique: str, repository: Path
) -> None:
    workspace = make_workspace(control_plane, unique)
    script = repository / "tests" / "standins" / "cancelled_program.py"
    arguments = {
        "directory": str(platform_engine.directory),
        "environment": dict(platform_engine.environment),
        "name": unique,
        "workspace": workspace,
    }
    victim = subprocess.Popen(
        [sys.executable, str(script), json.dumps(arguments)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(
            lambda: control_plane.is_listed("application", unique),
            what="the application that is waited for",
        )
        wait_for(lambda: _engines_of(victim.pid) != [], what="the engine")
        (engine_pid,) = _engines_of(victim.pid)
        os.kill(engine_pid, signal.SIGINT)
        out, errors = victim.communicate(timeout=60)
    finally:
        if victim.poll() is None:
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait()

    assert victim.returncode == 0, errors
    # Ten minutes it would have waited.
    assert "cancelled" in out
    assert "exited prematurely" not in out
    stack = platform_engine.stack("cancelled", lambda: None)
    state = stack.export_stack().deployment
    kept = [item["type"] for item in state["resources"]]
    assert "splitplane:index:Application" in kept
    assert not state.get("pending_operations")
    stack.destroy()
    assert not control_plane.is_listed("application", unique)


def _engines_of(pid: int) -> list[int]:
    """Processes of the Pulumi engine that the process started."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    pids = [int(part) for path in children for part in path.read_text().split()]
    return [child for child in pids if "pulumi" in Path(f"/proc/{child}/comm").read_text()]
