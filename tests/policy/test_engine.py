"""The whole pack by the real engine: `--policy-pack` on programs with the clouds' own SDKs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_azure_native as azure_native
import pulumi_gcp as gcp
import pytest
from pulumi.automation import CommandError

from splitplane import resources as sp
from splitplane.controlplane.identity.secrets import PERSONAL, new_secret
from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow, pytest.mark.timeout(300)]

TOKEN = new_secret(PERSONAL)
DEV = {"environment": "dev"}
OFFICE = "198.51.100.0/24"
PROTECTED = pulumi.ResourceOptions(protect=True)
_VIOLATION = re.compile(r"^ +- \[(\w+)\].*?  ([\w-]+)  \((\S+): (\S+)\)$", re.MULTILINE)
Check = Callable[..., str]


@pytest.fixture
def preview(engine: Engine, repository: Path, tmp_path: Path) -> Check:
    """Runs `pulumi preview` of a program with the pack; what the engine printed."""

    def run(program: Callable[[], None], config: dict[str, object] | None = None) -> str:
        path = tmp_path / "policy-config.json"
        path.write_text(json.dumps(config or {}))
        stack = engine.stack("checked", program)
        try:
            return stack.preview(
                policy_packs=[str(repository / "policy")],
                policy_pack_configs=[str(path)],
                color="never",
            ).stdout
        except CommandError as exc:
            return str(exc)

    return run


def violations(output: str) -> set[tuple[str, str, str]]:
    """(level, policy, name of the resource) of every violation."""
    assert "splitplane@v0.1.0" in output, output
    return {(level, policy, name) for level, policy, _, name in _VIOLATION.findall(output)}


def good() -> None:
    """A program that keeps every rule."""
    aws.eks.Cluster(
        "eks",
        role_arn="arn:aws:iam::111122223333:role/eks",
        vpc_config={"subnet_ids": ["subnet-1"], "endpoint_public_access": False},
        tags={"environment": "prod"},
        opts=PROTECTED,
    )
    gcp.container.Cluster(
        "gke",
        master_authorized_networks_config={"cidr_blocks": [{"cidr_block": OFFICE}]},
        resource_labels=DEV,
    )
    azure_native.containerservice.ManagedCluster(
        "aks",
        resource_group_name="g",
        api_server_access_profile={"enable_private_cluster": True},
        tags=DEV,
    )
    live = sp.Environment("live", name="live", is_production=True)
    cluster = sp.Cluster("cluster", name="c", environments=[live.name], opts=PROTECTED)
    workspace = sp.Workspace("workspace", name="w", cluster=cluster.name, environment=live.name)
    sp.Application(
        "app",
        name="a",
        workspace=workspace.name,
        wait_for="none",
        service=sp.ServiceArgs(
            image="registry.example.com/a:1",
            ports=[sp.PortArgs(port=80)],
            env={"API_KEY": pulumi.Output.secret(TOKEN)},
        ),
    )


def bad() -> None:
    """A program that breaks every rule."""
    aws.eks.Cluster(
        "eks",
        role_arn="arn:aws:iam::111122223333:role/eks",
        vpc_config={"subnet_ids": ["subnet-1"], "public_access_cidrs": ["0.0.0.0/0"]},
        tags={"environment": "prod"},
    )
    gcp.container.Cluster("gke", resource_labels=DEV)
    azure_native.containerservice.ManagedCluster("aks", resource_group_name="g", tags=DEV)
    aws.sqs.Queue("queue")
    gcp.pubsub.Topic("topic", labels={"team": "ml"})
    azure_native.resources.ResourceGroup("group")
    live = sp.Environment("live", name="live", is_production=True)
    cluster = sp.Cluster("cluster", name="c", environments=[live.name])
    workspace = sp.Workspace("workspace", name="w", cluster=cluster.name, environment="")
    sp.Application(
        "app",
        name="a",
        workspace=workspace.name,
        wait_for="none",
        service=sp.ServiceArgs(
            image="registry.example.com/a:1",
            ports=[sp.PortArgs(port=80)],
            env={"API_KEY": TOKEN},
        ),
    )


def test_a_program_that_keeps_every_rule_passes(preview: Check) -> None:
    output = preview(good)

    assert "code: " not in output
    assert violations(output) == set()


def test_a_program_that_breaks_every_rule_fails(preview: Check) -> None:
    output = preview(bad)

    assert "error: preview failed" in output
    assert violations(output) == {
        ("mandatory", "no-public-api-endpoint", "eks"),
        ("mandatory", "no-public-api-endpoint", "gke"),
        ("mandatory", "no-public-api-endpoint", "aks"),
        ("mandatory", "production-clusters-protected", "eks"),
        ("mandatory", "production-clusters-protected", "cluster"),
        ("mandatory", "no-plain-secrets", "app"),
        ("mandatory", "environment-named", "queue"),
        ("mandatory", "environment-named", "topic"),
        ("mandatory", "environment-named", "group"),
        ("mandatory", "environment-named", "workspace"),
    }
    assert "service.env.API_KEY holds a token of the control plane" in output
    assert TOKEN not in output


def test_an_update_that_breaks_a_rule_makes_nothing(engine: Engine, repository: Path) -> None:
    def program() -> None:
        aws.sqs.Queue("queue")

    stack = engine.stack("refused", program)

    with pytest.raises(CommandError):
        stack.up(policy_packs=[str(repository / "policy")], color="never")

    resources = stack.export_stack().deployment["resources"]
    assert [item["type"] for item in resources if "Queue" in item["type"]] == []


def test_levels_and_settings_come_from_the_configuration(preview: Check) -> None:
    def program() -> None:
        aws.sqs.Queue("queue", tags={"stage": "dev"})
        aws.sqs.Queue("untagged")
        gcp.container.Cluster("gke", resource_labels={"stage": "dev"})

    output = preview(
        program,
        {
            "no-public-api-endpoint": "disabled",
            "environment-named": {"enforcementLevel": "advisory", "environmentTags": ["stage"]},
        },
    )

    assert "code: " not in output
    assert violations(output) == {("advisory", "environment-named", "untagged")}


def test_a_setting_of_the_wrong_type_is_refused(preview: Check) -> None:
    output = preview(lambda: None, {"environment-named": {"environmentTags": "stage"}})

    assert "environmentTags" in output
    assert "Expected: array" in output or "Invalid type" in output


def test_an_unknown_setting_is_refused(preview: Check) -> None:
    output = preview(lambda: None, {"environment-named": {"tagNames": ["stage"]}})

    assert "the policy has no setting 'tagNames'; there are environmentTags, " in output
    assert "code: " in output


def test_default_tags_of_the_provider_count(preview: Check) -> None:
    def program() -> None:
        provider = aws.Provider("tagged", region="eu-west-1", default_tags={"tags": DEV})
        aws.sqs.Queue("queue", opts=pulumi.ResourceOptions(provider=provider))

    assert violations(preview(program)) == set()
