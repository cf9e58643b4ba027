"""The charts of the add-ons: where each comes from, and the one version that is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_OCI: Final = "oci://"


@dataclass(frozen=True)
class Chart:
    """One version of a chart.

    Attributes:
        name: its name in the repository.
        repository: `https://…`, or `oci://…` without the chart's name.
        version: exactly this one.
    """

    name: str
    repository: str
    version: str

    @property
    def source(self) -> str:
        """The repository as Argo CD names it: registries without a scheme.

        https://argo-cd.readthedocs.io/en/stable/user-guide/helm/, checked 2026-11-21.
        """
        return self.repository.removeprefix(_OCI)


_EKS: Final = "https://aws.github.io/eks-charts"

CHARTS: Final[Mapping[str, Chart]] = {
    chart.name: chart
    for chart in (
        Chart("argo-cd", "https://argoproj.github.io/argo-helm", "10.1.1"),
        Chart("aws-efa-k8s-device-plugin", _EKS, "v0.5.29"),
        Chart("aws-load-balancer-controller", _EKS, "3.5.0"),
        Chart("cert-manager", "https://charts.jetstack.io", "v1.21.1"),
        Chart("cluster-autoscaler", "https://kubernetes.github.io/autoscaler", "9.59.0"),
        Chart("external-dns", "https://kubernetes-sigs.github.io/external-dns/", "1.21.1"),
        Chart("gpu-operator", "https://helm.ngc.nvidia.com/nvidia", "v26.7.0"),
        Chart("karpenter", "oci://public.ecr.aws/karpenter", "1.14.1"),
        Chart("karpenter-crd", "oci://public.ecr.aws/karpenter", "1.14.1"),
        Chart("neuron-helm-chart", "oci://public.ecr.aws/neuron", "1.9.0"),
        Chart("nvidia-device-plugin", "https://nvidia.github.io/k8s-device-plugin", "0.20.0"),
    )
}
"""Name of a chart → the chart; what is not among them, the add-ons' project refuses."""
