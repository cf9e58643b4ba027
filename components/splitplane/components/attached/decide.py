"""From the probe's report to what is done with the cluster. Pure: tests call it with tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from splitplane.components.attached.probe import Report, Right
from splitplane.components.errors import ClusterRefused, WrongArgument
from splitplane.contract.names import check_name

Scope = Literal["cluster", "namespace"]
Delivery = Literal["argocd", "direct"]

OLDEST_MINOR: Final = (1, 28)
"""Below it server-side apply and the projected tokens that we rely on are not tested."""
ADVISED_MINOR: Final = (1, 30)
"""The oldest minor that the large clouds still patched at the end of 2025."""

ARGOCD_KINDS: Final = frozenset({"applications.argoproj.io", "appprojects.argoproj.io"})

_RBAC: Final = "rbac.authorization.k8s.io"
CLUSTER_RIGHTS: Final = frozenset(
    {
        Right("create", "", "namespaces"),
        Right("create", _RBAC, "clusterroles"),
        Right("create", _RBAC, "clusterrolebindings"),
        Right("create", _RBAC, "roles"),
        Right("create", _RBAC, "rolebindings"),
        Right("create", "", "serviceaccounts"),
        Right("create", "", "configmaps"),
        Right("create", "", "secrets"),
        Right("create", "apps", "deployments"),
    }
)
"""What installing the agent for the whole cluster takes."""


@dataclass(frozen=True)
class Plan:
    """What is done.

    Attributes:
        scope: whether the agent may use every namespace that is not denied, or only those allowed.
        delivery: how bundles reach the cluster.
        storage_class: the class for disks; None when the cluster has no single default.
        warnings: what works now but should be changed, one sentence each.
    """

    scope: Scope
    delivery: Delivery
    storage_class: str | None
    warnings: tuple[str, ...]


def decide(report: Report, *, delivery: Delivery | None, allowed_namespaces: Sequence[str]) -> Plan:
    """The plan for the cluster.

    Args:
        report: what the probe saw, asked for `CLUSTER_RIGHTS`.
        delivery: what is asked for; Argo CD where it is installed, else direct, when None.
        allowed_namespaces: the only namespaces for workloads; all when empty.

    Raises:
        ClusterRefused: the cluster cannot be taken; the message lists everything to change.
    """
    problems: list[str] = []
    if report.minor < OLDEST_MINOR:
        problems.append(
            f"Kubernetes {report.version} is too old: upgrade it to {_dotted(ADVISED_MINOR)}"
        )
    if report.missing:
        listed = ", ".join(sorted(map(str, report.missing)))
        problems.append(f"you may not {listed}: use a kubeconfig of a cluster administrator")
    has_argocd = report.custom_kinds is not None and report.custom_kinds >= ARGOCD_KINDS
    if delivery == "argocd" and not has_argocd:
        problems.append(
            "delivery 'argocd' needs Argo CD, whose kinds are not installed: install it, or use "
            "delivery 'direct'"
        )
    if report.missing_namespaces:
        listed = ", ".join(map(repr, report.missing_namespaces))
        problems.append(f"allowed namespaces {listed} do not exist: create them, or allow others")
    if problems:
        raise ClusterRefused(f"cluster {report.server} cannot be attached: {'; '.join(problems)}")
    classes = report.default_storage_classes
    return Plan(
        scope="namespace" if allowed_namespaces else "cluster",
        delivery=delivery or ("argocd" if has_argocd else "direct"),
        storage_class=classes[0] if len(classes) == 1 else None,
        warnings=tuple(_warnings(report)),
    )


def check_workspace(name: str, allowed: Sequence[str], denied: Sequence[str]) -> str:
    """The namespace of the workspace of this name, which is its name.

    Args:
        name: name of the workspace.
        allowed: the only namespaces for workloads; all when empty.
        denied: namespaces that no workload may use.

    Raises:
        WrongArgument: it is not a name, or the namespace is not for workloads.
    """
    try:
        check_name("workspace", name)
    except ValueError as exc:
        raise WrongArgument(str(exc)) from exc
    if name in denied:
        raise WrongArgument(
            f"workspace {name!r} cannot be on this cluster: its namespace is among the denied "
            f"ones ({', '.join(sorted(denied))})"
        )
    if allowed and name not in allowed:
        raise WrongArgument(
            f"workspace {name!r} cannot be on this cluster: the only namespaces for workloads are "
            f"{', '.join(sorted(allowed))}"
        )
    return name


def _warnings(report: Report) -> list[str]:
    found: list[str] = []
    if report.minor < ADVISED_MINOR:
        found.append(
            f"Kubernetes {report.version} is old: {_dotted(ADVISED_MINOR)} or newer is advised"
        )
    classes = report.default_storage_classes
    if not classes:
        found.append("no default storage class: volumes need one to be named")
    elif len(classes) > 1:
        found.append(f"{len(classes)} default storage classes ({', '.join(classes)}): keep one")
    return found


def _dotted(minor: tuple[int, int]) -> str:
    return ".".join(map(str, minor))
