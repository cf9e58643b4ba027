"""What Argo CD is told by its chart: what the agent and the add-ons need of it, no more. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

Profile = Literal["lite", "standard", "production"]
Values = dict[str, Any]  # Any: values of a chart

_REQUESTS: Final[Mapping[str, tuple[str, str]]] = {
    "controller": ("250m", "256Mi"),
    "repoServer": ("10m", "64Mi"),
    "server": ("50m", "64Mi"),
    "redis": ("100m", "64Mi"),
}
"""Component → CPU and memory that it reserves: what the chart's own comments advise. It reserves
nothing by itself, and then a full node throws Argo CD out first."""


def build_values(profile: Profile, tolerations: Sequence[Mapping[str, Any]]) -> Values:
    """Values of the chart argo-cd 10.1.1.

    Applications may lie in every namespace, as those of workspaces do; what each may do is bounded
    by its AppProject, which names the namespaces that it takes Applications from. Nobody signs in:
    there are no accounts, no Dex and no way in from outside, and who has rights in the cluster uses
    `argocd --core`.

    Args:
        profile: with `production` two repo servers with a disruption budget, since nothing is
            synced without one; the controller and Redis, a cache, come back by themselves.
        tolerations: of every pod.
    """
    values: Values = {
        "global": {"tolerations": [dict(item) for item in tolerations]},
        "configs": {
            "cm": {
                "admin.enabled": False,
                # The label, the other way, cannot tell Applications of two namespaces apart.
                "application.resourceTrackingMethod": "annotation",
            },
            "params": {"application.namespaces": "*"},
        },
        "dex": {"enabled": False},
        "notifications": {"enabled": False},
        # Nothing here makes an ApplicationSet.
        "applicationSet": {"replicas": 0},
        "repoServer": {"replicas": 1},
    }
    for component, (cpu, memory) in _REQUESTS.items():
        values.setdefault(component, {})["resources"] = {"requests": {"cpu": cpu, "memory": memory}}
    if profile == "production":
        values["repoServer"] |= {"replicas": 2, "pdb": {"enabled": True, "minAvailable": 1}}
    return values
