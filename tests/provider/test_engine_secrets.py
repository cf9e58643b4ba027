"""No secret is found where it could be read: in states, on screens, in logs."""

from __future__ import annotations

import pulumi
import pytest
from control_plane import ControlPlane
from engine_programs import CANARY

from splitplane import resources as sp
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools


def test_nothing_that_is_written_down_holds_a_secret(
    engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    secret = pulumi.Output.secret

    def register() -> None:
        provider = sp.Provider(
            "plane", endpoint=control_plane.endpoint, token=secret(control_plane.token)
        )
        opts = pulumi.ResourceOptions(provider=provider)
        environment = sp.Environment(
            "environment", name=f"{unique}-env", display_name=secret(f"{CANARY}-a"), opts=opts
        )
        cluster = sp.Cluster(
            "cluster",
            name=f"{unique}-c",
            environments=[environment.name],
            labels={"a": secret(f"{CANARY}-b")},
            opts=opts,
        )
        workspace = sp.Workspace(
            "workspace",
            name=f"{unique}-w",
            cluster=cluster.name,
            environment=environment.name,
            opts=opts,
        )
        sp.Application(
            "application",
            name=f"{unique}-a",
            workspace=workspace.fqn,
            wait_for="none",
            service=sp.ServiceArgs(
                image="registry.example.com/a:1",
                args=["--key", secret(f"{CANARY}-c")],
                env={"API_KEY": secret(f"{CANARY}-d")},
            ),
            opts=opts,
        )
        account = sp.ServiceAccount("account", name=f"{unique}-sa", opts=opts)
        token = sp.Token("bearer", name="bearer", service_account=account.name, opts=opts)
        pulumi.export("token", cluster.join_token)
        pulumi.export("bearer", token.token)
        pulumi.export("args", environment.display_name)

    lines: list[str] = []
    loud = {
        "on_output": lines.append,
        "on_error": lines.append,
        "debug": True,
        "log_to_std_err": True,
        "log_verbosity": 3,
    }
    stack = engine.stack("secrets", register)
    stack.preview(diff=True, **loud)
    outputs = stack.up(diff=True, show_secrets=False, **loud).outputs
    stack.refresh(show_secrets=False, **loud)
    secrets = {key: item.value for key, item in stack.outputs().items() if item.secret}
    command = ["stack", "export", "--stack", stack.name]
    exported = stack.workspace.pulumi_command.run(
        command, stack.workspace.work_dir, {**engine.variables()}
    ).stdout
    files = [path.read_text(errors="replace") for path in engine.directory.rglob("*.json")]
    lines.append(stack.destroy(show_secrets=False, **loud).stdout)

    written = "\n".join([*lines, exported, *files])
    assert "ciphertext" in exported
    assert f"{unique}-env" in written
    assert secrets["token"].startswith("spl_join_")
    assert secrets["bearer"].startswith("spl_sa_")
    assert all(outputs[key].secret for key in ("token", "bearer", "args"))
    for canary in (CANARY, control_plane.token, *secrets.values()):
        assert [line[:500] for line in written.splitlines() if canary in line] == []
