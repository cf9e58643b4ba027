"""System nodes come after what they need, hardened, on the cluster's minor and a pinned image."""

from __future__ import annotations

import base64
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.nodes.security import declare_node_security_group
from splitplane.components.clouds.aws.nodes.system import declare_system_nodes
from splitplane.components.clouds.aws.parts import Plane

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
GRANT = "aws:kms/grant:Grant"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"


def declare(parent: Parent, plane: Plane) -> list[pulumi.Resource]:
    cni = aws.eks.Addon(
        "vpc-cni",
        cluster_name=plane.cluster.name,
        addon_name="vpc-cni",
        opts=pulumi.ResourceOptions(parent=parent),
    )
    security = declare_node_security_group(parent, plane)
    return declare_system_nodes(parent, plane, security=security, depends_on=[cni])


def declared(*, is_preview: bool = False, **args: Any) -> Recording:
    program = with_plane(settings_of(**args), declare)
    return record(program, is_preview=is_preview, answers=CloudAnswers())


def children(recording: Recording) -> list[str]:
    return sorted(
        f"{item.type.rpartition(':')[2]} {item.name}"
        for item in recording.resources
        if item.parent == "plane" and item.name != "vpc-cni" and item.type != ATTACHMENT
    )


def test_group_template_and_role_make_the_system_nodes() -> None:
    assert children(declared()) == [
        "LaunchTemplate prod-eu-system",
        "NodeGroup prod-eu-system",
        "Role prod-eu-system-nodes",
    ]


def test_the_group_is_what_the_settings_say() -> None:
    group = declared().one(GROUP)

    inputs = dict(group.inputs)
    assert inputs.pop("launchTemplate")["version"] == "1"
    assert inputs == {
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "clusterName": "prod-eu",
        "instanceTypes": ["m7i.large", "m6i.large", "m5.large"],
        "labels": {"karpenter.sh/controller": "true"},
        "nodeGroupNamePrefix": "prod-eu-system-",
        "nodeRepairConfig": {"enabled": True},
        "nodeRoleArn": "arn:aws:iam::111122223333:role/prod-eu-system-nodes-eu-west-1",
        "releaseVersion": "1.35.7-20260903",
        "scalingConfig": {"desiredSize": 2.0, "maxSize": 2.0, "minSize": 2.0},
        "subnetIds": ["subnet-a", "subnet-b", "subnet-c"],
        "tags": {"Name": "prod-eu-system", "splitplane.io/cluster": "prod-eu"},
        "updateConfig": {"maxUnavailable": 1.0},
        "version": "1.35",
    }


def test_machines_are_hardened() -> None:
    template = declared(storage={"kms_key_arn": KEY}, tags={"team": "ml"}).one(TEMPLATE).inputs

    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpPutResponseHopLimit": 1.0,
        "httpTokens": "required",
    }
    assert template["blockDeviceMappings"] == [
        {
            "deviceName": "/dev/xvda",
            "ebs": {
                "deleteOnTermination": "true",
                "encrypted": "true",
                "kmsKeyId": KEY,
                "volumeSize": 50.0,
                "volumeType": "gp3",
            },
        }
    ]
    tags = {"Name": "prod-eu-system", "splitplane.io/cluster": "prod-eu", "team": "ml"}
    assert template["tagSpecifications"] == [
        {"resourceType": "instance", "tags": tags},
        {"resourceType": "volume", "tags": tags},
        {"resourceType": "network-interface", "tags": tags},
    ]


def test_what_a_template_may_not_have_is_not_in_it() -> None:
    template = declared().one(TEMPLATE).inputs

    refused = {"iamInstanceProfile", "networkInterfaces", "instanceType", "imageId", "keyName"}
    assert refused.isdisjoint(template)
    assert "vpcSecurityGroupIds" not in template


def test_bottlerocket_has_a_disk_of_its_own_for_images() -> None:
    recording = declared(system_nodes={"image": "bottlerocket", "instance_types": ["m7g.large"]})

    group, template = recording.one(GROUP).inputs, recording.one(TEMPLATE).inputs
    sizes = {
        item["deviceName"]: item["ebs"]["volumeSize"] for item in template["blockDeviceMappings"]
    }
    assert group["amiType"] == "BOTTLEROCKET_ARM_64"
    assert group["releaseVersion"] == "1.64.0-ad9d4847"
    assert sizes == {"/dev/xvda": 4.0, "/dev/xvdb": 50.0}
    user_data = base64.b64decode(template["userData"]).decode()
    assert user_data == "[settings.kubernetes]\nmax-pods = 110\n"


