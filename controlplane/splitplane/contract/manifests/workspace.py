"""`type: workspace`: a namespace on one cluster, in exactly one environment."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import (
    ClusterName,
    Collaborator,
    DisplayName,
    EnvironmentName,
    Labels,
    MlRepoName,
    WorkspaceName,
)


class MlRepoGrant(StrictModel):
    """Access of every workload in the workspace to one ML repo."""

    ml_repo: MlRepoName
    """Name of the ML repo."""
    role: Literal["viewer", "editor", "admin"] = "viewer"
    """Role of the workspace's workloads on it."""


Traffic = Literal["anywhere", "workspace"]

MAX_PEERS: Final = 50
"""Namespaces or address ranges of one direction: far more than anybody keeps an overview of, and
few enough for the command that carries them."""

_Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


def _check_cidr(text: str) -> str:
    """The range in normal form."""
    try:
        return str(ip_network(text))
    except ValueError:
        pass
    try:
        hint = f"did you mean {ip_network(text, strict=False)}"
    except ValueError:
        hint = "write ADDRESS/BITS, such as 10.20.0.0/16 or 2001:db8::/32"
    raise ValueError(f"{text!r} is not a range of addresses: {hint}")


def _without_repeats(items: list[str]) -> list[str]:
    twice = next((item for item in items if items.count(item) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is named twice; name it once")
    return items


_Namespaces = Annotated[
    list[_Namespace], Field(max_length=MAX_PEERS), AfterValidator(_without_repeats)
]
_Cidrs = Annotated[
    list[Annotated[str, AfterValidator(_check_cidr)]],
    Field(max_length=MAX_PEERS),
    AfterValidator(_without_repeats),
]


class Quota(StrictModel):
    """Most that all pods and volume claims of the workspace may have together.

    Every number is a sum over the namespace; one that is left out is not limited, and 0 allows
    none. A pod that would go above it is not made: its application says so and goes on by itself
    once there is room.
    """

    cpu_millicores: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    """CPU requests of all pods, in thousandths of a core; not limited when left out."""
    memory_mib: Annotated[int, Field(ge=0, le=10_000_000_000)] | None = None
    """Memory requests of all pods, MiB; not limited when left out."""
    gpu_count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Whole NVIDIA GPUs of all pods; not limited when left out."""
    neuron_count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Whole Inferentia and Trainium chips of all pods; not limited when left out."""
    storage_gib: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    """Storage requests of all volume claims, GiB; not limited when left out."""
    pods: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Pods that have not ended; not limited when left out."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError(
                "a quota needs at least one of "
                f"{', '.join(type(self).model_fields)}; leave the quota out for no limit"
            )
        return self


class NetworkPolicy(StrictModel):
    """Whom the pods of the workspace may talk to, and who may talk to them.

    Holds where the cluster's network enforces NetworkPolicies. The node of a pod (probes of the
    kubelet) always reaches it. DNS in `kube-system` and, if its address is given by number, the
    control plane can always be reached.
    """

    ingress_from: Traffic = "anywhere"
    """Who may connect to pods here: anybody, or only pods of the workspace."""
    ingress_namespaces: _Namespaces = Field(default_factory=list[str])
    """Other namespaces whose pods may connect too, such as that of the ingress gateway
    (`istio-system`) or of Prometheus; none when left out. Needs `ingress_from: workspace`."""
    egress_to: Traffic = "anywhere"
    """What pods here may connect to: anything, or only pods of the workspace."""
    egress_namespaces: _Namespaces = Field(default_factory=list[str])
    """Other namespaces whose pods may be reached too, such as `istio-system` for workloads of the
    mesh; none when left out. Needs `egress_to: workspace`."""
    egress_cidrs: _Cidrs = Field(default_factory=list[str])
    """Ranges of addresses that may be reached too, such as those of buckets, databases, the
    Kubernetes API, or the control plane for workloads that use ML repos; none when left out. Needs
    `egress_to: workspace`."""

    @model_validator(mode="after")
    def _lists_belong_to_a_limit(self) -> Self:
        for limit, name in (
            ("ingress_from", "ingress_namespaces"),
            ("egress_to", "egress_namespaces"),
            ("egress_to", "egress_cidrs"),
        ):
            if getattr(self, name) and getattr(self, limit) == "anywhere":
                raise ValueError(
                    f"{name} {getattr(self, name)!r} has no meaning while {limit} is 'anywhere'; "
                    f"set {limit} to 'workspace' or remove {name}"
                )
        return self


class WorkspaceManifest(StrictModel):
    """A workspace; the namespace in the cluster has the workspace's name."""

    type: Literal["workspace"] = "workspace"
    name: WorkspaceName
    """Name, never changes, and the name of the namespace. 2 to 32 lower-case letters, digits and
    hyphens."""
    cluster: ClusterName
    """Name of the cluster. Never changes."""
    environment: EnvironmentName
    """Name of the environment; the cluster must carry it."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    labels: Labels = Field(default_factory=dict[str, str])
    """Labels of the namespace."""
    quota: Quota | None = None
    """Most that everything in the workspace may request; no limit when left out."""
    network_policy: NetworkPolicy | None = None
    """Whom pods may talk to; everything is allowed when left out."""
    ml_repos: Annotated[list[MlRepoGrant], Field(max_length=100)] = Field(
        default_factory=list[MlRepoGrant]
    )
    """ML repos that workloads here may use, each at most once."""
    collaborators: Annotated[list[Collaborator], Field(max_length=200)] = Field(
        default_factory=list[Collaborator]
    )
    """Who may do what here: roles `admin`, `editor`, `deployer`, `viewer`."""
