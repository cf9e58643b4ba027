"""Derived names keep within each service's limit and stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.components.clouds.aws.names import (
    LIMITS,
    check_cluster_name,
    derived_name,
    global_name,
)
from splitplane.components.errors import WrongArgument

LONG = "a-cluster-whose-name-is-so-long-that-hardly-anything-fits-behind-it"


@pytest.mark.parametrize(
    ("kind", "parts", "expected"),
    [
        ("role", ("prod-eu", "karpenter"), "prod-eu-karpenter"),
        (
            "role",
            (LONG, "node"),
            f"{LONG[:55]}-9eca7430",
        ),
        ("load_balancer", ("prod_eu", "gateway"), "prod-eu-gateway"),
        ("bucket_prefix", ("Prod_EU", "ml"), "prod-eu-ml"),
        ("security_group", ("sg-prod", "nodes"), "eks-sg-prod-nodes"),
        ("security_group", ("SG-prod", "files"), "eks-SG-prod-files"),
    ],
    ids=["short", "cut", "no-underscores", "lower-case", "no-id", "no-id-in-capitals"],
)
def test_name_is_the_parts_or_cut_with_a_hash(
    kind: str, parts: tuple[str, ...], expected: str
) -> None:
    assert derived_name(kind, *parts) == expected


@given(
    st.sampled_from(sorted(LIMITS)),
    st.from_regex(r"[a-z][a-z0-9-]{0,99}", fullmatch=True),
    st.sampled_from(["karpenter", "node", "ebs-csi-controller"]),
)
def test_name_is_never_longer_than_the_limit(kind: str, cluster: str, purpose: str) -> None:
    assert 0 < len(derived_name(kind, cluster, purpose)) <= LIMITS[kind]


def test_a_prefix_of_launch_templates_fits_with_its_hyphen_into_what_the_provider_takes() -> None:
    longest = derived_name("launch_template_prefix", "x" * 100, "system")

    assert len(f"{longest}-") == 99


def test_long_names_that_begin_alike_stay_apart() -> None:
    assert derived_name("role", LONG, "one") != derived_name("role", LONG, "two")


def test_names_of_a_whole_account_differ_from_region_to_region() -> None:
    assert global_name("role", "prod", "nodes", region="eu-west-1") == "prod-nodes-eu-west-1"
    assert global_name("role", LONG, "nodes", region="eu-west-1") != global_name(
        "role", LONG, "nodes", region="eu-west-2"
    )


@pytest.mark.parametrize("name", ["prod-eu", "A_1", "x" * 100])
def test_cluster_name_that_eks_takes_passes(name: str) -> None:
    check_cluster_name(name)


@pytest.mark.parametrize("name", ["", "-a", "a b", "x" * 101], ids=["empty", "-a", "a b", "101"])
def test_other_cluster_name_is_refused(name: str) -> None:
    with pytest.raises(WrongArgument, match=r"is not allowed: EKS takes 1 to 100 letters"):
        check_cluster_name(name)
