"""The stand-in for the AWS plugin under the real engine: a network and a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from clouds.graph import (
    Graph,
    assert_after,
    assert_destroyed_in_reverse,
    assert_unordered,
    state_graph,
)
from clouds.program import Clouds
from clouds.store import Fault
from pulumi import automation

from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

REGION = {"aws:region": "eu-west-1"}
Program = Callable[[], None]


def cluster(**changes: Any) -> Program:
    """A VPC with two subnets and a cluster in them."""

    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
        subnets = [
            aws.ec2.Subnet(
                f"subnet-{zone}",
                vpc_id=vpc.id,
                availability_zone=f"eu-west-1{zone}",
                cidr_block=f"10.0.{index}.0/24",
            )
            for index, zone in enumerate("ab")
        ]
        trust = '{"Version": "2012-10-17", "Statement": []}'
        role = aws.iam.Role("role", assume_role_policy=trust)
        arguments: dict[str, Any] = {
            "role_arn": role.arn,
            "version": "1.35",
            "access_config": {"authentication_mode": "API"},
            "vpc_config": {
                "subnet_ids": [item.id for item in subnets],
                "endpoint_private_access": True,
            },
            **changes,
        }
        made = aws.eks.Cluster("cluster", **arguments)
        pulumi.export("name", made.name)
        pulumi.export("endpoint", made.endpoint)
        pulumi.export("issuer", made.identities[0].oidcs[0].issuer)
        pulumi.export("security_group", made.vpc_config.cluster_security_group_id)

    return program


def _summary(result: automation.PreviewResult) -> dict[str, int]:
    return {str(key): count for key, count in result.change_summary.items()}


@pytest.mark.slow
def test_a_cluster_lives_from_preview_to_destroy(cloud_engine: Engine, clouds: Clouds) -> None:
    store = clouds.store("aws")
    stack = cloud_engine.stack("life", cluster(), REGION)

    assert _summary(stack.preview()) == {"create": 6}
    assert store.all() == []
    outputs = stack.up().outputs
    first = outputs["name"].value
    assert first.startswith("cluster-")
    assert outputs["endpoint"].value.endswith(".gr7.eu-west-1.eks.amazonaws.com")
    assert outputs["issuer"].value.startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert outputs["security_group"].value.startswith("sg-")
    assert len(store.all()) == 5
    stack.up(expect_no_changes=True)

    changed = cluster(kubernetes_network_config={"ip_family": "ipv6"})
    stack = cloud_engine.stack("life", changed, REGION)
    replaced = stack.up()
    assert replaced.summary.resource_changes == {"replace": 1, "same": 5}
    assert replaced.outputs["name"].value != first
    assert store.get("aws:eks/cluster:Cluster", first) is None

    stack.destroy()
    assert store.all() == []


def test_a_failed_update_is_completed_by_the_next(cloud_engine: Engine, clouds: Clouds) -> None:
    store = clouds.store("aws")
    store.set_faults([Fault("create", "aws:eks/cluster:Cluster", call=1, error="no capacity left")])
    stack = cloud_engine.stack("faults", cluster(), REGION)

    with pytest.raises(automation.CommandError, match="no capacity left"):
        stack.up()
    assert "aws:eks/cluster:Cluster" not in [item.type for item in store.all()]
    stack.up()

    created = [name for operation, _, name in store.calls() if operation == "create"]
    assert sorted(created) == ["cluster", "cluster", "role", "subnet-a", "subnet-b", "vpc"]


def test_what_a_resource_needs_outlives_it(cloud_engine: Engine, clouds: Clouds) -> None:
    store = clouds.store("aws")
    stack = cloud_engine.stack("order", cluster(), REGION)
    stack.up()
    graph = state_graph(stack.export_stack().deployment or {})
    events: list[automation.EngineEvent] = []

    stack.destroy(on_event=events.append)

    assert_after(graph, "cluster", "role")
    assert_after(graph, "cluster", "aws:ec2/vpc:Vpc")
    assert_unordered(graph, "subnet-a", "subnet-b")
    assert_destroyed_in_reverse(graph, events)
    wrong = Graph({graph.find("role"): frozenset({graph.find("cluster")})})
    with pytest.raises(AssertionError, match="was deleted while"):
        assert_destroyed_in_reverse(wrong, events)
    deleted = [name for operation, _, name in store.calls() if operation == "delete"]
    assert deleted[0] == "cluster"
    assert deleted.index("vpc") > deleted.index("subnet-b")


def test_the_engine_shows_which_input_is_wrong(cloud_engine: Engine, clouds: Clouds) -> None:
    def program() -> None:
        typo: Any = {"subnet_ids": ["subnet-1"], "endpoint_private": True}
        aws.eks.Cluster("cluster", role_arn="arn:role", version="1.35", vpc_config=typo)

    stack = cloud_engine.stack("refused", program, REGION)

    with pytest.raises(automation.CommandError) as caught:
        stack.preview()

    assert "vpcConfig.endpoint_private" in str(caught.value)
    assert clouds.store("aws").all() == []
