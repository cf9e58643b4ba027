"""Karpenter's real core makes, empties, exchanges and ends the nodes that our pools mean.

One story for all tests, since each step takes Karpenter half a minute: pods come, some of them go
and one pool is deleted; each test looks at what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import httpx
import karpenter_local
import pytest
import yaml
from chart_values import CHARTS
from platform_harness import wait_for
from platform_processes import Program

from splitplane.components.clouds.aws.karpenter.default_pools import default_pools
from splitplane.components.clouds.aws.karpenter.node_class import NodeNetwork, build_node_class
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import NodePool, TimeSlicing, check_pools
from splitplane.components.clouds.aws.karpenter.values import build_values
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.tools import resolve_directory

DATA = CHARTS.parent / "crds" / "karpenter"
pytestmark = [
    pytest.mark.needs_tools,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"needs upstream CRDs in {DATA}"),
]
Json = dict[str, Any]  # Any: JSON
T = TypeVar("T")

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POOLS = "/apis/karpenter.sh/v1/nodepools"
CLASSES = "/apis/karpenter.kwok.sh/v1alpha1/kwoknodeclasses"
SERVED = (
    POOLS,
    CLASSES,
    "/apis/karpenter.sh/v1/nodeclaims",
    "/apis/karpenter.sh/v1alpha1/nodeoverlays",
)
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"
NODES = "/api/v1/nodes"

GRACE = 60
ALL = (
    *default_pools(
        EksSettings(name="prod-eu", environments=("prod",), hub_url="https://hub.example.com")
    ),
    NodePool("gpu", 512, 4096, 8, gpu_name="a10g", termination_grace_seconds=GRACE),
    NodePool(
        "sliced",
        gpu_name="t4",
        sharing=TimeSlicing(4),
        static_nodes=1,
        termination_grace_seconds=GRACE,
    ),
)
NETWORK = NodeNetwork(
    subnet_ids={zone: f"subnet-{zone[-1]}" for zone in karpenter_local.ZONES},
    security_group_ids=["sg-1"],
    role_name="node",
)
ON_DEMAND = {"nodeSelector": {"karpenter.sh/capacity-type": "on-demand"}}
SPOT = {"nodeSelector": {"karpenter.sh/capacity-type": "spot"}}
ON_GPU = {
    "nodeSelector": {"karpenter.k8s.aws/instance-gpu-name": "a10g"},
    "tolerations": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
}
CRITICAL = {
    "nodeSelector": {"splitplane.io/node-pool": "critical"},
    "tolerations": [
        {"key": "splitplane.io/node-pool", "value": "critical", "effect": "NoSchedule"}
    ],
}
_MADE = {"matchExpressions": [{"key": "karpenter.sh/nodepool", "operator": "Exists"}]}
# Any node but the two that the cluster has from the start.
ANYWHERE = {
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [_MADE]}
        }
    }
}
WORKLOADS: dict[str, tuple[Json, Json]] = {
    "large": ({"cpu": "3"}, ON_DEMAND),
    "small": ({"cpu": "1"}, ON_DEMAND),
    "spot": ({"cpu": "3"}, SPOT),
    "anywhere": ({"cpu": "1"}, ANYWHERE),
    "gpu": ({"cpu": "2", "nvidia.com/gpu": "1"}, ON_GPU),
    "critical-large": ({"cpu": "3"}, CRITICAL),
    "critical-small": ({"cpu": "1"}, CRITICAL),
}
"""Name → what its pod asks for, and what else it says."""


@dataclass(frozen=True)
class Story:
    """What was seen.

    Attributes:
        first: workload → the node of its pod, once all ran.
        fixed: nodes of the pool with a fixed number, before any pod came.
        gone_pools: pools whose nodes had gone after their pods had, or with the pool.
        later: workload → its node, after `large`, `critical-large` and what ran on spot had gone.
    """

    first: dict[str, Json]
    fixed: list[Json]
    gone_pools: set[str]
    later: dict[str, Json]


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Told once, on a cluster of its own: Karpenter would make nodes for any other test's pods."""
    check_pools(ALL, is_production=True)
    gates = karpenter_local.feature_gates(
        build_values(
            ALL,
            cluster_name="prod-eu",
            cluster_endpoint="https://127.0.0.1",
            queue_name="queue",
            is_isolated=False,
            has_zonal_shift=True,
            tolerations=(),
            annotations={},
        )
    )
    with LocalCluster.ephemeral() as cluster, cluster.open_client() as api:
        install(api)
        with karpenter_local.running_karpenter(cluster, gates=gates) as karpenter:
            yield tell(api, karpenter)


def tell(api: httpx.Client, karpenter: Program) -> Story:
    def see(get: Callable[[], T | None], what: str) -> T:
        try:
            return wait_for(get, what=what, seconds=75)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{karpenter.tail()}") from error

    see(lambda: all(map(is_ready, items(api, POOLS))), "the pools to be ready")
    fixed = see(lambda: nodes_of(api, "sliced"), "the fixed nodes")
    # Alone, so that no node that another pod asks for has room for it.
    create(api, DEPLOYMENTS, deployment("anywhere"))
    see(partial(running, api, {"anywhere"}), "the first pod to run")
    for name in WORKLOADS.keys() - {"anywhere"}:
        create(api, DEPLOYMENTS, deployment(name))
    first = see(partial(running, api, {*WORKLOADS}), "all pods to run")
    for name in ("large", "spot", "anywhere", "critical-large"):
        api.delete(f"{DEPLOYMENTS}/{name}").raise_for_status()
    api.delete(f"{POOLS}/gpu", params={"propagationPolicy": "Foreground"}).raise_for_status()
    see(lambda: api.get(f"{POOLS}/gpu").status_code == 404, "the deleted pool to go")
    # A pod that lost its node may get another in the moment in which the pool is deleted.
    left = [name_of(node) for node in nodes_of(api, "gpu")]
    gone = set[str]() if name_of(first["gpu"]) in left else {"gpu"}
    see(lambda: not nodes_of(api, "cpu-spot"), "empty nodes to go")
    gone.add("cpu-spot")

    def moved() -> dict[str, Json] | None:
        now = running(api, {"small", "critical-small"})
        return now if now and name_of(now["small"]) != name_of(first["small"]) else None

    later = see(moved, "the half-empty node to be exchanged")
    return Story(first=first, fixed=fixed, gone_pools=gone, later=later)


