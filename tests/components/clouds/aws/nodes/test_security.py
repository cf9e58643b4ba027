"""Nodes are in the cluster's group, or in one with the ports that are needed and no other."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.nodes.security import (
    CONTROL_PLANE_OPENINGS,
    EFA_OPENING,
    NODE_OPENINGS,
    NodeSecurity,
    declare_node_security_group,
)
from splitplane.components.clouds.aws.parts import Plane

PORTS = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "charts" / "webhook_ports.json"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RESTRICTED = {"network": {"security_group_profile": "restricted"}}
EFA_POOL = {
    "name": "h100",
    "gpu_name": "h100",
    "gpu_counts": [8],
    "has_efa": True,
    "limit_cpu_cores": 384,
    "limit_memory_gib": 4096,
    "limit_gpus": 16,
    "termination_grace_seconds": 3600,
}


def declared(**args: Any) -> tuple[Recording, NodeSecurity]:
    made: list[NodeSecurity] = []

    def declare(parent: Parent, plane: Plane) -> None:
        made.append(declare_node_security_group(parent, plane))

    recording = record(with_plane(settings_of(**args), declare), answers=CloudAnswers())
    return recording, made[0]


def rules(recording: Recording, kind: str) -> dict[str, tuple[Any, ...]]:
    keys = ("ipProtocol", "fromPort", "toPort")
    return {
        item.name: tuple(item.inputs.get(key) for key in keys)
        for item in recording.resources
        if item.type == kind
    }


def test_the_cluster_profile_declares_nothing() -> None:
    recording, security = declared()

    assert [item.type for item in recording.resources if item.parent == "plane"] == []
    assert security.ready == ()
    assert not security.is_own


def test_the_restricted_profile_opens_these_ports_and_no_other() -> None:
    recording, security = declared(**RESTRICTED)

    assert rules(recording, INGRESS) == {
        "prod-eu-nodes-from-api-https": ("tcp", 443, 443),
        "prod-eu-nodes-from-api-metrics": ("tcp", 4443, 4443),
        "prod-eu-nodes-from-api-adapters": ("tcp", 6443, 6443),
        "prod-eu-nodes-from-api-policies": ("tcp", 8443, 8443),
        "prod-eu-nodes-from-api-webhooks": ("tcp", 9443, 9443),
        "prod-eu-nodes-from-api-kubelets": ("tcp", 10250, 10251),
        "prod-eu-nodes-from-api-istiod": ("tcp", 15017, 15017),
        "prod-eu-nodes-from-nodes-dns": ("tcp", 53, 53),
        "prod-eu-nodes-from-nodes-dns-udp": ("udp", 53, 53),
        "prod-eu-nodes-from-nodes-pods": ("tcp", 1025, 65535),
        "prod-eu-nodes-to-api": ("tcp", 443, 443),
    }
    assert rules(recording, EGRESS) == {"prod-eu-nodes-to-anywhere": ("-1", None, None)}
    assert len(security.ready) == 13
    assert security.is_own


def test_rules_lie_between_nodes_and_the_clusters_group() -> None:
    recording, _ = declared(**RESTRICTED)

    group = recording.one(GROUP)
    made = {item.name: item for item in recording.resources}
    from_api = made["prod-eu-nodes-from-api-kubelets"]
    to_api = made["prod-eu-nodes-to-api"]
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs
    assert group.timeouts == {"delete": "45m"}
    assert from_api.inputs["referencedSecurityGroupId"] == "sg-cluster"
    assert from_api.property_dependencies["securityGroupId"] == (group.urn,)
    assert to_api.inputs["securityGroupId"] == "sg-cluster"
    assert to_api.property_dependencies["referencedSecurityGroupId"] == (group.urn,)


def test_rules_come_after_the_group() -> None:
    recording, _ = declared(**RESTRICTED)

    graph = recorded_graph(recording)
    for name in (*rules(recording, INGRESS), *rules(recording, EGRESS)):
        assert_after(graph, name, GROUP)


def test_efa_opens_the_group_to_itself_both_ways() -> None:
    recording, _ = declared(**RESTRICTED, pools=[EFA_POOL])

    made = {item.name: item for item in recording.resources}
    group = recording.one(GROUP)
    assert rules(recording, INGRESS)["prod-eu-nodes-from-nodes-efa"] == ("-1", None, None)
    assert "prod-eu-nodes-from-nodes-pods" not in made
    out = made["prod-eu-nodes-to-efa"]
    assert "cidrIpv4" not in out.inputs
    assert out.property_dependencies["referencedSecurityGroupId"] == (group.urn,)


def test_efa_of_a_node_group_opens_the_group_too() -> None:
    group = {
        "name": "training",
        "instance_types": ["trn1.32xlarge"],
        "max_nodes": 2,
        "neuron_name": "trainium",
        "has_efa": True,
        "zones": ["eu-west-1a"],
    }
    recording, _ = declared(**RESTRICTED, compute_mode="node_groups", node_groups=[group])

    assert rules(recording, INGRESS)["prod-eu-nodes-from-nodes-efa"] == ("-1", None, None)
    assert rules(recording, EGRESS)["prod-eu-nodes-to-efa"] == ("-1", None, None)


def test_ipv6_has_its_own_way_out() -> None:
    network = {"security_group_profile": "restricted", "ip_family": "ipv6"}
    recording, _ = declared(network=network)

    made = {item.name: item for item in recording.resources}
    assert made["prod-eu-nodes-to-anywhere"].inputs["cidrIpv4"] == "0.0.0.0/0"
    assert made["prod-eu-nodes-to-anywhere-ipv6"].inputs["cidrIpv6"] == "::/0"


@pytest.mark.skipif(not PORTS.is_file(), reason=f"needs the ports of charts {PORTS}")
def test_every_webhook_and_api_of_the_charts_is_reachable() -> None:
    listeners = json.loads(PORTS.read_text())["charts"]

    closed = {
        (chart, item["pod_port"])
        for chart, items in listeners.items()
        for item in items
        if not any(
            opening.first is not None
            and opening.last is not None
            and opening.first <= item["pod_port"] <= opening.last
            for opening in CONTROL_PLANE_OPENINGS
        )
    }

    assert closed == set()


@pytest.mark.parametrize(
    "opening", [*CONTROL_PLANE_OPENINGS, *NODE_OPENINGS, EFA_OPENING], ids=lambda item: item.name
)
def test_every_port_has_a_reason_that_ec2_takes(opening: Any) -> None:
    assert 0 < len(opening.reason) <= 255
    assert re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]+", opening.reason)
