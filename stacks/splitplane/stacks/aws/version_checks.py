"""Whether EKS still has the version of Kubernetes and the pinned versions of its add-ons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.addons.plan import plan_addons
from splitplane.components.clouds.aws.cluster.versions import (
    check_upgrade,
    find_addon_version,
    support_warning,
)
from splitplane.components.errors import WrongArgument
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.subject import Subject

_SHOWN_VERSIONS: Final = 3
_EXTENDED: Final = "EXTENDED_SUPPORT"


def check_cluster_version(subject: Subject) -> Iterator[Finding]:
    """EKS has the version, supports it as asked for, and can get a cluster that exists there."""
    settings = subject.settings
    wanted = settings.kubernetes_version
    if wanted is None:
        return
    if subject.cluster is not None:
        try:
            check_upgrade(str(subject.cluster["version"]), wanted)
        except WrongArgument as exc:
            yield failed("version", str(exc), "change kubernetes_version")
    known = {
        str(item["clusterVersion"]): str(item.get("versionStatus", ""))
        for item in subject.account.read_all(
            "eks", "DescribeClusterVersions", "clusterVersions", includeAll=True
        )
    }
    status = known.get(wanted)
    if status is None or status == "UNSUPPORTED":
        offered = ", ".join(sorted(name for name, how in known.items() if how != "UNSUPPORTED"))
        found = f"EKS makes no cluster with {wanted} here; it has {offered or 'none'}"
        yield failed("version", found, "change kubernetes_version")
        return
    if status == _EXTENDED and settings.support_type == "STANDARD" and subject.cluster is None:
        # https://docs.aws.amazon.com/eks/latest/userguide/create-cluster.html, "Support type"
        yield failed(
            "version",
            f"{wanted} is in extended support, with which EKS makes no cluster of support_type "
            "STANDARD",
            "use a later kubernetes_version, or support_type EXTENDED, which costs more per hour",
        )
        return
    warning = support_warning(wanted, settings.support_type, today=subject.today)
    if warning is not None:
        yield warned("version", warning, "use a later kubernetes_version")
    else:
        yield passed("version", f"{wanted} is in {status.lower().replace('_', ' ')}")


def check_addon_pins(subject: Subject) -> Iterator[Finding]:
    """EKS has every add-on in the pinned version for the cluster's version."""
    version = subject.settings.kubernetes_version or str((subject.cluster or {}).get("version", ""))
    names = [
        addon.step.name
        for addon in plan_addons(subject.settings, subject.account.scope)
        if not addon.is_adopted
    ]
    if not version or not names:
        return
    missing = False
    for name in names:
        try:
            pin = find_addon_version(version, name)
        except WrongArgument as exc:
            yield failed("add-ons", str(exc), "upgrade the cluster first")
            return
        offered = _read_versions(subject, name, version)
        if pin not in offered:
            missing = True
            latest = ", ".join(offered[:_SHOWN_VERSIONS]) or "none"
            yield failed(
                f"add-on {name}",
                f"EKS has no {pin} for {version} here; it has {latest}",
                "use a release of Splitplane that pins a version of these",
            )
    if not missing:
        yield passed("add-ons", f"all {len(names)} pinned versions are there for {version}")


def _read_versions(subject: Subject, name: str, version: str) -> list[str]:
    """Versions of the add-on, as EKS lists them: the latest first."""
    found = subject.account.read_all(
        "eks", "DescribeAddonVersions", "addons", addonName=name, kubernetesVersion=version
    )
    return [str(item["addonVersion"]) for addon in found for item in addon["addonVersions"]]
