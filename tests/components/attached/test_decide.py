from __future__ import annotations

from typing import Any

import pytest

from splitplane.components import ClusterRefused
from splitplane.components.attached.decide import CLUSTER_RIGHTS, decide
from splitplane.components.attached.probe import Report, Right, distribution_of, parse_minor

ARGOCD = frozenset({"applications.argoproj.io", "appprojects.argoproj.io", "other.example.com"})


def _report(**changes: Any) -> Report:
    values: dict[str, Any] = {
        "server": "https://10.0.0.1:6443",
        "version": "v1.36.1",
        "minor": (1, 36),
        "distribution": "vanilla",
        "cluster_uid": "uid",
        "granted": CLUSTER_RIGHTS,
        "missing": frozenset(),
        "default_storage_classes": ("standard",),
        "custom_kinds": frozenset(),
    }
    return Report(**(values | changes))


@pytest.mark.parametrize(
    ("kinds", "asked", "delivery"),
    [
        (ARGOCD, None, "argocd"),
        (ARGOCD, "direct", "direct"),
        (frozenset(), None, "direct"),
        (None, None, "direct"),
    ],
    ids=["found", "overruled", "absent", "unreadable"],
)
def test_delivery_follows_what_is_installed(kinds: Any, asked: Any, delivery: str) -> None:
    plan = decide(_report(custom_kinds=kinds), delivery=asked, allowed_namespaces=[])

    assert plan.delivery == delivery


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"minor": (1, 27), "version": "v1.27.9"},
            "Kubernetes v1.27.9 is too old: upgrade it to 1.30",
        ),
        (
            {"missing": frozenset({Right("create", "", "namespaces")})},
            "you may not create namespaces: use a kubeconfig of a cluster administrator",
        ),
        (
            {"missing_namespaces": ("team1",)},
            "allowed namespaces 'team1' do not exist: create them, or allow others",
        ),
    ],
)
def test_what_must_change_is_said(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClusterRefused) as caught:
        decide(_report(**changes), delivery=None, allowed_namespaces=[])

    assert str(caught.value) == f"cluster https://10.0.0.1:6443 cannot be attached: {message}"


def test_everything_that_must_change_is_said_at_once() -> None:
    report = _report(minor=(1, 20), version="v1.20.0", missing_namespaces=("a",))

    with pytest.raises(ClusterRefused) as caught:
        decide(report, delivery="argocd", allowed_namespaces=["a"])

    assert str(caught.value).count(";") == 2


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"minor": (1, 29), "version": "v1.29.1"}, "Kubernetes v1.29.1 is old"),
        ({"default_storage_classes": ()}, "no default storage class"),
        ({"default_storage_classes": ("a", "b")}, "2 default storage classes (a, b): keep one"),
    ],
)
def test_what_should_change_is_a_warning(changes: dict[str, Any], warning: str) -> None:
    plan = decide(_report(**changes), delivery=None, allowed_namespaces=[])

    assert len(plan.warnings) == 1
    assert warning in plan.warnings[0]


def test_an_allow_list_means_namespace_scope() -> None:
    assert decide(_report(), delivery=None, allowed_namespaces=["team1"]).scope == "namespace"
    assert decide(_report(), delivery=None, allowed_namespaces=[]).scope == "cluster"


@pytest.mark.parametrize(
    ("version", "groups", "nodes", "name"),
    [
        ("v1.31.4-eks-2d5f260", [], [], "eks"),
        ("v1.31.4-gke.1183000", [], [], "gke"),
        ("v1.31.4+k3s1", [], [], "k3s"),
        ("v1.31.4+rke2r1", [], [], "rke2"),
        ("v1.31.4", ["config.openshift.io"], [], "openshift"),
        (
            "v1.31.4",
            [],
            [{"metadata": {"labels": {"kubernetes.azure.com/cluster": "x"}}}],
            "aks",
        ),
        (
            "v1.31.4",
            [],
            [{"metadata": {}, "spec": {"providerID": "kind://docker/kind/node"}}],
            "kind",
        ),
        ("v1.31.4", [], [], "vanilla"),
    ],
)
def test_distributions_are_told_apart(version: str, groups: Any, nodes: Any, name: str) -> None:
    assert distribution_of(version, groups, nodes) == name


def test_versions_of_vendors_are_read() -> None:
    assert parse_minor("v1.31.4-eks-2d5f260") == (1, 31)
    with pytest.raises(ValueError, match="'x' is not a version of Kubernetes"):
        parse_minor("x")
