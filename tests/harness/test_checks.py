"""What the stand-ins refuse: what the SDKs' argument classes do not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clouds.plugin import CloudPlugin

from splitplane.provider.codec import UNKNOWN, ResourceRef, Secret
from splitplane.provider.errors import BadInput, Unsupported

MakePlugin = Callable[[str], CloudPlugin]

CLUSTER = "aws:eks/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
AKS = "azure-native:containerservice:ManagedCluster"
VPC_CONFIG = {"subnetIds": ["subnet-1"]}
GOOD: dict[str, Any] = {"roleArn": "arn:role", "vpcConfig": VPC_CONFIG}


def _failures(plugin: CloudPlugin, token: str, inputs: dict[str, Any]) -> list[tuple[str, str]]:
    urn = f"urn:pulumi:prod::acme::{token}::one"
    _, failures = plugin.resource_at(urn).check({}, inputs)
    return [(item.path, item.reason.partition(";")[0]) for item in failures]


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (CLUSTER, GOOD, []),
        (CLUSTER, GOOD | {"vpcConfig": UNKNOWN, "version": UNKNOWN}, []),
        (CLUSTER, GOOD | {"vpcConfig": {"subnetIds": [UNKNOWN]}}, []),
        (CLUSTER, GOOD | {"version": Secret("1.35")}, []),
        (CLUSTER, GOOD | {"roleArn": ResourceRef("urn:x", "arn:role")}, []),
        (CLUSTER, GOOD | {"vpcConfig": None}, [("vpcConfig", "is required and missing")]),
        (CLUSTER, GOOD | {"verison": "1.35"}, [("verison", "is no input")]),
        (CLUSTER, GOOD | {"version": 1.35}, [("version", "must be str, got 1.35")]),
        (CLUSTER, GOOD | {"deletionProtection": "yes"}, None),
        (
            CLUSTER,
            GOOD | {"vpcConfig": {"endpointPublicAccess": False}},
            [("vpcConfig.subnetIds", "is required and missing")],
        ),
        (
            CLUSTER,
            GOOD | {"vpcConfig": VPC_CONFIG | {"publicCidrs": []}},
            [("vpcConfig.publicCidrs", "is no input")],
        ),
        (
            CLUSTER,
            GOOD | {"vpcConfig": {"subnetIds": ["subnet-1", 2]}},
            [("vpcConfig.subnetIds[1]", "must be str, got 2")],
        ),
        (
            CLUSTER,
            GOOD | {"enabledClusterLogTypes": "api"},
            [("enabledClusterLogTypes", "must be a list, got 'api'")],
        ),
        (
            CLUSTER,
            GOOD | {"tags": {"a/b": True}},
            [('tags["a/b"]', "must be str, got True")],
        ),
        ("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, []),
        ("aws:iam/role:Role", {"assumeRolePolicy": {"Version": "2012-10-17"}}, None),
        (NODE_POOL, {"cluster": "c", "nodeCount": 2}, []),
        (NODE_POOL, {"nodeCount": 2}, [("cluster", "is required and missing")]),
        (NODE_POOL, {"cluster": "c", "nodeCount": 2.5}, [("nodeCount", "must be int, got 2.5")]),
        (
            NODE_POOL,
            {"cluster": "c", "nodeConfig": {"taints": [{"key": "a", "value": "b"}]}},
            [("nodeConfig.taints[0].effect", "is required and missing")],
        ),
        (AKS, {"resourceGroupName": "g", "supportPlan": "KubernetesOfficial"}, []),
        (AKS, {}, [("resourceGroupName", "is required and missing")]),
        (
            AKS,
            {"resourceGroupName": "g", "agentPoolProfiles": [{"name": "a", "cuont": 1}]},
            [("agentPoolProfiles[0].cuont", "is no input")],
        ),
    ],
)
def test_inputs_are_held_against_the_sdk(
    plugin: MakePlugin,
    token: str,
    inputs: dict[str, Any],
    expected: list[tuple[str, str]] | None,
) -> None:
    found = _failures(plugin(token.partition(":")[0]), token, inputs)

    if expected is None:
        assert found
    else:
        assert found == expected


def test_a_type_that_the_sdk_lacks_is_refused(plugin: MakePlugin) -> None:
    with pytest.raises(Unsupported, match="aws:eks/clutser:Clutser"):
        plugin("aws").resource("aws:eks/clutser:Clutser")


def test_the_configuration_is_held_against_the_sdk(plugin: MakePlugin) -> None:
    _, good = plugin("aws").check_config(
        {"region": "eu-west-1", "defaultTags": '{"tags": {"a": "b"}}', "version": "7.51.1"}
    )
    _, bad = plugin("aws").check_config({"regoin": "x", "defaultTags": '{"tag": {}}'})

    assert good == []
    assert [item.path for item in bad] == ["defaultTags.tag", "regoin"]


def test_aws_without_a_region_is_refused(plugin: MakePlugin) -> None:
    made = plugin("aws")
    made.configure({})

    with pytest.raises(BadInput, match="aws:region is not set"):
        made.resource(CLUSTER)
