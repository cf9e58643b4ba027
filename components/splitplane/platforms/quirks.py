"""What a cluster forces on Kubernetes objects, as pure functions over its capabilities."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Final

from splitplane.platforms.aws_neurons import NEURON_RESOURCE, NEURON_TAINT
from splitplane.platforms.capabilities import Capabilities, Taint

KubernetesObject = dict[str, Any]  # Any: JSON of the Kubernetes API

GPU_RESOURCE: Final = "nvidia.com/gpu"
"""Extended resource of NVIDIA's device plugin; the same on every cloud."""

_POD_TEMPLATE_KINDS: Final = frozenset({"DaemonSet", "Deployment", "Job", "StatefulSet"})


def apply_quirks(
    objects: Iterable[KubernetesObject], capabilities: Capabilities
) -> list[KubernetesObject]:
    """Copies of the objects that the cluster takes as they should run there.

    Pods that ask for GPUs tolerate the taint of the GPU nodes, those that ask for chips of AWS that
    of nodes with them, on any kind: such nodes of an attached cluster have it too. Idempotent and
    total: an object of an unknown kind comes back unchanged, and the input is never written to.
    """
    adapted: list[KubernetesObject] = []
    for original in objects:
        item = copy.deepcopy(original)
        pod_spec = _pod_spec(item)
        if pod_spec is not None:
            if capabilities.gpu_taint is not None and _asks_for(GPU_RESOURCE, pod_spec):
                _tolerate(pod_spec, capabilities.gpu_taint)
            if _asks_for(NEURON_RESOURCE, pod_spec):
                _tolerate(pod_spec, NEURON_TAINT)
        adapted.append(item)
    return adapted


def _pod_spec(item: KubernetesObject) -> KubernetesObject | None:
    if item.get("kind") == "Pod":
        return item.get("spec")
    if item.get("kind") in _POD_TEMPLATE_KINDS:
        template: KubernetesObject = item.get("spec", {}).get("template", {})
        return template.get("spec")
    return None


def _asks_for(resource: str, pod_spec: KubernetesObject) -> bool:
    containers: list[KubernetesObject] = [
        *pod_spec.get("containers", []),
        *pod_spec.get("initContainers", []),
    ]
    return any(resource in c.get("resources", {}).get("limits", {}) for c in containers)


def _tolerate(pod_spec: KubernetesObject, taint: Taint) -> None:
    toleration = {"key": taint.key, "operator": "Exists", "effect": taint.effect}
    tolerations: list[KubernetesObject] = pod_spec.setdefault("tolerations", [])
    if toleration not in tolerations:
        tolerations.append(toleration)
