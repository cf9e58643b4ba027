"""The add-ons of EKS stand around the nodes, each with its role and after what it needs."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from aws_plane import ISSUER, Parent, make_plane, settings_of
from clouds.answers import CloudAnswers
from clouds.graph import Graph, assert_after, assert_unordered, recorded_graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.addons.eks import (
    declare_first_addons,
    declare_later_addons,
)

ADDON = "aws:eks/addon:Addon"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"


def _run(*, is_preview: bool = False, version: str = "1.35", **args: Any) -> Recording:
    def program() -> None:
        whole = Parent()
        plane = make_plane(settings_of(**args), version=version)
        first = declare_first_addons(whole, plane)
        opts = pulumi.ResourceOptions(parent=whole, depends_on=first)
        nodes = aws.eks.NodeGroup(
            "nodes",
            cluster_name="prod-eu",
            node_role_arn="arn:aws:iam::111122223333:role/nodes",
            subnet_ids=["subnet-1"],
            scaling_config={"desired_size": 2, "max_size": 3, "min_size": 2},
            opts=opts,
        )
        target = aws.efs.MountTarget("target", file_system_id="fs-1", subnet_id="subnet-1")
        later = declare_later_addons(whole, plane, nodes=[nodes], mount_targets=[target])
        assert "coredns" in later or args
        assert len(first) + len(later) <= 9

    return record(program, is_preview=is_preview, answers=None if is_preview else CloudAnswers())


def _addons(recording: Recording) -> dict[str, Registered]:
    return {item.inputs["addonName"]: item for item in recording.resources if item.type == ADDON}


def _graph(**args: Any) -> Graph:
    return recorded_graph(_run(**args))


def _addon(name: str) -> str:
    return f"{ADDON}::prod-eu-{name}"


@pytest.mark.parametrize("is_preview", [False, True])
def test_the_order_is_agent_network_nodes_and_the_rest(is_preview: bool) -> None:
    graph = recorded_graph(_run(is_preview=is_preview))

    assert_after(graph, _addon("vpc-cni"), _addon("eks-pod-identity-agent"))
    for first in ("eks-pod-identity-agent", "vpc-cni", "kube-proxy"):
        assert_after(graph, "nodes", _addon(first))
        assert_after(graph, _addon(first), "aws:eks/cluster:Cluster")
    later = (
        "coredns",
        "snapshot-controller",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
        "metrics-server",
        "eks-node-monitoring-agent",
    )
    for name in later:
        assert_after(graph, _addon(name), "nodes")
    assert_after(graph, _addon("aws-ebs-csi-driver"), _addon("snapshot-controller"))
    assert_after(graph, _addon("aws-efs-csi-driver"), "target")
    assert_unordered(graph, _addon("coredns"), _addon("metrics-server"))


def test_every_addon_with_a_role_waits_for_its_policies() -> None:
    graph = _graph(storage={"kms_key_arn": KEY})

    for addon, policy in (
        ("vpc-cni", "prod-eu-vpc-cni-AmazonEKS_CNI_Policy"),
        ("aws-ebs-csi-driver", "prod-eu-ebs-csi-AmazonEBSCSIDriverPolicyV2"),
        ("aws-ebs-csi-driver", "prod-eu-ebs-csi-key"),
        ("aws-efs-csi-driver", "prod-eu-efs-csi-AmazonEFSCSIDriverPolicy"),
    ):
        assert_after(graph, _addon(addon), policy)


def test_pod_identity_is_associated_by_the_addon() -> None:
    recording = _run()

    role = "arn:aws:iam::111122223333:role/prod-eu-"
    assert {
        name: item.inputs["podIdentityAssociations"]
        for name, item in _addons(recording).items()
        if "podIdentityAssociations" in item.inputs
    } == {
        "vpc-cni": [{"roleArn": f"{role}vpc-cni-eu-west-1", "serviceAccount": "aws-node"}],
        "aws-ebs-csi-driver": [
            {"roleArn": f"{role}ebs-csi-eu-west-1", "serviceAccount": "ebs-csi-controller-sa"}
        ],
        "aws-efs-csi-driver": [
            {"roleArn": f"{role}efs-csi-eu-west-1", "serviceAccount": "efs-csi-controller-sa"}
        ],
    }
    types = {item.type for item in recording.resources}
    assert "aws:eks/podIdentityAssociation:PodIdentityAssociation" not in types


def test_irsa_names_the_role_on_the_addon() -> None:
    found = _addons(_run(workload_identity="irsa"))

    assert "eks-pod-identity-agent" not in found
    assert all("podIdentityAssociations" not in item.inputs for item in found.values())
    assert {
        name: item.inputs["serviceAccountRoleArn"].rpartition("/")[2]
        for name, item in found.items()
        if "serviceAccountRoleArn" in item.inputs
    } == {
        "vpc-cni": "prod-eu-vpc-cni-eu-west-1",
        "aws-ebs-csi-driver": "prod-eu-ebs-csi-eu-west-1",
        "aws-efs-csi-driver": "prod-eu-efs-csi-eu-west-1",
    }


def test_versions_are_pinned_and_ours_holds() -> None:
    found = _addons(_run())

    assert found["coredns"].inputs == {
        "addonName": "coredns",
        "addonVersion": "v1.14.2-eksbuild.4",
        "clusterName": "prod-eu",
        "configurationValues": found["coredns"].inputs["configurationValues"],
        "resolveConflictsOnCreate": "OVERWRITE",
        "resolveConflictsOnUpdate": "OVERWRITE",
        "tags": {"splitplane.io/cluster": "prod-eu"},
    }
    assert json.loads(found["coredns"].inputs["configurationValues"])["autoScaling"]
    assert [name for name, item in found.items() if item.inputs.get("preserve")] == ["vpc-cni"]


def test_with_ipv6_the_network_has_a_document_of_its_own() -> None:
    recording = _run(network={"ip_family": "ipv6"})

    names = {item.name for item in recording.resources}
    assert "prod-eu-vpc-cni-ipv6" in names
    assert "prod-eu-vpc-cni-AmazonEKS_CNI_Policy" not in names


def test_an_adopted_cluster_keeps_what_others_changed_in_it() -> None:
    recording = _run(
        cluster_name="legacy",
        kubernetes_version=None,
        version="1.34",
        addons={"vpc-cni": {"mode": "adopt"}, "coredns": {}},
    )

    found = _addons(recording)
    network = found["vpc-cni"]
    assert network.import_id == "legacy:vpc-cni"
    assert network.retain_on_delete
    assert network.inputs == {"addonName": "vpc-cni", "clusterName": "legacy"}
    assert set(network.ignore_changes) == {
        "addonVersion",
        "configurationValues",
        "podIdentityAssociations",
        "serviceAccountRoleArn",
        "tags",
    }
    dns = found["coredns"].inputs
    assert dns["addonVersion"] == "v1.13.2-eksbuild.7"
    assert dns["resolveConflictsOnUpdate"] == "PRESERVE"
    assert dns["preserve"] is True
    assert found["metrics-server"].inputs.get("preserve") is None
    assert "kube-proxy" not in found
    assert [item.name for item in recording.resources if item.type == ATTACHMENT] == []


def test_auto_mode_gets_only_what_it_lacks() -> None:
    found = _addons(_run(compute_mode="auto_mode"))

    assert sorted(found) == ["aws-efs-csi-driver", "metrics-server", "snapshot-controller"]


def test_nine_addons_and_three_roles_are_fifteen_resources() -> None:
    recording = _run()

    made = [item for item in recording.resources if item.type in (ADDON, ROLE, ATTACHMENT)]
    assert len(made) == 15


def test_all_are_children_of_the_component() -> None:
    made = [item for item in _run().resources if item.name.startswith("prod-eu-")]

    assert {item.parent for item in made} == {"plane"}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    compute_mode=st.sampled_from(["karpenter", "auto_mode", "node_groups"]),
    identity=st.sampled_from(["pod_identity", "irsa"]),
    family=st.sampled_from(["ipv4", "ipv6"]),
    has_files=st.booleans(),
    cluster_name=st.sampled_from([None, "legacy"]),
)
def test_whatever_is_asked_for_order_tags_and_names_hold(
    compute_mode: str, identity: str, family: str, has_files: bool, cluster_name: str | None
) -> None:
    asked: dict[str, Any] = {
        "compute_mode": compute_mode,
        "workload_identity": identity,
        "network": {"ip_family": family},
        "storage": {"has_shared_storage": has_files},
        "cluster_name": cluster_name,
    }

    one, other = _run(**asked), _run(**asked)

    assert {item.urn for item in one.resources} == {item.urn for item in other.resources}
    graph = recorded_graph(one)
    found = _addons(one)
    assert ("aws-efs-csi-driver" in found) is has_files
    for name, item in found.items():
        assert item.inputs["tags"]["splitplane.io/cluster"] == (cluster_name or "prod-eu")
        assert item.parent == "plane"
        assert_after(graph, _addon(name), "aws:eks/cluster:Cluster")
        assert not ({"podIdentityAssociations", "serviceAccountRoleArn"} <= item.inputs.keys())
    roles = [item for item in one.resources if item.type == ROLE]
    for role in roles:
        assert len(role.inputs["name"]) <= 64
        used = [urn for urn in graph.edges if role.urn in graph.before(urn) and "Addon" in urn]
        assert used, f"nothing waits for {role.name}"


def test_the_bucket_as_files_gives_controller_and_nodes_of_the_driver_a_role_each() -> None:
    recording = _run(storage={"has_s3_files": True, "has_shared_storage": False})

    role = "arn:aws:iam::111122223333:role/prod-eu-efs-csi"
    # EKS refuses an add-on with the association of an account that its schema does not name.
    assert _addons(recording)["aws-efs-csi-driver"].inputs["podIdentityAssociations"] == [
        {"roleArn": f"{role}-eu-west-1", "serviceAccount": "efs-csi-controller-sa"},
    ]
    (own,) = [item for item in recording.resources if item.type == ASSOCIATION]
    assert own.inputs["serviceAccount"] == "efs-csi-node-sa"
    assert own.inputs["roleArn"] == f"{role}-node-eu-west-1"
    attached = {
        item.inputs["policyArn"].removeprefix("arn:aws:iam::aws:policy/")
        for item in recording.resources
        if item.type == ATTACHMENT and "efs-csi" in item.urn
    }
    # Reading of objects is bound to the bucket by a document, in place of AmazonS3ReadOnlyAccess.
    assert attached == {
        "service-role/AmazonEFSCSIDriverPolicy",
        "service-role/AmazonS3FilesCSIDriverPolicy",
        "AmazonS3FilesClientFullAccess",
    }
    graph = recorded_graph(recording)
    assert_after(graph, _addon("aws-efs-csi-driver"), "prod-eu-efs-csi-node-bucket")
    assert_after(graph, _addon("aws-efs-csi-driver"), f"{ASSOCIATION}::prod-eu-efs-csi-node")


def test_with_irsa_the_driver_of_files_has_one_role_for_controller_and_nodes() -> None:
    recording = _run(storage={"has_s3_files": True}, workload_identity="irsa")

    inputs = _addons(recording)["aws-efs-csi-driver"].inputs
    assert inputs["serviceAccountRoleArn"] == (
        "arn:aws:iam::111122223333:role/prod-eu-efs-csi-eu-west-1"
    )
    # EKS puts it on both service accounts, and its schema has no annotations of one of them.
    assert "configurationValues" not in inputs
    (role,) = [item for item in recording.resources if item.type == ROLE and "efs" in item.urn]
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Condition"] == {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": [
                "system:serviceaccount:kube-system:efs-csi-controller-sa",
                "system:serviceaccount:kube-system:efs-csi-node-sa",
            ],
        }
    }
    attached = {
        item.inputs["policyArn"].rpartition("/")[2]
        for item in recording.resources
        if item.type == ATTACHMENT and "efs-csi" in item.urn
    }
    assert attached == {
        "AmazonEFSCSIDriverPolicy",
        "AmazonS3FilesCSIDriverPolicy",
        "AmazonS3FilesClientFullAccess",
    }
    assert_after(recorded_graph(recording), _addon("aws-efs-csi-driver"), "prod-eu-efs-csi-bucket")


def test_the_driver_of_disks_is_bound_to_its_cluster_where_that_is_asked_for() -> None:
    recording = _run(storage={"has_cluster_scoped_disk_rights": True, "kms_key_arn": KEY})

    disks = [item for item in recording.resources if "prod-eu-ebs-csi" in item.urn]
    assert {item.urn.rpartition("::")[2] for item in disks} == {
        "prod-eu-ebs-csi",
        "prod-eu-ebs-csi-disks",
        "prod-eu-ebs-csi-key",
    }
    graph = recorded_graph(recording)
    assert_after(graph, _addon("aws-ebs-csi-driver"), "prod-eu-ebs-csi-disks")
