"""ApplySet marks follow KEP-3659, and pruning is exactly what the new bundle lacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from splitplane.agent.applyset import (
    apply_order,
    applyset_id,
    build_parent,
    decode_group_kinds,
    encode_group_kinds,
    mark_member,
    stale_members,
)
from splitplane.agent.kube import ObjectRef

KINDS = st.sampled_from([("", "Service"), ("apps", "Deployment"), ("batch", "Job")])
REFS = st.builds(
    ObjectRef,
    group=st.just(""),
    kind=st.sampled_from(["Service", "ConfigMap"]),
    namespace=st.just("team1"),
    name=st.sampled_from("abcd"),
)


def test_id_is_the_hash_of_name_namespace_kind_and_group() -> None:
    # SHA-256 of `p.team1.ConfigMap.` in URL-safe base64 without padding.
    assert applyset_id("p", "team1") == "applyset-UxslMjVk4wC_fDUI19ygXEwmuC1CCKIjeHSsrdHXUZs-v1"


def test_parent_names_tool_and_kinds() -> None:
    parent = build_parent(
        application_id="0198",
        namespace="team1",
        workspace="team1",
        group_kinds={("apps", "Deployment"), ("", "Service")},
        annotations={"splitplane.io/generation": "3"},
    )

    assert parent["metadata"]["name"] == "splitplane-applyset-0198"
    assert parent["metadata"]["annotations"] == {
        "applyset.kubernetes.io/tooling": "splitplane/v0.1.0",
        "applyset.kubernetes.io/contains-group-kinds": "Deployment.apps,Service",
        "splitplane.io/generation": "3",
    }


def test_marking_keeps_what_the_object_has_and_does_not_change_it() -> None:
    document = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "x", "labels": {"a": "b", "splitplane.io/application-id": "own"}},
    }

    marked = mark_member(
        document, application_id="0198", namespace="team1", annotations={"note": "1"}
    )

    assert marked["metadata"]["labels"]["a"] == "b"
    assert marked["metadata"]["labels"]["splitplane.io/application-id"] == "own"
    assert marked["metadata"]["annotations"] == {"note": "1"}
    assert "annotations" not in document["metadata"]


def test_what_others_refer_to_is_applied_first() -> None:
    kinds = ["Ingress", "Deployment", "Rollout", "ConfigMap", "Service", "ServiceAccount"]
    objects = [{"kind": kind, "metadata": {"name": "x"}} for kind in kinds]

    assert [item["kind"] for item in apply_order(objects)] == [
        "ServiceAccount",
        "ConfigMap",
        "Service",
        "Deployment",
        "Ingress",
        "Rollout",
    ]


@given(st.sets(KINDS))
def test_group_kinds_come_back_as_they_were(kinds: set[tuple[str, str]]) -> None:
    assert decode_group_kinds(encode_group_kinds(kinds)) == kinds


@given(st.sets(REFS), st.sets(REFS))
def test_pruned_are_members_that_are_not_wanted(
    members: set[ObjectRef], wanted: set[ObjectRef]
) -> None:
    stale = stale_members(members, wanted)

    assert set(stale) == members - wanted
    assert stale == sorted(stale)
