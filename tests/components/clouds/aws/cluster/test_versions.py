"""A cluster gets a supported minor, moves one at a time, and has every add-on pinned."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest

from splitplane.components.clouds.aws.cluster.versions import (
    MINORS,
    SupportType,
    check_upgrade,
    check_version,
    find_addon_version,
    support_warning,
)
from splitplane.components.errors import WrongArgument

ADDONS = [
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "snapshot-controller",
    "vpc-cni",
]


@pytest.mark.parametrize("version", ["1.33", "1.34", "1.35"])
def test_supported_minor_passes(version: str) -> None:
    assert check_version(version).version == version


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.32", r"'1\.32' is not supported: use one of '1\.33', '1\.34', '1\.35'"),
        ("1.36", r"'1\.36' is not supported: use one of"),
        ("1.35.2", r"'1\.35\.2' is no minor version: write one of .*; EKS chooses the patch"),
        ("v1.35", r"'v1\.35' is no minor version: write one of '1\.33', '1\.34', '1\.35'$"),
        ("latest", r"'latest' is no minor version"),
        ("", r"'' is no minor version"),
        ("1.035", r"'1\.035' is no minor version"),
    ],
)
def test_other_version_is_refused(version: str, message: str) -> None:
    with pytest.raises(WrongArgument, match=f"kubernetes_version {message}"):
        check_version(version)


@pytest.mark.parametrize(
    ("current", "wanted"), [("1.35", "1.35"), ("1.34", "1.35"), ("1.32", "1.33")]
)
def test_the_same_and_the_next_minor_pass(current: str, wanted: str) -> None:
    check_upgrade(current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted", "message"),
    [
        (
            "1.35",
            "1.34",
            r"'1\.34' is older than the cluster's '1\.35': .*; write '1\.35', or first go back by",
        ),
        (
            "1.33",
            "1.35",
            r"'1\.35' is 2 minors after the cluster's '1\.33': .*go to '1\.34' and then '1\.35'",
        ),
        ("1.34", "1.36", r"'1\.36' is not supported"),
        ("1.36", "1.35", r"'1\.35' is older than the cluster's '1\.36'"),
        ("1.9", "1.33", r"is 24 minors after"),
        ("eks.1", "1.35", r"version 'eks\.1' of the cluster is no minor version"),
    ],
    ids=["back", "two", "unknown", "newer-cluster", "not-by-text", "no-version"],
)
def test_other_step_is_refused(current: str, wanted: str, message: str) -> None:
    with pytest.raises(WrongArgument, match=message):
        check_upgrade(current, wanted)


@pytest.mark.parametrize(
    ("version", "support", "today", "message"),
    [
        ("1.35", "STANDARD", date(2026, 11, 21), None),
        ("1.34", "EXTENDED", date(2026, 11, 21), None),
        ("1.34", "STANDARD", date(2026, 10, 2), None),
        ("1.34", "STANDARD", date(2026, 10, 3), r"ends on 2026-12-02, then EKS upgrades the clu"),
        (
            "1.33",
            "STANDARD",
            date(2026, 7, 29),
            r"ended on 2026-07-29: EKS makes no new .*'EXTENDED'",
        ),
        ("1.33", "EXTENDED", date(2027, 7, 29), r"ended on 2027-07-29: .*; use a later version$"),
        ("1.33", "EXTENDED", date(2026, 7, 28), None),
        ("1.33", "EXTENDED", date(2026, 7, 29), r"extended support since 2026-07-29, which costs"),
        ("1.33", "EXTENDED", date(2027, 7, 1), r"\(EXTENDED\) of .* 1\.33 ends on 2027-07-29"),
    ],
)
def test_warning_comes_before_eks_acts(
    version: str, support: SupportType, today: date, message: str | None
) -> None:
    warning = support_warning(version, support, today=today)

    if message is None:
        assert warning is None
    else:
        assert warning is not None
        assert re.search(message, warning)


def test_minors_follow_each_other_and_each_has_every_addon() -> None:
    numbers = [int(minor.version.split(".")[1]) for minor in MINORS]

    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for minor in MINORS:
        assert sorted(minor.addons) == ADDONS
        assert minor.standard_until < minor.extended_until


def test_addon_versions_are_those_of_eks() -> None:
    for minor in MINORS:
        for version in minor.addons.values():
            assert re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", version)
        assert minor.addons["kube-proxy"].startswith(f"v{minor.version}.")


def test_an_upgrade_moves_vpc_cni_at_most_one_minor() -> None:
    numbers = [int(minor.addons["vpc-cni"].split(".")[1]) for minor in MINORS]

    assert all(0 <= new - old <= 1 for old, new in pairwise(numbers))


def test_addon_version_is_found_or_the_addon_named() -> None:
    assert find_addon_version("1.35", "coredns") == "v1.14.2-eksbuild.4"
    with pytest.raises(WrongArgument, match=r"add-on 'cert-manager' has no pinned version for Kub"):
        find_addon_version("1.35", "cert-manager")
