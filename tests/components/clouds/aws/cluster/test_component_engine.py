"""A cluster under the real engine: made, left alone, upgraded by one minor, and taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from clouds.graph import assert_destroyed_in_reverse, state_graph
from clouds.program import Clouds
from pulumi import automation

from splitplane.components.clouds.aws.cluster.component import EksCluster
from splitplane.components.clouds.aws.cluster.running import check_running_cluster
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.parts import NetworkParts, Place
from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

REGION = {"aws:region": "eu-west-1"}
PLACE = Place(Scope("aws", "eu-west-1", "111122223333"), ())
TEAM = "arn:aws:iam::111122223333:role/ml-team"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.33",
    "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
    "secrets_kms_key": "created",
    "workload_identity": "irsa",
}


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Part", name)


def _program(**changes: Any) -> Callable[[], None]:
    def program() -> None:
        settings = parse_settings(BASE | changes)
        parent = Part("plane")
        check_running_cluster(parent, settings)
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        subnets = [
            aws.ec2.Subnet(f"subnet-{index}", vpc_id=vpc.id, cidr_block=f"10.0.{index}.0/24").id
            for index in range(2)
        ]
        gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
        network = NetworkParts(vpc.id, {}, {}, {}, subnets, [gateway])
        opts = pulumi.ResourceOptions(parent=parent)
        cluster = EksCluster("prod-eu", settings, PLACE, network, opts)
        pulumi.export("version", cluster.parts.version)
        pulumi.export("issuer", cluster.parts.oidc_issuer_url)

    return program


def _runs(clouds: Clouds, version: str) -> None:
    """The cluster of the stack is listed from now on, with this version."""
    found = {"id": "prod-eu", "name": "prod-eu", "version": version}
    clouds.answer(
        "aws",
        {
            "aws:eks/getClusters:getClusters": {"id": "eu-west-1", "names": ["prod-eu"]},
            "aws:eks/getCluster:getCluster": found,
        },
    )


@pytest.mark.slow
def test_a_cluster_lives_from_preview_to_destroy(cloud_engine: Engine, clouds: Clouds) -> None:
    store = clouds.store("aws")
    stack = cloud_engine.stack("life", _program(), REGION)

    planned = stack.preview().change_summary
    outputs = stack.up().outputs
    _runs(clouds, "1.33")
    stack.up(expect_no_changes=True)

    # Stack, component and its parent; VPC, two subnets and gateway; the cluster with role,
    # attachment, key, alias, policy, log group, provider, and the deployer's entry and policy.
    assert {str(key): count for key, count in planned.items()} == {"create": 17}
    assert outputs["version"].value == "1.33"
    assert outputs["issuer"].value.startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")

    stack = cloud_engine.stack("life", _program(kubernetes_version="1.35"), REGION)
    with pytest.raises(automation.CommandError, match=r"2 minors after the cluster's '1\.33'"):
        stack.up()
    stack = cloud_engine.stack("life", _program(kubernetes_version="1.34"), REGION)
    assert stack.up().summary.resource_changes == {"same": 16, "update": 1}

    events: list[automation.EngineEvent] = []
    graph = state_graph(stack.export_stack().deployment or {})
    stack.destroy(on_event=events.append)
    assert_destroyed_in_reverse(graph, events)
    assert store.all() == []


def test_an_entry_with_another_scope_takes_the_place_of_the_first(
    cloud_engine: Engine, clouds: Clouds
) -> None:
    def with_scope(**scope: Any) -> Callable[[], None]:
        entry = {"principal_arn": TEAM, "policy_arns": [VIEW], **scope}
        return _program(access_entries=[entry])

    cloud_engine.stack("scope", with_scope(), REGION).up()
    calls = len(clouds.store("aws").calls())
    narrowed = with_scope(scope="namespace", namespaces=["team1"])

    cloud_engine.stack("scope", narrowed, REGION).up()

    changes = [
        operation
        for operation, kind, _ in clouds.store("aws").calls()[calls:]
        if operation in ("create", "delete", "update")
        and kind == "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    ]
    assert changes == ["delete", "create"]
