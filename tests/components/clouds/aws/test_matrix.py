"""What holds of every compute plane, whichever modes are put together.

Modes, subnets, endpoints, sharing of GPUs and identity are combined so that each two choices meet
in at least one plane.
"""

from __future__ import annotations

import json
from functools import cache
from ipaddress import IPv4Network
from itertools import combinations, product
from typing import Any, Final

import pytest
from aws_vpc import ARGUMENTS, existing_vpc
from clouds.answers import CloudAnswers
from clouds.sdk_types import kind_of
from recording_monitor import Recording, Registered, record

from splitplane.components import EksComputePlane
from splitplane.components.clouds.aws.names import LIMITS

Json = dict[str, Any]  # Any: arguments as programs give them

ACCOUNT: Final = "111122223333"
NAME: Final = "a-name-that-is-as-long-as-it-may-be"
ZONES: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
MACHINES: Final = ("m7i.large", "m6i.large", "m5.large", "g5.xlarge", "p4d.24xlarge", "inf2.xlarge")
LEAST: Final[Json] = {
    "name": NAME,
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
    "platform": {
        "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/splitplane"],
        "external_id": "acme-7f3a",
    },
}
CPU: Final[Json] = {
    "name": "cpu",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "termination_grace_seconds": 3600,
}
GPU: Final[Json] = {
    **CPU,
    "name": "gpu",
    "gpu_name": "a10g",
    "limit_gpus": 8,
    "is_dedicated": True,
}
CHIPS: Final[Json] = {**CPU, "name": "chips", "neuron_name": "inferentia2", "limit_neurons": 8}
SHARED: Final[Json] = {
    "name": "shared",
    "gpu_name": "a100",
    "families": ["p4d"],
    "static_nodes": 1,
    "termination_grace_seconds": 3600,
}
SLICES: Final[Json] = {"time_slicing_replicas": 4}
CLIENTS: Final[Json] = {"mps_replicas": 4}
PARTS: Final[Json] = {"mig_profile": "1g.5gb"}
CHOICES: Final[dict[str, dict[str, Json]]] = {
    "mode": {
        "karpenter": {"compute_mode": "karpenter"},
        "auto": {"compute_mode": "auto_mode"},
        "groups": {"compute_mode": "node_groups"},
    },
    "subnets": {
        "created": {},
        "secondary": {"network": {"secondary_cidr": "100.64.0.0/16"}},
        "two zones": {"network": {"availability_zone_count": 2, "vpc_cidr": "10.8.0.0/20"}},
        "existing": {"network": dict(ARGUMENTS)},
    },
    "endpoint": {
        "private": {},
        "public": {"public_access_cidrs": ["198.51.100.0/24"]},
        "no way out": {"network": {"nat": "none"}},
    },
    "sharing": {
        "none": {"pools": None},
        "whole": {"pools": [CPU, CHIPS, GPU, {**GPU, "name": "gpu-al", "image": "al2023"}]},
        "in auto mode": {"pools": [CPU, CHIPS, GPU]},
        "slices": {
            "pools": [
                {**SHARED, "sharing": SLICES},
                {**SHARED, "name": "al", "image": "al2023", "sharing": SLICES},
                {**SHARED, "name": "mps", "image": "al2023", "sharing": CLIENTS},
            ]
        },
        "parts": {
            "pools": [
                {**SHARED, "sharing": PARTS},
                {**SHARED, "name": "al", "image": "al2023", "sharing": PARTS},
            ]
        },
        "efa": {
            "pools": [
                {
                    **GPU,
                    "gpu_name": "a100",
                    "gpu_counts": [8],
                    "has_efa": True,
                    "zones": ["eu-west-1a"],
                }
            ]
        },
    },
    "identity": {
        "pod identity": {"workload_identity": "pod_identity"},
        "irsa": {"workload_identity": "irsa"},
    },
    "groups": {
        "cluster": {},
        "restricted": {"network": {"security_group_profile": "restricted"}},
    },
}
GROUPS: Final = [
    {"name": "cpu", "instance_types": ["m7i.large"], "max_nodes": 4},
    {"name": "gpu", "gpu_name": "a10g", "instance_types": ["g5.xlarge"], "max_nodes": 2},
    {
        "name": "gpu-al",
        "gpu_name": "a10g",
        "instance_types": ["g5.xlarge"],
        "max_nodes": 2,
        "image": "al2023",
    },
]
Plane = tuple[str, ...]


