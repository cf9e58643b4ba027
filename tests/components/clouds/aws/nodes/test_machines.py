"""Machines of node groups start from the image of their processor, from one pinned release."""

from __future__ import annotations

import email
import tomllib
from typing import Any

import pytest
import yaml
from aws_plane import settings_of
from hypothesis import given
from hypothesis import strategies as st

from splitplane.components.clouds.aws.cluster.versions import MINORS
from splitplane.components.clouds.aws.karpenter.pools import IMAGE_VERSIONS, Image
from splitplane.components.clouds.aws.nodes.checks import check_nodes
from splitplane.components.clouds.aws.nodes.machines import (
    COMMITS,
    KUBELETS,
    Accelerator,
    ami_type_of,
    architecture_of,
    build_machine_user_data,
    check_machines,
    image_of,
    machine_offering_problems,
    machine_types,
    offering_zones,
    place_groups,
    release_of,
    system_types,
)
from splitplane.components.clouds.aws.settings import NodeGroupSettings
from splitplane.platforms.aws_gpus import AWS_GPUS

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("m7i.large", "amd64"),
        ("m7a.large", "amd64"),
        ("m7g.large", "arm64"),
        ("m7gd.large", "arm64"),
        ("c7gn.xlarge", "arm64"),
        ("im4gn.large", "arm64"),
        ("t4g.medium", "arm64"),
        ("g5g.xlarge", "arm64"),
        ("x2gd.large", "arm64"),
        ("a1.large", "arm64"),
        ("g5.xlarge", "amd64"),
        ("g4dn.xlarge", "amd64"),
        ("gr6.4xlarge", "amd64"),
        ("g6e.xlarge", "amd64"),
        ("p5.48xlarge", "amd64"),
        ("p6-b200.48xlarge", "amd64"),
        ("p6e-gb200.36xlarge", "arm64"),
        ("u7i-12tb.224xlarge", "amd64"),
        ("mac2.metal", "amd64"),
    ],
)
def test_the_processor_is_told_by_the_family(kind: str, expected: str) -> None:
    assert architecture_of(kind) == expected


def test_families_with_gpus_are_amd64() -> None:
    families = {family for gpu in AWS_GPUS.values() for family in gpu.families}

    assert {architecture_of(f"{family}.xlarge") for family in families} == {"amd64"}


@pytest.mark.parametrize(
    ("image", "kind", "accelerator", "expected"),
    [
        ("al2023", "m7i.large", None, "AL2023_x86_64_STANDARD"),
        ("al2023", "m7g.large", None, "AL2023_ARM_64_STANDARD"),
        ("al2023", "g5.xlarge", "gpu", "AL2023_x86_64_NVIDIA"),
        ("al2023", "trn1.2xlarge", "neuron", "AL2023_x86_64_NEURON"),
        ("bottlerocket", "m7i.large", None, "BOTTLEROCKET_x86_64"),
        ("bottlerocket", "m7g.large", None, "BOTTLEROCKET_ARM_64"),
        ("bottlerocket", "g5.xlarge", "gpu", "BOTTLEROCKET_x86_64_NVIDIA"),
        ("bottlerocket", "g5g.xlarge", "gpu", "BOTTLEROCKET_ARM_64_NVIDIA"),
        ("bottlerocket", "inf2.xlarge", "neuron", "BOTTLEROCKET_x86_64"),
    ],
)
def test_the_image_is_that_of_system_processor_and_accelerator(
    image: Image, kind: str, accelerator: Accelerator | None, expected: str
) -> None:
    assert ami_type_of(image, [kind], accelerator) == expected


def test_releases_are_pinned_for_every_minor() -> None:
    assert list(KUBELETS) == [minor.version for minor in MINORS]
    assert list(COMMITS) == [IMAGE_VERSIONS["bottlerocket"]]
    assert release_of("al2023", "1.35") == "1.35.7-20260903"
    assert release_of("al2023", "1.33") == "1.33.13-20260903"
    assert release_of("bottlerocket", "1.35") == "1.64.0-ad9d4847"


def test_al2023_reads_a_node_config() -> None:
    text = build_machine_user_data("al2023", has_prefixes=True)

    assert text is not None
    message = email.message_from_string(text)
    _, part, *others = message.walk()
    assert not message.defects
    assert not others
    assert part.get_content_type() == "application/node.eks.aws"
    assert yaml.safe_load(str(part.get_payload())) == {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"kubelet": {"config": {"maxPods": 110}}},
    }


def test_bottlerocket_reads_settings() -> None:
    text = build_machine_user_data("bottlerocket", has_prefixes=True)

    assert text is not None
    assert tomllib.loads(text) == {"settings": {"kubernetes": {"max-pods": 110}}}


@pytest.mark.parametrize(
    ("has_prefixes", "expected"),
    [
        (True, {"device-ownership-from-security-context": True, "max-pods": 110}),
        (False, {"device-ownership-from-security-context": True}),
    ],
)
def test_pods_may_open_chips_of_aws_on_bottlerocket(
    has_prefixes: bool, expected: dict[str, object]
) -> None:
    text = build_machine_user_data("bottlerocket", has_prefixes=has_prefixes, accelerator="neuron")

    assert text is not None
    assert tomllib.loads(text) == {"settings": {"kubernetes": expected}}


@pytest.mark.parametrize("image", ["al2023", "bottlerocket"])
def test_without_prefixes_the_image_knows_how_many_pods_fit(image: Image) -> None:
    assert build_machine_user_data(image, has_prefixes=False) is None


