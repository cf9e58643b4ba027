"""Arguments of `AttachedComputePlane`, and the check that turns them into known values."""

# Without `from __future__ import annotations`: the component analyzer of Pulumi reads real types.
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

import pulumi

from splitplane.components.attached.decide import Delivery
from splitplane.components.errors import WrongArgument
from splitplane.contract.agent_manifests import (
    CPU_REQUEST_MILLICORES,
    DEFAULT_IMAGE,
    MEMORY_LIMIT_MIB,
)
from splitplane.contract.names import check_name

_DELIVERIES: tuple[Delivery, ...] = ("argocd", "direct")
SMALLEST_AGENT_MEMORY_MIB = 128
"""An idle agent takes 70 MiB, a relist of a full cluster some more."""


class AttachedComputePlaneArgs(TypedDict):
    """A cluster that exists already, and how it is attached."""

    name: str
    """Name of the cluster on the control plane. Never changes."""
    kubeconfig: str
    """Content of a kubeconfig with an administrator's rights; kept as a secret. Plain, because the
    cluster is probed before anything is planned."""
    environments: pulumi.Input[list[pulumi.Input[str]]]
    """Names of the environments that workspaces on it may have; at least one."""
    hub_url: str
    """Address of the control plane as pods of the cluster reach it, `https://HOST[:PORT]`."""
    context: NotRequired[str]
    """Context of the kubeconfig; its current one when left out."""
    region: NotRequired[str]
    """Region that people know the cluster by; unknown when left out."""
    labels: NotRequired[dict[str, str]]
    """Labels to find the cluster by on the control plane; none when left out."""
    delivery: NotRequired[Delivery]
    """`argocd` or `direct`; `argocd` where it is installed, else `direct`, when left out."""
    allowed_namespaces: NotRequired[list[str]]
    """The only namespaces for workloads, which must exist; all but the denied when left out."""
    denied_namespaces: NotRequired[list[str]]
    """Namespaces that no workload may use; only the reserved ones when left out."""
    agent_image: NotRequired[str]
    """Image of the agent; that of this version when left out."""
    agent_cpu_millicores: NotRequired[int]
    """CPU that is reserved for the agent, in thousandths of a core; 100 when left out."""
    agent_memory_mib: NotRequired[int]
    """Memory of the agent at most, half of it reserved, MiB; 400 when left out."""
    hub_ca_certificates: NotRequired[str]
    """PEM text of the authorities that signed the control plane's certificate; the public ones when
    left out."""


class WorkspaceNamespaceArgs(TypedDict):
    """Which workspace is asked for."""

    workspace: pulumi.Input[str]
    """Name of the workspace; it need not exist yet."""


class WorkspaceNamespace(TypedDict):
    """Where a workspace is."""

    namespace: pulumi.Output[str]
    """Namespace of the cluster that has the workspace's objects."""
    fqn: pulumi.Output[str]
    """Fully qualified name of the workspace, as applications name it."""


@dataclass(frozen=True)
class KnownArgs:
    """The arguments that steer what is built, checked and with defaults."""

    name: str
    kubeconfig: str
    context: str | None
    hub_url: str
    delivery: Delivery | None
    allowed_namespaces: tuple[str, ...]
    denied_namespaces: tuple[str, ...]
    agent_image: str
    agent_cpu_millicores: int
    agent_memory_mib: int
    hub_ca_certificates: str | None


def check_args(args: AttachedComputePlaneArgs) -> KnownArgs:
    """The arguments as known values.

    Raises:
        WrongArgument: one is missing, unknown or not allowed; the message names it.
    """
    _check_keys(dict(args))
    try:
        check_name("cluster", args["name"])
    except ValueError as exc:
        raise WrongArgument(str(exc)) from exc
    if not args["hub_url"].startswith("https://"):
        raise WrongArgument(
            f"hub_url {args['hub_url']!r} is not encrypted: the agent needs https://HOST[:PORT]"
        )
    memory_mib = int(args.get("agent_memory_mib", MEMORY_LIMIT_MIB))
    if memory_mib < SMALLEST_AGENT_MEMORY_MIB:
        raise WrongArgument(
            f"agent_memory_mib {memory_mib} is too little: use {SMALLEST_AGENT_MEMORY_MIB} or more"
        )
    return KnownArgs(
        name=args["name"],
        kubeconfig=args["kubeconfig"],
        context=args.get("context"),
        hub_url=args["hub_url"],
        delivery=_delivery(args.get("delivery")),
        allowed_namespaces=tuple(args.get("allowed_namespaces", ())),
        denied_namespaces=tuple(args.get("denied_namespaces", ())),
        agent_image=args.get("agent_image", DEFAULT_IMAGE),
        agent_cpu_millicores=int(args.get("agent_cpu_millicores", CPU_REQUEST_MILLICORES)),
        agent_memory_mib=memory_mib,
        hub_ca_certificates=args.get("hub_ca_certificates"),
    )


def _check_keys(args: dict[str, Any]) -> None:  # Any: programs may pass anything
    allowed = AttachedComputePlaneArgs.__annotations__
    for key in args:
        if key not in allowed:
            raise WrongArgument(f"unknown argument {key!r}; known are {', '.join(sorted(allowed))}")
    for key in ("name", "kubeconfig", "environments", "hub_url"):
        if args.get(key) is None or args[key] == "" or args[key] == []:
            raise WrongArgument(f"argument {key!r} is missing")
    for key in ("name", "kubeconfig", "hub_url"):
        if not isinstance(args[key], str):
            raise WrongArgument(
                f"argument {key!r} must be plain text, known before the program runs; "
                f"got {type(args[key]).__name__}"
            )


def _delivery(value: str | None) -> Delivery | None:
    if value is None:
        return None
    for known in _DELIVERIES:
        if value == known:
            return known
    raise WrongArgument(f"delivery {value!r} is not known: use {' or '.join(_DELIVERIES)}")
