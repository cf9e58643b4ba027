from typing import Any, Literal

import pytest

from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.controlplane.delivery.observe import Fact, Seen, available

SERVICE = ServiceManifest(name="ranker", workspace="prod-eu:team1", image="nginx:1.29")
JOB = JobManifest(name="train", workspace="prod-eu:team1", image="python:3.13", completions=2)


def look(
    manifest: ServiceManifest | JobManifest,
    *seen: Seen,
    delivery: Literal["argocd", "direct"] = "direct",
    previous: Fact | None = None,
) -> Fact:
    return available(manifest, version=2, delivery=delivery, seen=seen, previous=previous)


def deployment(**doc: Any) -> Seen:
    fields: dict[str, Any] = {
        "version": "2",
        "replicas": 2,
        "generation": 4,
        "observed_generation": 4,
        "updated_replicas": 2,
        "available_replicas": 2,
    }
    return Seen("Deployment", "ranker", {**fields, **doc})


def job(**doc: Any) -> Seen:
    return Seen("Job", "train-v2", {"version": "2", "completions": 2, **doc})


def pod(reason: str, message: str = "", *, name: str = "ranker-x") -> Seen:
    container = {"name": "app", "state": "waiting", "reason": reason, "message": message}
    return Seen("Pod", name, {"version": "2", "phase": "Pending", "containers": [container]})


def argo(**doc: Any) -> Seen:
    fields: dict[str, Any] = {
        "version": "2",
        "sync": "Synced",
        "health": "Healthy",
        "operation_phase": "Succeeded",
    }
    return Seen("Application", "ranker", {**fields, **doc})


@pytest.mark.parametrize(
    ("doc", "status", "reason", "message"),
    [
        ({}, "true", "Available", "2 of 2 copies are available"),
        ({"replicas": 0, "updated_replicas": 0, "available_replicas": 0}, "true", "Available",
         "0 of 0 copies are available"),
        ({"available_replicas": 1}, "false", "Progressing",
         "1 of 2 copies of this version are available"),
        ({"updated_replicas": 0}, "false", "Progressing",
         "0 of 2 copies of this version are available"),
        ({"observed_generation": 3}, "false", "Progressing",
         "the cluster has not taken the new version up yet"),
        ({"version": "1"}, "false", "Progressing",
         "the cluster has not shown the Deployment yet"),
    ],
    ids=["available", "paused", "one-missing", "none-updated", "not-observed", "older"],
)  # fmt: skip
def test_a_service_is_available_when_all_its_copies_are(
    doc: dict[str, Any], status: str, reason: str, message: str
) -> None:
    fact = look(SERVICE, deployment(**doc))

    assert (fact.status, fact.reason, fact.message) == (status, reason, message)


def test_a_passed_deadline_fails_the_service_and_says_why() -> None:
    condition = {
        "type": "Progressing",
        "status": "False",
        "reason": "ProgressDeadlineExceeded",
        "message": "ReplicaSet has timed out progressing.",
    }

    fact = look(
        SERVICE,
        deployment(available_replicas=0, conditions=[condition]),
        pod("ImagePullBackOff", "no such image"),
    )

    assert fact == Fact(
        "false",
        "ProgressDeadlineExceeded",
        "ReplicaSet has timed out progressing.; pod ranker-x: ImagePullBackOff: no such image",
    )


REFUSAL = (
    'pods "ranker-x" is forbidden: exceeded quota: splitplane-quota, requested: requests.cpu=200m, '
    "used: requests.cpu=400m, limited: requests.cpu=500m"
)
OVER_QUOTA = Fact(
    "false",
    "QuotaExceeded",
    "pods are refused: exceeded quota: splitplane-quota, requested: requests.cpu=200m, used: "
    "requests.cpu=400m, limited: requests.cpu=500m; raise the workspace's quota, or lower what is "
    "requested",
)


def test_a_service_above_the_quota_names_it_whatever_its_deadline() -> None:
    conditions = [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"},
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": REFUSAL},
    ]

    fact = look(SERVICE, deployment(available_replicas=1, conditions=conditions))

    assert fact == OVER_QUOTA


def test_another_reason_of_missing_copies_is_not_the_quota() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": "admission webhook denied"}

    fact = look(SERVICE, deployment(available_replicas=1, conditions=[failure]))

    assert fact.reason == "Progressing"


@pytest.mark.parametrize(("active", "reason"), [(0, "QuotaExceeded"), (1, "Progressing")])
def test_a_job_without_pods_names_the_quota_of_its_warning(active: int, reason: str) -> None:
    involved = {"kind": "Job", "name": "train-v2"}
    warning = Seen("Event", "train.1", {"message": REFUSAL, "involved": involved})

    fact = look(JOB, job(active=active), warning)

    assert fact.reason == reason
    assert (fact == OVER_QUOTA) is (active == 0)


def test_pods_that_only_start_are_no_trouble() -> None:
    fact = look(SERVICE, deployment(available_replicas=0), pod("ContainerCreating"))

    assert fact.message == "0 of 2 copies of this version are available"


def test_the_first_pod_with_trouble_is_named() -> None:
    fact = look(
        SERVICE,
        deployment(available_replicas=0),
        pod("ErrImagePull", name="ranker-b"),
        pod("CrashLoopBackOff", name="ranker-a"),
    )

    assert fact.message.endswith("; pod ranker-a: CrashLoopBackOff")


@pytest.mark.parametrize(
    ("doc", "status", "reason", "message"),
    [
        ({"active": 2}, "false", "Progressing", "0 of 2 copies succeeded, 2 run"),
        ({"succeeded": 2, "conditions": [{"type": "Complete", "status": "True"}]},
         "true", "JobComplete", "2 copies succeeded"),
        ({"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded",
                          "message": "Job was active longer than specified deadline"}]},
         "false", "JobFailed", "DeadlineExceeded: Job was active longer than specified deadline"),
    ],
    ids=["active", "complete", "failed"],
)  # fmt: skip
def test_a_job_is_available_when_it_is_complete(
    doc: dict[str, Any], status: str, reason: str, message: str
) -> None:
    fact = look(JOB, job(**doc))

    assert (fact.status, fact.reason, fact.message) == (status, reason, message)


@pytest.mark.parametrize("reason", ["JobComplete", "JobFailed"])
def test_the_end_of_a_job_outlives_its_object(reason: str) -> None:
    end = Fact("true", reason, "done")

    assert look(JOB, previous=end) == end


def test_a_job_that_was_not_seen_yet_progresses() -> None:
    assert look(JOB, previous=Fact("false", "Progressing")).reason == "Progressing"


@pytest.mark.parametrize(
    ("doc", "status", "reason"),
    [
        ({}, "true", "Available"),
        ({"operation_phase": ""}, "true", "Available"),
        ({"operation_phase": "", "sync": "OutOfSync"}, "false", "Progressing"),
        ({"operation_phase": "Running"}, "false", "Progressing"),
        ({"sync": "OutOfSync"}, "false", "Progressing"),
        ({"operation_phase": "Failed", "operation_message": "denied"}, "false", "ApplyFailed"),
        ({"version": "1"}, "false", "Progressing"),
    ],
    ids=["done", "synced-from-the-start", "not-begun", "running", "out-of-sync", "failed", "older"],
)
def test_argo_cd_must_have_synced_this_version(
    doc: dict[str, Any], status: str, reason: str
) -> None:
    fact = look(SERVICE, deployment(), argo(**doc), delivery="argocd")

    assert (fact.status, fact.reason) == (status, reason)
