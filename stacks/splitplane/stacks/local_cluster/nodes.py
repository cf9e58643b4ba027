"""The two node pools of the local cluster, as Node objects that kwok keeps alive."""

from __future__ import annotations

from typing import Any

CPU_NODE = "local-cpu-0"
GPU_NODE = "local-gpu-0"

GPU_PRODUCT = "NVIDIA-A100-SXM4-80GB"
"""Value of nvidia.com/gpu.product, spelled as NVIDIA's GPU feature discovery does."""
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
"""As GKE and the EKS and AKS GPU guides taint GPU pools."""

# Sizes of an m7i.16xlarge (CPU pool) and a p4de.24xlarge (8 A100 80 GB), rounded to what their
# kubelets leave; pods: the EKS and AKS maximum with prefix delegation.
_CPU_RESOURCES = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "500Gi", "pods": "250"}
_GPU_RESOURCES = {
    "cpu": "96",
    "memory": "1152Gi",
    "ephemeral-storage": "1000Gi",
    "pods": "250",
    "nvidia.com/gpu": "8",
}
_GPU_LABELS = {
    "nvidia.com/gpu.present": "true",
    "nvidia.com/gpu.product": GPU_PRODUCT,
    "nvidia.com/gpu.count": "8",
    "nvidia.com/gpu.memory": "81920",  # MiB per GPU
}


# Any: Kubernetes objects are free-form JSON.
def node_manifests() -> list[dict[str, Any]]:
    """Return both nodes, status (capacity) included."""
    return [
        _node(CPU_NODE, "cpu", _CPU_RESOURCES, labels={}, taints=[]),
        _node(GPU_NODE, "gpu", _GPU_RESOURCES, labels=_GPU_LABELS, taints=[GPU_TAINT]),
    ]


def _node(
    name: str,
    pool: str,
    resources: dict[str, str],
    *,
    labels: dict[str, str],
    taints: list[dict[str, str]],
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "node.kubernetes.io/instance-type": f"local.{pool}",
                "topology.kubernetes.io/region": "local",
                "topology.kubernetes.io/zone": "local-a",
                "splitplane.io/node-pool": pool,
            }
            | labels,
        },
        "spec": {"taints": taints},
        "status": {"capacity": resources, "allocatable": resources},
    }
