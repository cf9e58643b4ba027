"""The namespace of a workspace as a pure function of its manifest."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.contract.commands import NamespaceBundle
from splitplane.contract.manifests.workspace import WorkspaceManifest
from splitplane.controlplane.rendering import render_namespace


def render(url: str = "https://platform.example.com", **fields: Any) -> NamespaceBundle:
    manifest = WorkspaceManifest.model_validate(
        {"name": "team1", "cluster": "prod-eu", "environment": "dev", **fields}
    )
    return render_namespace(manifest, workspace_id="w-1", generation=4, control_plane_url=url)


def spec_of(bundle: NamespaceBundle, name: str) -> dict[str, Any]:
    (found,) = [item["spec"] for item in bundle.objects if item["metadata"]["name"] == name]
    spec: dict[str, Any] = found
    return spec


def test_without_limits_there_are_labels_only() -> None:
    bundle = render(labels={"team": "ranking", "splitplane.io/workspace": "forged"})

    assert bundle.objects == []
    assert (bundle.namespace, bundle.workspace_id, bundle.generation) == ("team1", "w-1", 4)
    assert bundle.labels == {
        "app.kubernetes.io/managed-by": "splitplane",
        "splitplane.io/workspace": "team1",
        "team": "ranking",
    }


@pytest.mark.parametrize(
    ("quota", "hard"),
    [
        ({"cpu_millicores": 4000}, {"requests.cpu": "4000m"}),
        ({"memory_mib": 8192}, {"requests.memory": "8192Mi"}),
        ({"gpu_count": 0}, {"requests.nvidia.com/gpu": "0"}),
        ({"neuron_count": 16}, {"requests.aws.amazon.com/neuron": "16"}),
        ({"storage_gib": 100}, {"requests.storage": "100Gi"}),
        ({"pods": 20}, {"pods": "20"}),
    ],
    ids=["cpu", "memory", "no-gpu", "neuron", "storage", "pods"],
)
def test_quota_is_a_sum_of_requests(quota: dict[str, int], hard: dict[str, str]) -> None:
    assert spec_of(render(quota=quota), "splitplane-quota") == {"hard": hard}


@pytest.mark.parametrize(
    ("quota", "defaults"),
    [
        ({"cpu_millicores": 1}, {"cpu": "200m"}),
        ({"memory_mib": 1}, {"memory": "200Mi"}),
        ({"cpu_millicores": 1, "memory_mib": 1}, {"cpu": "200m", "memory": "200Mi"}),
    ],
    ids=["cpu", "memory", "both"],
)
def test_pods_without_requests_get_the_usual_ones(
    quota: dict[str, int], defaults: dict[str, str]
) -> None:
    assert spec_of(render(quota=quota), "splitplane-defaults") == {
        "limits": [{"defaultRequest": defaults, "type": "Container"}]
    }


@pytest.mark.parametrize("quota", [{"pods": 3}, {"gpu_count": 1}, {"storage_gib": 1}])
def test_quota_that_refuses_no_pod_without_requests_needs_no_defaults(
    quota: dict[str, int],
) -> None:
    assert [item["kind"] for item in render(quota=quota).objects] == ["ResourceQuota"]


def test_every_object_is_marked_as_a_limit_of_the_workspace() -> None:
    bundle = render(
        quota={"cpu_millicores": 1},
        network_policy={"ingress_from": "workspace", "egress_to": "workspace"},
    )

    found = [(i["apiVersion"], i["kind"], i["metadata"]["name"]) for i in bundle.objects]
    assert found == [
        ("v1", "ResourceQuota", "splitplane-quota"),
        ("v1", "LimitRange", "splitplane-defaults"),
        ("networking.k8s.io/v1", "NetworkPolicy", "splitplane-ingress"),
        ("networking.k8s.io/v1", "NetworkPolicy", "splitplane-egress"),
    ]  # fmt: skip
    for item in bundle.objects:
        assert item["metadata"]["namespace"] == "team1"
        assert item["metadata"]["labels"] == {
            "app.kubernetes.io/managed-by": "splitplane",
            "splitplane.io/limits": "team1",
            "splitplane.io/workspace": "team1",
        }


def test_policy_that_allows_everything_is_none() -> None:
    assert render(network_policy={}).objects == []


def test_ingress_is_from_the_workspace_and_the_named_namespaces() -> None:
    bundle = render(
        network_policy={
            "ingress_from": "workspace",
            "ingress_namespaces": ["prometheus", "istio-system"],
        }
    )

    assert len(bundle.objects) == 1
    assert spec_of(bundle, "splitplane-ingress") == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [
                    {"podSelector": {}},
                    {
                        "namespaceSelector": {
                            "matchExpressions": [
                                {
                                    "key": "kubernetes.io/metadata.name",
                                    "operator": "In",
                                    "values": ["istio-system", "prometheus"],
                                }
                            ]
                        }
                    },
                ]
            }
        ],
    }


DNS_RULE = {
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
    "to": [
        {
            "namespaceSelector": {
                "matchExpressions": [
                    {
                        "key": "kubernetes.io/metadata.name",
                        "operator": "In",
                        "values": ["kube-system"],
                    }
                ]
            }
        },
        {"ipBlock": {"cidr": "169.254.20.10/32"}},
    ],
}


def test_egress_is_to_the_workspace_dns_and_the_named_ranges() -> None:
    bundle = render(
        network_policy={"egress_to": "workspace", "egress_cidrs": ["10.20.0.0/16", "2001:DB8::/32"]}
    )

    assert spec_of(bundle, "splitplane-egress") == {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [
            {
                "to": [
                    {"podSelector": {}},
                    {"ipBlock": {"cidr": "10.20.0.0/16"}},
                    {"ipBlock": {"cidr": "2001:db8::/32"}},
                ]
            },
            DNS_RULE,
        ],
    }


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://203.0.113.7", ("203.0.113.7/32", 443)),
        ("https://203.0.113.7:8470", ("203.0.113.7/32", 8470)),
        ("http://10.0.0.5", ("10.0.0.5/32", 80)),
        ("https://[2001:db8::1]", ("2001:db8::1/128", 443)),
        ("https://platform.example.com", None),
        ("http://127.0.0.1:8470", None),
        ("http://0.0.0.0:8470", None),
    ],
)
def test_control_plane_can_be_reached_when_its_host_is_an_address(
    url: str, rule: tuple[str, int] | None
) -> None:
    egress = spec_of(render(url, network_policy={"egress_to": "workspace"}), "splitplane-egress")

    expected = [] if rule is None else [
        {
            "ports": [{"port": rule[1], "protocol": "TCP"}],
            "to": [{"ipBlock": {"cidr": rule[0]}}],
        }
    ]  # fmt: skip
    assert egress["egress"][2:] == expected
