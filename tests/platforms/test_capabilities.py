from typing import get_args

import pytest

from splitplane.contract.manifests.cluster import ProviderKind
from splitplane.platforms import capabilities_of


@pytest.mark.parametrize("kind", get_args(ProviderKind))
def test_every_provider_kind_has_capabilities(kind: ProviderKind) -> None:
    assert capabilities_of(kind).provider_kind == kind


@pytest.mark.parametrize(
    ("kind", "label", "taint_value"),
    [
        ("eks", "karpenter.k8s.aws/instance-gpu-name", "true"),
        ("gke", "cloud.google.com/gke-accelerator", "present"),
        ("aks", "splitplane.io/gpu", "present"),
        ("attached", "nvidia.com/gpu.product", "present"),
        ("local", "nvidia.com/gpu.product", "present"),
    ],
)
def test_gpu_nodes_are_found_by_label_and_taint(
    kind: ProviderKind, label: str, taint_value: str
) -> None:
    found = capabilities_of(kind)

    assert found.gpu_selector_label == label
    assert found.gpu_taint is not None
    assert (found.gpu_taint.key, found.gpu_taint.value, found.gpu_taint.effect) == (
        "nvidia.com/gpu",
        taint_value,
        "NoSchedule",
    )


def test_auto_mode_has_its_own_label_of_gpus() -> None:
    labels = {"splitplane.io/compute-mode": "auto_mode"}

    found = capabilities_of("eks", labels)

    assert found.gpu_selector_label == "eks.amazonaws.com/instance-gpu-name"
    assert found.node_scaling == "vendor_managed"
    assert found.gpu_taint == capabilities_of("eks").gpu_taint
    assert capabilities_of("eks", {"team": "ml"}) == capabilities_of("eks")
    assert capabilities_of("gke", labels) == capabilities_of("gke")


@pytest.mark.parametrize(
    ("kind", "label", "value", "taint_key"),
    [
        ("eks", "karpenter.sh/capacity-type", "spot", None),
        ("gke", "cloud.google.com/gke-spot", "true", "cloud.google.com/gke-spot"),
        (
            "aks",
            "kubernetes.azure.com/scalesetpriority",
            "spot",
            "kubernetes.azure.com/scalesetpriority",
        ),
        ("attached", None, None, None),
        ("local", None, None, None),
    ],
)
def test_interruptible_nodes_are_found_by_label_and_taint(
    kind: ProviderKind, label: str | None, value: str | None, taint_key: str | None
) -> None:
    found = capabilities_of(kind)

    assert (found.spot_selector_label, found.spot_selector_value) == (label, value)
    assert (found.spot_taint.key if found.spot_taint else None) == taint_key


@pytest.mark.parametrize(
    ("kind", "scaling"),
    [
        ("eks", "karpenter"),
        ("gke", "vendor_managed"),
        ("aks", "cluster_autoscaler"),
        ("attached", "external"),
        ("local", "none"),
    ],
)
def test_nodes_are_added_by(kind: ProviderKind, scaling: str) -> None:
    assert capabilities_of(kind).node_scaling == scaling