def _fits(plane: Plane) -> bool:
    """Whether the arguments allow the combination at all."""
    mode, *_, sharing, _identity, groups = plane
    if mode == "auto":
        return sharing in ("none", "in auto mode") and groups != "restricted"
    if mode == "groups":
        return sharing == "none"
    return sharing != "in auto mode"


def _covering() -> list[Plane]:
    """Few combinations in which each two choices that fit each other meet; the same each time."""
    every = [plane for plane in product(*CHOICES.values()) if _fits(plane)]
    missing = {pair for plane in every for pair in combinations(enumerate(plane), 2)}
    chosen: list[Plane] = []
    while missing:
        best = max(every, key=lambda plane: len(missing & {*combinations(enumerate(plane), 2)}))
        missing -= {*combinations(enumerate(best), 2)}
        chosen.append(best)
    return chosen


PLANES: Final = _covering()
each_plane = pytest.mark.parametrize("plane", PLANES, ids=lambda plane: ", ".join(plane))


def _args(plane: Plane) -> Json:
    args: Json = {**LEAST, "network": {}}
    for choice, options in zip(plane, CHOICES.values(), strict=True):
        picked = dict(options[choice])
        args["network"] |= picked.pop("network", {})
        args |= picked
    if args["compute_mode"] == "node_groups":
        args["node_groups"] = GROUPS
    return args


@cache
def _ran(plane: Plane, *, is_preview: bool = False) -> Recording:
    offered = [(machine, zone) for machine in MACHINES for zone in ZONES]
    functions = {
        **existing_vpc(),
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "instanceTypes": [machine for machine, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        },
    }
    args: Any = _args(plane)  # Any: programs may pass anything
    return record(
        lambda: EksComputePlane(NAME, args), is_preview=is_preview, answers=CloudAnswers(functions)
    )


def _of(plane: Plane, kind: str) -> list[Registered]:
    return [item for item in _ran(plane).resources if item.type.rpartition(":")[2] == kind]


@each_plane
def test_no_two_subnets_share_an_address(plane: Plane) -> None:
    ranges = [IPv4Network(item.inputs["cidrBlock"]) for item in _of(plane, "Subnet")]
    places = [
        IPv4Network(item.inputs["cidrBlock"])
        for kind in ("Vpc", "VpcIpv4CidrBlockAssociation")
        for item in _of(plane, kind)
    ]

    assert not [pair for pair in combinations(ranges, 2) if pair[0].overlaps(pair[1])]
    assert all(any(item.subnet_of(place) for place in places) for item in ranges)


@each_plane
def test_each_zone_of_nodes_has_one_mount_target(plane: Plane) -> None:
    targets = sorted(item.name.removeprefix(f"{NAME}-files-") for item in _of(plane, "MountTarget"))

    few = {"two zones", "existing"} & {*plane}
    assert targets == list(ZONES[: 2 if few else 3])


@each_plane
def test_everything_that_takes_tags_says_whose_it_is(plane: Plane) -> None:
    def takes_tags(item: Registered) -> bool:
        kind = kind_of(item.type) if _is_of_aws(item) else None
        # Tags of a repository would need a role that ECR assumes.
        return kind is not None and "tags" in kind.inputs and "ecr/" not in item.type

    untagged = [
        f"{item.type} {item.name}"
        for item in _ran(plane).resources
        if takes_tags(item) and item.inputs.get("tags", {}).get("splitplane.io/cluster") != NAME
    ]

    assert untagged == []


@each_plane
def test_names_are_as_long_as_the_services_allow(plane: Plane) -> None:
    named = {
        "Role": ("name", LIMITS["role"]),
        "InstanceProfile": ("name", LIMITS["instance_profile"]),
        "Queue": ("name", LIMITS["queue"]),
        "EventRule": ("name", LIMITS["event_rule"]),
        "SecurityGroup": ("name", LIMITS["security_group"]),
        "Cluster": ("name", LIMITS["cluster"]),
        "NodeGroup": ("nodeGroupNamePrefix", LIMITS["node_group_prefix"] + 1),
        "LaunchTemplate": ("namePrefix", LIMITS["launch_template_prefix"] + 1),
        "Bucket": ("bucketPrefix", LIMITS["bucket_prefix"]),
    }

    for kind, (field, longest) in named.items():
        for item in filter(_is_of_aws, _of(plane, kind)):
            assert 0 < len(item.inputs[field]) <= longest, f"{kind} {item.inputs[field]}"
    roles = [item.inputs["name"] for item in filter(_is_of_aws, _of(plane, "Role"))]
    assert len({*roles}) == len(roles)