def test_pods_get_nodes_of_the_pool_that_is_meant_for_them(story: Story) -> None:
    assert {
        name: node["metadata"]["labels"]["splitplane.io/node-pool"]
        for name, node in story.first.items()
    } == {
        "large": "cpu-ondemand",
        "small": "cpu-ondemand",
        "spot": "cpu-spot",
        "anywhere": "cpu-spot",  # The higher weight is tried first.
        "gpu": "gpu",
        "critical-large": "critical",
        "critical-small": "critical",
    }


def test_machines_are_the_cheapest_that_the_pool_allows(story: Story) -> None:
    label = "node.kubernetes.io/instance-type"

    # Older, burstable and arm64 machines would be cheaper. 100 millicores of each are reserved.
    assert {name: node["metadata"]["labels"][label] for name, node in story.first.items()} == {
        "large": "c6i.2xlarge",
        "small": "c6i.2xlarge",
        "spot": "c6i.xlarge",
        "anywhere": "c6i.large",
        "gpu": "g5.xlarge",
        "critical-large": "c6i.2xlarge",
        "critical-small": "c6i.2xlarge",
    }


def test_nodes_keep_others_out_by_taints(story: Story) -> None:
    taints = {
        name: [(taint["key"], taint.get("value")) for taint in node["spec"].get("taints", [])]
        for name, node in story.first.items()
    }

    assert taints["gpu"] == [("nvidia.com/gpu", "true")]
    assert taints["critical-small"] == [("splitplane.io/node-pool", "critical")]
    assert taints["spot"] == []


def test_fixed_nodes_come_without_pods(story: Story) -> None:
    (node,) = story.fixed

    assert node["metadata"]["labels"]["node.kubernetes.io/instance-type"] == "g4dn.xlarge"


def test_empty_nodes_go(story: Story) -> None:
    assert "cpu-spot" in story.gone_pools


def test_deleted_pool_is_gone_only_after_its_nodes_were_drained(story: Story) -> None:
    assert "gpu" in story.gone_pools


def test_pod_that_alone_is_left_moves_to_a_smaller_machine(story: Story) -> None:
    labels = story.later["small"]["metadata"]["labels"]

    assert labels["karpenter.sh/nodepool"] == "cpu-ondemand"
    assert labels["node.kubernetes.io/instance-type"] == "c6i.large"


def test_critical_pod_that_alone_is_left_stays(story: Story) -> None:
    assert name_of(story.later["critical-small"]) == name_of(story.first["critical-small"])


def install(api: httpx.Client) -> None:
    """Karpenter's definitions, as on EKS, the stand-in's class, and the pools."""
    folders = (DATA, resolve_directory("karpenter") / "crds")
    for file in sorted(file for folder in folders for file in folder.glob("*.yaml")):
        create(api, DEFINITIONS, yaml.safe_load(file.read_text(encoding="utf-8")))
    for path in SERVED:
        wait_for(partial(is_served, api, path), what=f"{path} to be served")
    for pool in ALL:
        create(api, CLASSES, karpenter_local.kwok_class(build_node_class(pool, NETWORK)))
        create(api, POOLS, karpenter_local.kwok_pool(build_node_pool(pool), idle_seconds=1))


def is_served(api: httpx.Client, path: str) -> bool:
    return api.get(path).is_success


def is_ready(pool: Json) -> bool:
    conditions = pool.get("status", {}).get("conditions", [])
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def create(api: httpx.Client, path: str, manifest: Json) -> None:
    answer = api.post(path, params={"fieldValidation": "Strict"}, json=manifest)
    assert answer.is_success, answer.text


def items(api: httpx.Client, path: str) -> list[Json]:
    found: list[Json] = api.get(path).raise_for_status().json()["items"]
    return found


def name_of(item: Json) -> str:
    name: str = item["metadata"]["name"]
    return name


def deployment(name: str) -> Json:
    requests, more = WORKLOADS[name]
    gpus = {key: value for key, value in requests.items() if key == "nvidia.com/gpu"}
    container = {
        "name": "main",
        "image": "registry.example.com/sample:1",
        "resources": {"requests": requests, "limits": gpus},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container], **more},
            },
        },
    }


def running(api: httpx.Client, names: set[str]) -> dict[str, Json] | None:
    """Workload → node of its pod, once one pod of each runs."""
    nodes = {name_of(node): node for node in items(api, NODES)}
    found = {
        pod["metadata"]["labels"]["app"]: nodes[pod["spec"]["nodeName"]]
        for pod in items(api, PODS)
        if pod["status"].get("phase") == "Running"
        and "deletionTimestamp" not in pod["metadata"]
        and pod["spec"].get("nodeName") in nodes
    }
    return found if found.keys() == names else None


def nodes_of(api: httpx.Client, pool: str) -> list[Json]:
    return [
        node
        for node in items(api, NODES)
        if node["metadata"]["labels"].get("karpenter.sh/nodepool") == pool
    ]