def test_the_image_of_a_group_is_chosen_by_its_gpu() -> None:
    assert image_of(NodeGroupSettings("cpu", ("m7i.large",), 3)) == "al2023"
    assert image_of(NodeGroupSettings("gpu", ("g5.xlarge",), 3, gpu_name="a10g")) == "bottlerocket"
    assert image_of(NodeGroupSettings("cpu", ("m7i.large",), 3, image="bottlerocket")) == (
        "bottlerocket"
    )


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, ("m7i.large", "m6i.large", "m5.large")),
        ({"system_nodes": {"instance_types": ["m7g.large"]}}, ("m7g.large",)),
        ({"compute_mode": "auto_mode"}, ()),
        ({"cluster_name": "there"}, ()),
    ],
    ids=["default", "named", "auto-mode", "adopted"],
)
def test_controllers_have_machines_where_we_make_them(
    args: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert system_types(settings_of(**args)) == expected


def test_what_does_not_fit_is_said_of_each_group() -> None:
    settings = settings_of(
        compute_mode="node_groups",
        system_nodes={"instance_types": ["m7i.medium", "m7g.large"]},
        node_groups=[
            {"name": "mixed", "instance_types": ["c7g.large", "c7i.large"], "max_nodes": 3},
            {"name": "gpu", "instance_types": ["g5.xlarge"], "max_nodes": 3},
            {"name": "chips", "instance_types": ["inf2.xlarge"], "max_nodes": 3},
        ],
    )

    assert check_machines(settings) == [
        "system_nodes.instance_types has 'm7i.medium' (amd64) and 'm7g.large' (arm64), but an "
        "image is for one processor: use machines of one of them",
        "system_nodes.instance_types 'm7i.medium' is too small for the controllers: use machines "
        "with 2 cores and 8 GiB or more, such as m7i.large",
        "node_groups[0].instance_types has 'c7g.large' (arm64) and 'c7i.large' (amd64), but an "
        "image is for one processor: use machines of one of them",
        "node_groups[1].instance_types 'g5.xlarge' has GPUs, which need their own image and "
        "taint: set gpu_name 'a10g', or use machines without GPUs",
        "node_groups[2].instance_types 'inf2.xlarge' has chips of AWS, which need their own image "
        "and taint: set neuron_name 'inferentia2', or use machines without",
    ]


def test_machines_are_checked_with_the_nodes() -> None:
    settings = settings_of(system_nodes={"instance_types": ["t3.small"]})

    assert check_nodes(settings) == check_machines(settings) != []


def test_machines_that_fit_have_no_problems() -> None:
    groups = [{"name": "gpu", "instance_types": ["g5.xlarge"], "max_nodes": 3, "gpu_name": "a10g"}]

    assert check_machines(settings_of(compute_mode="node_groups", node_groups=groups)) == []
    assert check_machines(settings_of()) == []


def test_system_nodes_need_a_machine_in_each_zone_and_groups_in_one() -> None:
    groups = [
        {"name": "cpu", "instance_types": ["c7i.large"], "max_nodes": 3},
        {"name": "gpu", "instance_types": ["g5.xlarge"], "max_nodes": 3, "gpu_name": "a10g"},
    ]
    settings = settings_of(compute_mode="node_groups", node_groups=groups)
    offered = {"m7i.large": {"eu-west-1b"}, "g5.xlarge": {"eu-west-1c"}}

    assert machine_types(settings) == (
        "c7i.large",
        "g5.xlarge",
        "m5.large",
        "m6i.large",
        "m7i.large",
    )
    assert machine_offering_problems(settings, offered, ZONES) == [
        "system_nodes.instance_types ['m7i.large', 'm6i.large', 'm5.large'] are not offered in "
        "eu-west-1a, eu-west-1c: name machines that are offered there, or choose other zones",
        "node_groups[0].instance_types ['c7i.large'] are offered in none of the zones eu-west-1a, "
        "eu-west-1b, eu-west-1c: name machines that are, or choose other zones",
    ]


def test_a_group_of_zones_looks_at_no_other() -> None:
    group = {"name": "cpu", "instance_types": ["c7i.large"], "max_nodes": 3}
    groups = [group | {"zones": ["eu-west-1b"]}]
    settings = settings_of(compute_mode="node_groups", node_groups=groups)
    everywhere = {"c7i.large": set(ZONES), "m7i.large": set(ZONES)}

    placed = place_groups(settings, everywhere, ZONES)

    assert [zone for _, zone in placed] == ["eu-west-1b"]
    assert machine_offering_problems(settings, everywhere, ZONES) == []
    assert machine_offering_problems(settings, everywhere | {"c7i.large": {ZONES[0]}}, ZONES) == [
        "node_groups[0].instance_types ['c7i.large'] are offered in none of the zones eu-west-1b: "
        "name machines that are, or choose other zones"
    ]


def test_what_is_offered_has_no_problems() -> None:
    offered = {"m7i.large": {"eu-west-1a"}, "m5.large": set(ZONES)}

    assert machine_offering_problems(settings_of(), offered, ZONES) == []
    assert machine_offering_problems(settings_of(compute_mode="auto_mode"), {}, ZONES) == []


@given(
    st.lists(st.sampled_from(["m7i.large", "m6i.large", "m5.large"]), min_size=1, unique=True),
    st.dictionaries(
        st.sampled_from(["m7i.large", "m6i.large", "m5.large"]), st.sets(st.sampled_from(ZONES))
    ),
)
def test_a_zone_offers_when_one_machine_is_there(
    types: list[str], offered: dict[str, set[str]]
) -> None:
    found = offering_zones(types, offered, ZONES)

    assert list(found) == sorted(found)
    for zone in ZONES:
        assert (zone in found) == any(zone in offered.get(kind, set()) for kind in types)
