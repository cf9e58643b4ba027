"""What an EKS compute plane says of itself follows from its settings."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from splitplane.components.clouds.aws.addons.needs import addon_needs
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.outputs import (
    build_capabilities,
    build_node_classes,
    build_pull_through_prefixes,
    build_queue_name,
    build_role_arns,
    build_storage_classes,
)
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings
from splitplane.components.plane_outputs import ComputePlaneCapabilities

EU = Scope("aws", "eu-west-1", "111122223333")
ADOPTED = {"cluster_name": "old"}
AUTO = {"compute_mode": "auto_mode"}
GROUPS = {
    "compute_mode": "node_groups",
    "node_groups": [
        {"name": "gpu", "instance_types": ["g5.xlarge"], "max_nodes": 2, "gpu_name": "a10g"}
    ],
}


def _settings(**changes: Any) -> EksSettings:
    return parse_settings(
        {"name": "prod-eu", "environments": ["prod"], "hub_url": "https://cp.example.com"} | changes
    )


def _gpu_pool(name: str, image: str) -> dict[str, Any]:
    return {"name": name, "gpu_name": "a10g", "image": image}


def test_a_plane_has_every_flag() -> None:
    found = build_capabilities(_settings())

    assert set(found) == set(get_type_hints(ComputePlaneCapabilities))
    assert found == {
        "node_scaling": "karpenter",
        "has_node_autoprovisioning": True,
        "is_scale_up_slow": False,
        "needs_headroom": False,
        "requests_equal_limits": False,
        "can_burst": True,
        "allows_privileged": True,
        "allows_host_path": True,
        "allows_host_network": True,
        "allows_node_daemonsets": True,
        "managed_namespaces": [],
        "gpu_selector_label": "karpenter.k8s.aws/instance-gpu-name",
        "gpu_taint": "nvidia.com/gpu=true:NoSchedule",
        "gpu_plugin_owner": None,
        "spot_selector_label": "karpenter.sh/capacity-type=spot",
        "spot_taint": None,
        "has_load_balancer": True,
        "load_balancer_class": "service.k8s.aws/nlb",
        "has_shared_storage": True,
        "identity_method": "pod_identity",
        "api_token_seconds": 900,
        "is_api_reachable": False,
        "has_cluster_scope": True,
        "needs_webhook_firewall": False,
    }


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (
            AUTO,
            {
                "node_scaling": "vendor_managed",
                "gpu_selector_label": "eks.amazonaws.com/instance-gpu-name",
                "gpu_plugin_owner": "vendor",
                "load_balancer_class": "eks.amazonaws.com/nlb",
            },
        ),
        (
            GROUPS,
            {
                "node_scaling": "cluster_autoscaler",
                "has_node_autoprovisioning": False,
                "gpu_plugin_owner": "image",
            },
        ),
        ({"pools": [_gpu_pool("a", "bottlerocket")]}, {"gpu_plugin_owner": "image"}),
        ({"pools": [_gpu_pool("a", "al2023")]}, {"gpu_plugin_owner": "chart"}),
        (
            {"pools": [_gpu_pool("a", "al2023"), _gpu_pool("b", "bottlerocket")]},
            {"gpu_plugin_owner": "mixed"},
        ),
        (
            {"addons": {"aws-load-balancer-controller": {"mode": "off"}}},
            {"has_load_balancer": False, "load_balancer_class": None},
        ),
        ({"addons": {"aws-load-balancer-controller": {"mode": "external"}}}, {}),
        ({"storage": {"has_shared_storage": False}}, {"has_shared_storage": False}),
        ({"workload_identity": "irsa"}, {"identity_method": "irsa"}),
        ({"public_access_cidrs": ["198.51.100.0/24"]}, {"is_api_reachable": True}),
        ({"allowed_namespaces": ["team1"]}, {"has_cluster_scope": False}),
        (
            {"network": {"security_group_profile": "restricted"}},
            {"needs_webhook_firewall": True},
        ),
        (ADOPTED, {"has_shared_storage": False}),
    ],
)
def test_flags_follow_the_settings(changes: dict[str, Any], wanted: dict[str, Any]) -> None:
    plain: dict[str, Any] = dict(build_capabilities(_settings()))

    found = dict(build_capabilities(_settings(**changes)))

    assert {key: value for key, value in found.items() if value != plain[key]} == wanted


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["system", "cpu-ondemand", "cpu-spot", "critical"]),
        (AUTO, ["general-purpose", "system"]),
        (
            {**AUTO, "pools": [{"name": "own", "gpu_name": "a10g"}]},
            ["general-purpose", "system", "own"],
        ),
        (GROUPS, ["system", "gpu"]),
        (ADOPTED, []),
    ],
)
def test_kinds_of_nodes_are_those_of_the_mode(changes: dict[str, Any], names: list[str]) -> None:
    assert [item["name"] for item in build_node_classes(_settings(**changes))] == names


def test_a_kind_of_node_says_how_pods_get_there() -> None:
    classes = {item["name"]: item for item in build_node_classes(_settings())}

    assert classes["critical"]["taints"] == ["splitplane.io/node-pool=critical:NoSchedule"]
    assert classes["cpu-spot"] == {
        "name": "cpu-spot",
        "labels": {"splitplane.io/node-pool": "cpu-spot"},
        "taints": [],
        "gpu": None,
        "capacity": "spot",
        "limits": {"cpu": "64", "memory": "512Gi"},
    }


def test_classes_are_named_where_they_are_kept_here() -> None:
    external = {"addons": {"storage-classes": {"mode": "external"}}}

    assert build_storage_classes(_settings()) == {
        "block": "gp3",
        "block_retain": "gp3-retain",
        "shared": "efs-sc",
    }
    assert build_storage_classes(_settings(**external)) == {
        "block": None,
        "block_retain": None,
        "shared": None,
    }
    assert build_storage_classes(_settings(**ADOPTED))["shared"] is None


@pytest.mark.parametrize(
    ("changes", "purposes"),
    [
        ({}, ["cluster", "system-nodes", "karpenter-nodes"]),
        (AUTO, ["cluster", "auto-node"]),
        (GROUPS, ["cluster", "system-nodes", "group-nodes"]),
        ({"compute_mode": "node_groups"}, ["cluster", "system-nodes"]),
        (ADOPTED, []),
    ],
)
def test_roles_are_those_that_are_made(changes: dict[str, Any], purposes: list[str]) -> None:
    found = build_role_arns(_settings(**changes), EU, platform=None)

    assert list(found) == purposes
    assert all(arn.startswith("arn:aws:iam::111122223333:role/prod-eu-") for arn in found.values())


def test_only_karpenter_has_a_queue() -> None:
    assert build_queue_name(_settings()) == "prod-eu-karpenter"
    assert build_queue_name(_settings(**AUTO)) is None
    assert build_queue_name(_settings(**ADOPTED)) is None


@pytest.mark.parametrize(
    ("changes", "needy"),
    [
        ({}, {"aws-load-balancer-controller", "karpenter", "karpenter-crd"}),
        (AUTO, set()),
        (GROUPS, {"aws-load-balancer-controller", "cluster-autoscaler"}),
        (ADOPTED, {"aws-load-balancer-controller"}),
        (
            {
                "compute_mode": "auto_mode",
                "dns": {"zone_arns": ["arn:aws:route53:::hostedzone/Z1"]},
            },
            {"cert-manager", "external-dns"},
        ),
    ],
)
def test_argo_cd_is_needed_by_what_it_installs(changes: dict[str, Any], needy: set[str]) -> None:
    needs = addon_needs(_settings(**changes))

    assert {name for name, needed in needs.items() if needed} == needy
    assert {"argocd", "coredns", "storage-classes", "gpu-operator"} <= set(needs)


def test_an_image_that_comes_through_ecr_has_another_host() -> None:
    settings = _settings(platform={"pull_through": [{"registry": "quay"}]})

    assert build_pull_through_prefixes(settings, EU) == {
        "quay": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/prod-eu/quay"
    }
    assert build_pull_through_prefixes(_settings(), EU) == {}
