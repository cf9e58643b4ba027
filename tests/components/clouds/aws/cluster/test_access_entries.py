"""An access entry is registered with its policies, each after what it needs."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from clouds.replacing import replacing_inputs
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.cluster.access import AccessEntry, PlannedEntry
from splitplane.components.clouds.aws.cluster.access_entries import declare_entry

NODE = "arn:aws:iam::123456789012:role/prod-eu-karpenter-node"
TEAM = "arn:aws:iam::210987654321:role/people/ml-team"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Part", name)


def _record(planned: PlannedEntry, counts: list[int] | None = None) -> Recording:
    def program() -> None:
        parent = Part("plane")
        needed = aws.cloudwatch.LogGroup("needed")
        made = declare_entry(
            parent,
            "plane",
            cluster_name="prod-eu",
            planned=planned,
            tags={"owner": "ml"},
            depends_on=[needed],
        )
        if counts is not None:
            counts.append(len(made))

    return record(program, answers=CloudAnswers())


def test_nodes_get_an_entry_without_policies() -> None:
    recording = _record(PlannedEntry("karpenter-node", AccessEntry(NODE, type="EC2_LINUX")))

    entry = recording.one("aws:eks/accessEntry:AccessEntry")
    assert entry.name == "plane-karpenter-node"
    assert entry.parent == "plane"
    assert entry.inputs == {
        "clusterName": "prod-eu",
        "principalArn": NODE,
        "type": "EC2_LINUX",
        "tags": {"owner": "ml"},
    }
    assert entry.delete_before_replace
    assert len(recording.resources) == 3


def test_policies_come_after_the_entry_and_it_after_what_it_needs() -> None:
    asked = AccessEntry(
        TEAM,
        kubernetes_groups=("editors",),
        user_name="ml:{{SessionName}}",
        policy_arns=(ADMIN, VIEW),
        scope="namespace",
        namespaces=("team-*",),
    )
    counts: list[int] = []

    recording = _record(PlannedEntry("entry-ml-team-1a2b3c4d", asked), counts)

    entry = recording.one("aws:eks/accessEntry:AccessEntry")
    policies = [item for item in recording.resources if "accessPolicy" in item.type]
    assert entry.inputs["kubernetesGroups"] == ["editors"]
    assert entry.inputs["userName"] == "ml:{{SessionName}}"
    assert [item.name for item in policies] == [
        "plane-entry-ml-team-1a2b3c4d-AmazonEKSClusterAdminPolicy",
        "plane-entry-ml-team-1a2b3c4d-AmazonEKSViewPolicy",
    ]
    assert policies[1].inputs == {
        "clusterName": "prod-eu",
        "principalArn": TEAM,
        "policyArn": VIEW,
        "accessScope": {"type": "namespace", "namespaces": ["team-*"]},
    }
    assert all(item.delete_before_replace for item in policies)
    assert counts == [3]
    graph = recorded_graph(recording)
    assert_after(graph, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", entry.urn)
    assert_after(graph, entry.urn, "needed")


def test_another_type_or_principal_is_another_entry_made_once_the_first_is_gone() -> None:
    kinds = [AccessEntry(NODE, type="EC2_LINUX"), AccessEntry(NODE), AccessEntry(TEAM)]

    recordings = [_record(PlannedEntry("node", entry)) for entry in kinds]

    entries = [item.one("aws:eks/accessEntry:AccessEntry") for item in recordings]
    assert [replacing_inputs(item)[entries[0].urn] for item in recordings] == [
        {"clusterName": "prod-eu", "principalArn": NODE, "type": "EC2_LINUX"},
        {"clusterName": "prod-eu", "principalArn": NODE, "type": "STANDARD"},
        {"clusterName": "prod-eu", "principalArn": TEAM, "type": "STANDARD"},
    ]
    assert [entry.delete_before_replace for entry in entries] == [True, True, True]


def test_groups_name_and_tags_of_an_entry_change_in_place() -> None:
    plain = AccessEntry(TEAM)
    changed = AccessEntry(TEAM, kubernetes_groups=("editors",), user_name="ml")

    first, second = (replacing_inputs(_record(PlannedEntry("ml", one))) for one in (plain, changed))

    assert first == second
