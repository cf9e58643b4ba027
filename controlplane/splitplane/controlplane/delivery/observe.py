"""Whether a deployment is available, from the live objects of its application: pure functions.

Objects of an older version say nothing about the wanted one, so everything is asked of objects that
carry its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from splitplane.contract.conditions import ConditionStatus
from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.contract.manifests.cluster import Delivery

Document = dict[str, Any]  # Any: JSON, shapes in splitplane.contract.live

FINISHED_REASONS: Final = frozenset({"JobComplete", "JobFailed"})
"""Ends of a job: they stay true after the cluster has removed its object."""

_WAITING_IS_TROUBLE: Final = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
"""Reasons of waiting containers that do not pass by waiting (kubelet's container states)."""

_QUOTA_WORDS: Final = "exceeded quota"
"""Part of the API server's refusal of a pod above a ResourceQuota (its quota admission plugin)."""

MAX_MESSAGE_CHARACTERS: Final = 1024


@dataclass(frozen=True)
class Fact:
    """Status, reason and message of one condition."""

    status: ConditionStatus
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Seen:
    """One live object of the application."""

    kind: str
    name: str
    doc: Document


def available(
    manifest: ServiceManifest | JobManifest,
    *,
    version: int,
    delivery: Delivery,
    seen: Sequence[Seen],
    previous: Fact | None,
) -> Fact:
    """The condition Available of a version that was delivered.

    Args:
        manifest: the application as of that version.
        version: number of the deployment.
        delivery: how it reached the cluster.
        seen: live objects of the application, of any version.
        previous: the condition so far, if it was about this version; keeps the end of a job whose
            object is gone.
    """
    own = [item for item in seen if str(item.doc.get("version")) == str(version)]
    if delivery == "argocd":
        synced = _synced(own)
        if synced.status != "true":
            return _explained(synced, own)
    if isinstance(manifest, JobManifest):
        return _job(manifest, version, own, previous, events=seen)
    return _service(manifest, own)


def _service(manifest: ServiceManifest, own: Sequence[Seen]) -> Fact:
    found = _first(own, "Deployment", manifest.name)
    if found is None:
        return Fact("false", "Progressing", "the cluster has not shown the Deployment yet")
    if int(found.get("observed_generation") or 0) < int(found.get("generation") or 0):
        return Fact("false", "Progressing", "the cluster has not taken the new version up yet")
    wanted = int(found.get("replicas") or 0)
    updated = int(found.get("updated_replicas") or 0)
    ready = int(found.get("available_replicas") or 0)
    if updated >= wanted and ready >= wanted:
        return Fact("true", "Available", f"{ready} of {wanted} copies are available")
    refused = _condition(found, "ReplicaFailure")
    refusal = str(refused.get("message"))
    if refused.get("status") == "True" and _QUOTA_WORDS in refusal:
        return _explained(Fact("false", "QuotaExceeded", _quota_message(refusal)), own)
    progressing = _condition(found, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        message = str(progressing.get("message") or "the new version did not become available")
        return _explained(Fact("false", "ProgressDeadlineExceeded", message), own)
    message = f"{min(updated, ready)} of {wanted} copies of this version are available"
    return _explained(Fact("false", "Progressing", message), own)


def _job_refusal(events: Sequence[Seen], name: str) -> str | None:
    """What the quota said about the job's pods: a Job tells so in events only, by no condition."""
    for item in sorted(events, key=lambda one: one.name):
        message, about = str(item.doc.get("message")), item.doc.get("involved") or {}
        if item.kind == "Event" and about == {"kind": "Job", "name": name}:
            if _QUOTA_WORDS in message:
                return message
    return None


def _quota_message(text: str) -> str:
    """Which quota is in the way, what is asked, used and allowed, as the API server words it."""
    detail = text[text.index(_QUOTA_WORDS) :]
    return f"pods are refused: {detail}; raise the workspace's quota, or lower what is requested"


def _job(
    manifest: JobManifest,
    version: int,
    own: Sequence[Seen],
    previous: Fact | None,
    *,
    events: Sequence[Seen],
) -> Fact:
    name = f"{manifest.name}-v{version}"
    found = _first(own, "Job", name)
    if found is None:
        if previous is not None and previous.reason in FINISHED_REASONS:
            return previous
        return Fact("false", "Progressing", "the cluster has not shown the Job yet")
    if _condition(found, "Complete").get("status") == "True":
        return Fact("true", "JobComplete", f"{found.get('succeeded') or 0} copies succeeded")
    failed = _condition(found, "Failed")
    if failed.get("status") == "True":
        parts = (str(failed.get("reason") or ""), str(failed.get("message") or ""))
        message = ": ".join(part for part in parts if part) or "the job failed"
        return _explained(Fact("false", "JobFailed", message), own)
    refusal = None if found.get("active") else _job_refusal(events, name)
    if refusal is not None:
        return _explained(Fact("false", "QuotaExceeded", _quota_message(refusal)), own)
    message = (
        f"{found.get('succeeded') or 0} of {found.get('completions') or manifest.completions} "
        f"copies succeeded, {found.get('active') or 0} run"
    )
    return _explained(Fact("false", "Progressing", message), own)


def _synced(own: Sequence[Seen]) -> Fact:
    """Done is: the operation for this version succeeded, and all is synced.

    Where all was as wanted from the start, because another way of delivery had made it so, there is
    no operation.

    Argo CD's health is not asked: it says Healthy of the former version too, and of the new one
    later than the objects themselves do.
    """
    found = next((item.doc for item in own if item.kind == "Application"), None)
    if found is None:
        return Fact("false", "Progressing", "Argo CD has not shown the Application yet")
    phase = found.get("operation_phase")
    detail = str(found.get("operation_message") or found.get("message") or "")
    if phase in ("Failed", "Error"):
        return Fact("false", "ApplyFailed", f"Argo CD: {detail or phase}")
    if phase not in ("Succeeded", "") or found.get("sync") != "Synced":
        state = f"sync {found.get('sync')}, operation {phase or 'none'}"
        return Fact("false", "Progressing", f"Argo CD: {state}{': ' + detail if detail else ''}")
    return Fact("true", "Synced")


def _explained(fact: Fact, own: Sequence[Seen]) -> Fact:
    """The fact with what is wrong with the version's pods, if anything is."""
    trouble = _pod_trouble(own)
    message = f"{fact.message}; {trouble}" if trouble else fact.message
    return Fact(fact.status, fact.reason, message[:MAX_MESSAGE_CHARACTERS])


def _pod_trouble(own: Sequence[Seen]) -> str | None:
    """What is wrong with the first pod that has trouble; by name, so that it does not flicker."""
    for item in sorted(own, key=lambda one: one.name):
        if item.kind != "Pod":
            continue
        for container in item.doc.get("containers") or []:
            reason = str(container.get("reason") or "")
            if container.get("state") == "waiting" and reason in _WAITING_IS_TROUBLE:
                detail = str(container.get("message") or "")
                return f"pod {item.name}: {reason}{': ' + detail if detail else ''}"
        if item.doc.get("phase") == "Failed":
            detail = item.doc.get("message") or item.doc.get("reason") or "failed"
            return f"pod {item.name}: {detail}"
    return None


def _first(own: Sequence[Seen], kind: str, name: str) -> Document | None:
    return next((item.doc for item in own if (item.kind, item.name) == (kind, name)), None)


def _condition(doc: Document, kind: str) -> Document:
    found: list[Document] = doc.get("conditions") or []
    return next((item for item in found if item.get("type") == kind), {})