@each_plane
def test_the_same_arguments_give_the_same_urns(plane: Plane) -> None:
    again = _ran.__wrapped__(plane)
    preview = _ran(plane, is_preview=True)

    first, second, planned = (
        sorted(item.urn for item in each.resources) for each in (_ran(plane), again, preview)
    )
    assert first == second == planned


@each_plane
def test_what_must_run_on_every_node_of_a_pool_tolerates_its_taints(plane: Plane) -> None:
    for pool, (taints, plugins) in _pools(plane).items():
        for plugin in plugins:
            tolerations = _tolerations(plane, plugin)
            assert tolerations, f"{plugin} is not there for {pool}"
            left = [
                taint
                for taint in taints
                if not any(_tolerates(item, taint) for item in tolerations)
            ]
            assert left == [], f"{plugin} does not run on {pool}"


@each_plane
def test_every_startup_taint_has_a_driver_that_takes_it_away(plane: Plane) -> None:
    addons = {item.inputs["addonName"]: item for item in _of(plane, "Addon")}
    drivers = {
        "ebs.csi.aws.com/agent-not-ready": "aws-ebs-csi-driver",
        "efs.csi.aws.com/agent-not-ready": "aws-efs-csi-driver",
    }

    for item in _of(plane, "NodePool"):
        for taint in item.inputs["spec"]["template"]["spec"]["startupTaints"]:
            configured = addons[drivers[taint["key"]]].inputs.get("configurationValues", "{}")
            # On nodes the drivers tolerate everything, unless they are told otherwise.
            assert "node" not in json.loads(configured)


def _is_of_aws(item: Registered) -> bool:
    return item.type.startswith("aws:")


def _pools(plane: Plane) -> dict[str, tuple[list[Json], list[str]]]:
    """Pool or node group → its taints, and what has to run on each of its nodes."""
    found: dict[str, tuple[list[Json], list[str]]] = {}
    args = _args(plane)
    asked = {item["name"]: item for item in args.get("pools") or args.get("node_groups", [])}
    for item in _of(plane, "NodePool"):
        name = item.inputs["metadata"]["name"]
        taints = item.inputs["spec"]["template"]["spec"].get("taints", [])
        # EKS itself runs what nodes of Auto Mode need.
        plugins = [] if plane[0] == "auto" else _plugins(asked.get(name, {}))
        found[name] = (taints, plugins)
    for item in _of(plane, "NodeGroup"):
        name = item.name.removeprefix(f"{NAME}-")
        taints = [
            {**taint, "effect": "NoSchedule" if taint["effect"] == "NO_SCHEDULE" else "NoExecute"}
            for taint in item.inputs.get("taints", [])
        ]
        found[name] = (taints, _plugins(asked.get(name, {})))
    return found


def _plugins(pool: Json) -> list[str]:
    if "neuron_name" in pool:
        return ["neuron-helm-chart"]
    if "gpu_name" not in pool:
        return []
    needed = ["eks-node-monitoring-agent"]
    if pool.get("image") == "al2023":
        is_cut = "mig_profile" in pool.get("sharing", {})
        needed.append("gpu-operator" if is_cut else "nvidia-device-plugin")
    if pool.get("has_efa"):
        needed.append("aws-efa-k8s-device-plugin")
    return needed


def _tolerations(plane: Plane, plugin: str) -> list[Json]:
    for item in _of(plane, "Addon"):
        if item.inputs["addonName"] == plugin:
            values = json.loads(item.inputs["configurationValues"])
            return list(values["dcgmAgent"]["tolerations"])
    for item in _of(plane, "Application"):
        if item.inputs["metadata"]["name"] == plugin:
            values = item.inputs["spec"]["source"]["helm"]["valuesObject"]
            if plugin == "gpu-operator":
                worker = values["node-feature-discovery"]["worker"]["tolerations"]
                assert worker == values["daemonsets"]["tolerations"]
                return list(worker)
            return list(values.get("devicePlugin", values)["tolerations"])
    return []


def _tolerates(toleration: Json, taint: Json) -> bool:
    """As Kubernetes: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"""
    if toleration.get("effect") not in (None, taint["effect"]):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, taint["key"])
    same = toleration["key"] == taint["key"]
    return bool(same and toleration.get("value", "") == taint.get("value", ""))


def test_each_two_choices_meet() -> None:
    assert 20 <= len(PLANES) <= 40
    assert {choice for plane in PLANES for choice in plane} == {
        choice for options in CHOICES.values() for choice in options
    }