def test_nodes_without_prefixes_get_no_user_data() -> None:
    network = {"is_prefix_delegation_enabled": False}

    assert "userData" not in declared(network=network).one(TEMPLATE).inputs


def test_nodes_come_after_everything_that_they_need() -> None:
    recording = declared(is_preview=True, network={"security_group_profile": "restricted"})

    graph = recorded_graph(recording)
    group = f"{GROUP}::prod-eu-system"
    for earlier in (
        "cluster",
        "vpc-cni",
        "way-out",
        ATTACHMENT,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        TEMPLATE,
    ):
        assert_after(graph, group, earlier)


def test_the_restricted_group_is_in_the_template() -> None:
    recording = declared(network={"security_group_profile": "restricted"})

    security = recording.one("aws:ec2/securityGroup:SecurityGroup")
    template = recording.one(TEMPLATE)
    assert template.property_dependencies["vpcSecurityGroupIds"] == (security.urn,)


def test_the_minor_comes_out_of_the_cluster() -> None:
    recording = declared(is_preview=True)

    cluster = recording.one("aws:eks/cluster:Cluster")
    assert recording.one(GROUP).property_dependencies["version"] == (cluster.urn,)


def test_production_has_three_and_the_number_is_kept() -> None:
    group = declared(profile="prod").one(GROUP)

    assert group.inputs["scalingConfig"] == {"desiredSize": 3.0, "maxSize": 3.0, "minSize": 3.0}
    assert group.ignore_changes == ()


def test_auto_mode_and_adopted_clusters_have_nodes_of_their_own() -> None:
    assert children(declared(compute_mode="auto_mode")) == []
    assert children(declared(cluster_name="there")) == []


@pytest.mark.parametrize("mode", ["karpenter", "node_groups"])
def test_controllers_find_the_nodes_by_a_label(mode: str) -> None:
    group = declared(compute_mode=mode).one(GROUP)

    assert group.inputs["labels"] == {"karpenter.sh/controller": "true"}


def test_a_key_of_ones_own_is_lent_to_auto_scaling() -> None:
    recording = declared(storage={"kms_key_arn": KEY})

    grant = recording.one(GRANT)
    assert grant.inputs["keyId"] == KEY
    assert grant.inputs["granteePrincipal"] == (
        "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling"
    )
    assert_after(recorded_graph(recording), f"{GROUP}::prod-eu-system", GRANT)
    assert GRANT not in {item.type for item in declared().resources}


@hypothesis_settings(max_examples=15)
@given(
    image=st.sampled_from(["al2023", "bottlerocket"]),
    kind=st.sampled_from(["m7i.large", "m7g.large"]),
    profile=st.sampled_from(["cluster", "restricted"]),
    family=st.sampled_from(["ipv4", "ipv6"]),
    name=st.sampled_from(["a", "prod-eu", "x" * 100]),
)
def test_every_choice_is_tagged_named_and_in_the_component(
    image: str, kind: str, profile: str, family: str, name: str
) -> None:
    recording = declared(
        name=name,
        system_nodes={"image": image, "instance_types": [kind]},
        network={"security_group_profile": profile, "ip_family": family},
    )

    for item in recording.resources:
        if item.parent == "plane" and "tags" in item.inputs:
            assert item.inputs["tags"]["splitplane.io/cluster"] == name
    prefix = recording.one(GROUP).inputs["nodeGroupNamePrefix"]
    assert len(prefix) <= 37
    assert prefix.endswith("-")
    assert len(recording.one(TEMPLATE).inputs["namePrefix"]) <= 102
    assert "userData" in recording.one(TEMPLATE).inputs


@pytest.mark.parametrize("version", ["1.33", "1.34", "1.35"])
def test_each_minor_has_its_release(version: str) -> None:
    group = declared(kubernetes_version=version).one(GROUP)

    assert group.inputs["releaseVersion"].startswith(f"{version}.")
