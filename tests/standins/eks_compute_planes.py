"""Compute planes on EKS under the recording monitor, one for each way to make one."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from typing import Any

from clouds.answers import CloudAnswers
from clouds.graph import Graph, recorded_graph
from recording_monitor import Recording, record

from splitplane.components import EksComputePlane

ACCOUNT = "111122223333"
PEM = b64encode(b"-----BEGIN CERTIFICATE-----").decode()
PLANE = "splitplane:index:EksComputePlane"
LEAST: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
}
PRODUCTION: dict[str, Any] = {
    **LEAST,
    "profile": "prod",
    "dns": {"zone_arns": ["arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"]},
    "platform": {
        "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/splitplane"],
        "external_id": "acme-7f3a",
    },
}
GPU_POOL = {
    "name": "gpu",
    "gpu_name": "a10g",
    "image": "al2023",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "limit_gpus": 8,
    "termination_grace_seconds": 3600,
}
MACHINES = ("m7i.large", "m6i.large", "m5.large", "g5.xlarge")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
OFFERINGS = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": [machine for machine in MACHINES for _ in ZONES],
        "locations": [zone for _ in MACHINES for zone in ZONES],
        "locationTypes": ["availability-zone" for _ in MACHINES for _ in ZONES],
    }
}
NODE_GROUP = {"name": "cpu", "instance_types": ["m7i.large"], "max_nodes": 4}
MODES: dict[str, dict[str, Any]] = {
    "production": PRODUCTION,
    "dev": LEAST,
    "auto mode": {**LEAST, "compute_mode": "auto_mode"},
    "irsa": {**LEAST, "workload_identity": "irsa"},
    "restricted": {**LEAST, "network": {"security_group_profile": "restricted"}},
    "no ways out": {**LEAST, "network": {"nat": "none"}},
    "gpu": {**LEAST, "pools": [GPU_POOL]},
    "node groups": {**LEAST, "compute_mode": "node_groups", "node_groups": [NODE_GROUP]},
    "allowed namespaces": {**LEAST, "allowed_namespaces": ["team1"]},
}


@dataclass(frozen=True)
class Ran:
    """What a compute plane registered, what depends on what in it, and its outputs."""

    recording: Recording
    graph: Graph
    outputs: dict[str, Any]


def declare_plane(name: str, args: Any) -> EksComputePlane:  # Any: programs may pass anything
    """The component, with arguments that are held against nothing."""
    return EksComputePlane(name, args)


def run_plane(
    args: dict[str, Any],
    *,
    is_preview: bool = False,
    answers: CloudAnswers | None = None,
    name: str = "prod-eu",
) -> Ran:
    """Registers it under the monitor."""
    recording = record(
        lambda: declare_plane(name, args),
        is_preview=is_preview,
        answers=answers or CloudAnswers(OFFERINGS),
    )
    outputs = {}
    for item in recording.resources:
        if item.type == PLANE:
            outputs = recording.outputs[item.name]
    return Ran(recording, recorded_graph(recording), outputs)


@cache
def run_mode(mode: str, *, is_preview: bool = False) -> Ran:
    """As `run_plane` with one of `MODES`, once for all tests."""
    return run_plane(MODES[mode], is_preview=is_preview)
