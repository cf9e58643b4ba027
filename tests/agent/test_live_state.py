"""What of a live object travels, how it is held, and when two ends hold the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.agent.state.shapes import ApplicationShape, DeploymentShape, EventShape, PodShape
from splitplane.agent.state.store import MAX_EVENTS, Held, LiveStore
from splitplane.agent.state.trim import trim
from splitplane.contract.live import EMPTY_DIGEST


def convert(shape: Any, document: dict[str, Any]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(document), type=shape)


def test_pod_says_why_it_waits_and_hides_environment() -> None:
    pod = convert(
        PodShape,
        {
            "metadata": {"name": "p", "labels": {"splitplane.io/version": "3"}},
            "spec": {
                "nodeName": "n1",
                "containers": [{"env": [{"name": "SECRET", "value": "hidden"}]}],
            },
            "status": {
                "phase": "Pending",
                "conditions": [{"type": "Ready", "status": "False"}],
                "containerStatuses": [
                    {
                        "name": "main",
                        "restartCount": 2,
                        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "m" * 2000}},
                    },
                    {"name": "side", "ready": True, "state": {"running": {"startedAt": "now"}}},
                ],
            },
        },
    )

    doc = trim("Pod", pod)

    assert "hidden" not in str(doc)
    assert (doc["phase"], doc["node"], doc["ready"], doc["restarts"]) == ("Pending", "n1", False, 2)
    assert doc["version"] == "3"
    assert doc["containers"][0]["reason"] == "ImagePullBackOff"
    assert len(doc["containers"][0]["message"]) == 1024
    assert [c["state"] for c in doc["containers"]] == ["waiting", "running"]


def test_pod_that_is_being_deleted_says_so() -> None:
    pod = convert(
        PodShape,
        {
            "metadata": {"name": "p", "deletionTimestamp": "2026-01-01T00:00:00Z"},
            "status": {"phase": "Running"},
        },
    )

    assert (trim("Pod", pod)["phase"], trim("Pod", pod)["reason"]) == ("Running", "Terminating")


def test_counts_that_the_cluster_leaves_out_are_zero() -> None:
    doc = trim(
        "Deployment",
        convert(DeploymentShape, {"metadata": {"name": "d", "generation": 4}, "status": {}}),
    )

    assert doc == {
        "replicas": 1,
        "generation": 4,
        "observed_generation": 0,
        "updated_replicas": 0,
        "ready_replicas": 0,
        "available_replicas": 0,
        "conditions": [],
        "version": None,
    }


def test_event_names_what_it_is_about() -> None:
    event = convert(
        EventShape,
        {
            "metadata": {"name": "e"},
            "type": "Warning",
            "reason": "BackOff",
            "message": "why",
            "count": None,
            "involvedObject": {"kind": "Pod", "name": "p"},
            "lastTimestamp": None,
            "eventTime": "2026-01-01T00:00:00.000000Z",
        },
    )

    doc = trim("Event", event)

    assert doc["involved"] == {"kind": "Pod", "name": "p"}
    assert (doc["count"], doc["last_seen"]) == (1, "2026-01-01T00:00:00.000000Z")


def source(version: str) -> dict[str, Any]:
    return {
        "targetRevision": "1.0.0",
        "helm": {"valuesObject": {"version": version, "objects": []}},
    }


@pytest.mark.parametrize(
    ("compared", "synced", "expected"),
    [
        ("2", "2", ("Synced", "Succeeded")),
        ("1", "1", ("Unknown", "")),
        ("2", "1", ("Synced", "")),
    ],
    ids=["taken up", "not yet seen", "compared but not synced"],
)
def test_application_tells_of_the_wanted_version_only(
    compared: str, synced: str, expected: tuple[str, str]
) -> None:
    application = convert(
        ApplicationShape,
        {
            "metadata": {"name": "a"},
            "spec": {"source": source("2")},
            "status": {
                "sync": {"status": "Synced", "comparedTo": {"source": source(compared)}},
                "health": {"status": "Healthy"},
                "operationState": {
                    "phase": "Succeeded",
                    "syncResult": {"source": source(synced)},
                },
            },
        },
    )

    doc = trim("Application", application)

    assert (doc["sync"], doc["operation_phase"]) == expected


def build_store() -> tuple[LiveStore, list[tuple[str, str, str]]]:
    told: list[tuple[str, str, str]] = []
    return LiveStore(changed=lambda *key: told.append(key)), told


def test_only_changes_are_told() -> None:
    store, told = build_store()
    for version in ("1", "1", "2"):
        store.put("Pod", ("ns", "p"), Held("u", version, None, b"{}"))
    store.drop("Pod", ("ns", "p"))
    store.drop("Pod", ("ns", "p"))

    assert told == [("Pod", "ns", "p")] * 3


def test_events_are_bounded_and_the_oldest_go_first() -> None:
    store, _ = build_store()
    for number in range(MAX_EVENTS + 1):
        store.put("Event", ("ns", f"e{number}"), Held("u", "1", None, b"{}"))

    assert store.counts()["Event"] == 2000
    assert store.find("Event", "ns", "e0") is None
    assert store.find("Event", "ns", "e1") is not None


def test_new_list_of_a_namespace_takes_away_only_what_is_gone_there() -> None:
    store, _ = build_store()
    for place in (("one", "a"), ("one", "b"), ("two", "a")):
        store.put("Pod", place, Held("u", "1", None, b"{}"))

    store.keep_only("Pod", [("one", "b")], namespace="one")

    assert store.keys("Pod") == [("one", "b"), ("two", "a")]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 9) | st.none()), min_size=1, max_size=30
    )
)
def test_digest_depends_on_what_is_held_and_not_on_the_way_there(
    steps: list[tuple[str, int | None]],
) -> None:
    store, _ = build_store()
    state: dict[str, int] = {}
    for name, version in steps:
        if version is None:
            store.drop("Pod", ("ns", name))
            state.pop(name, None)
        else:
            store.put("Pod", ("ns", name), Held("u", str(version), None, b"{}"))
            state[name] = version
    fresh, _ = build_store()
    for name, version in sorted(state.items()):
        fresh.put("Pod", ("ns", name), Held("u", str(version), None, b"{}"))

    assert store.digests()["Pod"] == fresh.digests()["Pod"]
    assert (store.digests()["Pod"].digest == EMPTY_DIGEST) == (not state)
