"""Which Kubernetes minors a cluster may have, where it may go from one, and its EKS add-ons. Pure.

Versions are pinned here and nowhere else: asking EKS for the most recent one would make every run a
possible upgrade. A minor is taken in once all its add-ons are known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from splitplane.components.errors import WrongArgument

SupportType = Literal["STANDARD", "EXTENDED"]


@dataclass(frozen=True)
class Minor:
    """A minor version of Kubernetes on EKS.

    Attributes:
        version: `1.35`.
        standard_until: day on which standard support ends, UTC; EKS then upgrades a cluster with
            support type STANDARD by itself, and charges one with EXTENDED more.
        extended_until: day on which EKS upgrades every cluster.
        addons: add-on → pinned version.
    """

    version: str
    standard_until: date
    extended_until: date
    addons: dict[str, str]


# Dates: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html and
# https://endoflife.date/amazon-eks. Add-on versions: what `aws eks describe-addon-versions` listed
# in spring 2026, for 1.33 and 1.34 as recorded by
# https://github.com/nudgebee/nudgebee-compatibility-registry, for 1.35 as pinned by public programs
# that run it; coredns and kube-proxy also by the tables of
# https://docs.amazonaws.cn/en_us/eks/latest/userguide/managing-coredns.html and
# https://docs.amazonaws.cn/en_us/eks/latest/userguide/managing-kube-proxy.html.
# All checked 2026-11-21.
#
# vpc-cni moves only one minor at a time, so it is the same for all:
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
_SHARED: Final = {
    "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
    "vpc-cni": "v1.21.1-eksbuild.8",
    "aws-ebs-csi-driver": "v1.59.0-eksbuild.1",
    "metrics-server": "v0.8.1-eksbuild.6",
    "eks-node-monitoring-agent": "v1.6.4-eksbuild.1",
}

MINORS: Final = (
    Minor(
        "1.33",
        standard_until=date(2026, 7, 29),
        extended_until=date(2027, 7, 29),
        addons=_SHARED
        | {
            "kube-proxy": "v1.33.10-eksbuild.5",
            "coredns": "v1.13.2-eksbuild.4",
            "snapshot-controller": "v8.5.0-eksbuild.4",
            "aws-efs-csi-driver": "v3.1.0-eksbuild.1",
        },
    ),
    Minor(
        "1.34",
        standard_until=date(2026, 12, 2),
        extended_until=date(2027, 12, 2),
        addons=_SHARED
        | {
            "kube-proxy": "v1.34.6-eksbuild.5",
            "coredns": "v1.13.2-eksbuild.7",
            "snapshot-controller": "v8.5.0-eksbuild.4",
            "aws-efs-csi-driver": "v3.1.0-eksbuild.1",
        },
    ),
    Minor(
        "1.35",
        standard_until=date(2027, 3, 27),
        extended_until=date(2028, 3, 27),
        addons=_SHARED
        | {
            "kube-proxy": "v1.35.3-eksbuild.5",
            "coredns": "v1.14.2-eksbuild.4",
            "snapshot-controller": "v8.5.0-eksbuild.5",
            "aws-efs-csi-driver": "v3.2.0-eksbuild.1",
        },
    ),
)
"""The minors that are supported here, oldest first."""
_BY_VERSION: Final = {minor.version: minor for minor in MINORS}
_MINOR: Final = re.compile(r"^1\.([1-9]\d{0,2})$")
_WARNING_DAYS: Final = 60
"""EKS announces the end at least that long before (same page)."""


def check_version(version: str) -> Minor:
    """The supported minor of that name.

    Raises:
        WrongArgument: it is not a minor version, or not a supported one.
    """
    if _MINOR.fullmatch(version) is None:
        hint = ""
        if (parts := version.removeprefix("v").split("."))[:1] == ["1"] and len(parts) > 2:
            hint = "; EKS chooses the patch itself"
        raise WrongArgument(
            f"kubernetes_version {version!r} is no minor version: write one of {_names()}{hint}"
        )
    if version not in _BY_VERSION:
        raise WrongArgument(
            f"kubernetes_version {version!r} is not supported: use one of {_names()}"
        )
    return _BY_VERSION[version]


def check_upgrade(current: str, wanted: str) -> None:
    """Raises WrongArgument unless a cluster with the current minor may get the wanted one.

    Args:
        current: what the cluster has, also one that is no longer supported here.
        wanted: what is asked for; the same is no upgrade and passes.
    """
    target = _number(check_version(wanted).version)
    if _MINOR.fullmatch(current) is None:
        raise WrongArgument(
            f"version {current!r} of the cluster is no minor version such as '1.35'"
        )
    have = _number(current)
    if target < have:
        raise WrongArgument(
            f"kubernetes_version {wanted!r} is older than the cluster's {current!r}: a run goes up "
            f"alone, since EKS takes nodes back before their cluster; write {current!r}, or first "
            "go back by one minor with aws eks, which it allows for 7 days"
        )
    if target > have + 1:
        steps = " and then ".join(repr(f"1.{minor}") for minor in range(have + 1, target + 1))
        raise WrongArgument(
            f"kubernetes_version {wanted!r} is {target - have} minors after the cluster's "
            f"{current!r}: EKS upgrades one minor at a time; go to {steps}, each with its nodes"
        )


def support_warning(version: str, support_type: SupportType, *, today: date) -> str | None:
    """What support of the version costs or does without being asked, None while nothing is near.

    Raises:
        WrongArgument: the version is not supported here.
    """
    minor = check_version(version)
    is_standard = support_type == "STANDARD"
    end = minor.standard_until if is_standard else minor.extended_until
    if today >= end:
        return (
            f"support ({support_type}) of Kubernetes {version} ended on {end}: EKS makes no new "
            "cluster with it, and upgrades one that is there at any time; use a later version"
            + (", or support_type 'EXTENDED' for a new cluster" if is_standard else "")
        )
    if (end - today).days <= _WARNING_DAYS:
        return (
            f"support ({support_type}) of Kubernetes {version} ends on {end}, then EKS upgrades "
            "the cluster by itself; upgrade it first"
        )
    if not is_standard and today >= minor.standard_until:
        return (
            f"Kubernetes {version} is in extended support since {minor.standard_until}, which "
            "costs more per hour; upgrade to end that"
        )
    return None


def find_addon_version(version: str, addon: str) -> str:
    """The pinned version of the add-on for the minor.

    Raises:
        WrongArgument: the minor is not supported, or the add-on is not pinned.
    """
    addons = check_version(version).addons
    if addon not in addons:
        raise WrongArgument(
            f"add-on {addon!r} has no pinned version for Kubernetes {version}: use one of "
            f"{', '.join(sorted(addons))}, or install it as a chart"
        )
    return addons[addon]


def _number(version: str) -> int:
    return int(version.removeprefix("1."))


def _names() -> str:
    return ", ".join(repr(minor.version) for minor in MINORS)
