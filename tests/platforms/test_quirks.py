import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.platforms import apply_quirks, capabilities_of

GPU_TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def deployment(limits: dict[str, str]) -> dict[str, Any]:
    container = {"name": "app", "resources": {"limits": limits}}
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}


def test_pods_with_gpus_tolerate_the_taint_of_gpu_nodes() -> None:
    [adapted] = apply_quirks([deployment({"nvidia.com/gpu": "1"})], capabilities_of("local"))

    assert adapted["spec"]["template"]["spec"]["tolerations"] == [GPU_TOLERATION]


@pytest.mark.parametrize("kind", ["eks", "attached"])
def test_pods_with_chips_of_aws_tolerate_the_taint_of_their_nodes(kind: Any) -> None:
    limits = {"aws.amazon.com/neuron": "1"}

    [adapted] = apply_quirks([deployment(limits)], capabilities_of(kind))

    assert adapted["spec"]["template"]["spec"]["tolerations"] == [
        {"key": "aws.amazon.com/neuron", "operator": "Exists", "effect": "NoSchedule"}
    ]


def test_pods_without_gpus_stay_as_they_are() -> None:
    original = deployment({"cpu": "1"})

    assert apply_quirks([original], capabilities_of("gke")) == [original]


def test_a_pod_itself_and_its_init_containers_count() -> None:
    pod = {
        "kind": "Pod",
        "spec": {
            "containers": [{"name": "app"}],
            "initContainers": [{"name": "warm", "resources": {"limits": {"nvidia.com/gpu": "1"}}}],
        },
    }

    [adapted] = apply_quirks([pod], capabilities_of("eks"))

    assert adapted["spec"]["tolerations"] == [GPU_TOLERATION]


def test_the_input_is_not_written_to() -> None:
    original = deployment({"nvidia.com/gpu": "1"})
    before = copy.deepcopy(original)

    apply_quirks([original], capabilities_of("aks"))

    assert original == before


@pytest.mark.parametrize("item", [{}, {"kind": "Deployment"}, {"kind": "Widget", "spec": {"x": 1}}])
def test_unknown_shapes_come_back_unchanged(item: dict[str, Any]) -> None:
    assert apply_quirks([item], capabilities_of("attached")) == [item]


@given(
    count=st.integers(min_value=0, max_value=4),
    kind=st.sampled_from(["eks", "gke", "aks", "attached", "local"]),
)
def test_applying_twice_equals_applying_once(count: int, kind: Any) -> None:
    limits = {"nvidia.com/gpu": str(count)} if count else {}
    once = apply_quirks([deployment(limits)], capabilities_of(kind))

    assert apply_quirks(once, capabilities_of(kind)) == once
