"""From an object of the Kubernetes API to the trimmed document that travels; see `contract.live`.

Pure. Texts are cut at 1,024 characters and lists at 50 entries, so that no object fills a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from splitplane.agent.state.shapes import (
    ApplicationShape,
    Compared,
    ConditionShape,
    ContainerStatus,
    DeploymentShape,
    EventShape,
    JobShape,
    PodShape,
    QuotaShape,
)
from splitplane.contract import labels

MAX_TEXT: Final = 1024
MAX_ENTRIES: Final = 50

Shape = PodShape | DeploymentShape | JobShape | QuotaShape | EventShape | ApplicationShape
Document = dict[str, Any]  # Any: JSON


def trim(kind: str, item: Any) -> Document:  # Any: the shape that belongs to the kind
    """The trimmed document of an object of `kind`, with the version of its deployment."""
    document = _TRIMMERS[kind](item)
    document["version"] = (item.metadata.labels or {}).get(labels.VERSION)
    return document


def _pod(item: PodShape) -> Document:
    containers = [_container(status) for status in item.status.container_statuses[:MAX_ENTRIES]]
    return {
        "phase": item.status.phase,
        "reason": "Terminating" if item.metadata.deletion_timestamp else item.status.reason,
        "message": item.status.message[:MAX_TEXT],
        "node": item.spec.node_name,
        "ready": any(c.type == "Ready" and c.status == "True" for c in item.status.conditions),
        "restarts": sum(status.restart_count for status in item.status.container_statuses),
        "containers": containers,
    }


def _container(status: ContainerStatus) -> Document:
    detail = status.state.waiting or status.state.terminated
    state = "running" if status.state.running is not None else "waiting"
    return {
        "name": status.name,
        "ready": status.ready,
        "restarts": status.restart_count,
        "state": "terminated" if status.state.terminated is not None else state,
        "reason": detail.reason if detail else "",
        "message": detail.message[:MAX_TEXT] if detail else "",
    }


def _deployment(item: DeploymentShape) -> Document:
    return {
        "replicas": item.spec.replicas,
        "generation": item.metadata.generation,
        "observed_generation": item.status.observed_generation,
        "updated_replicas": item.status.updated_replicas,
        "ready_replicas": item.status.ready_replicas,
        "available_replicas": item.status.available_replicas,
        "conditions": _conditions(item.status.conditions),
    }


def _job(item: JobShape) -> Document:
    return {
        "active": item.status.active,
        "succeeded": item.status.succeeded,
        "failed": item.status.failed,
        "completions": item.spec.completions,
        "conditions": _conditions(item.status.conditions),
    }


def _quota(item: QuotaShape) -> Document:
    hard, used = item.status.hard, item.status.used
    return {
        "hard": {name: hard[name] for name in sorted(hard)[:MAX_ENTRIES]},
        "used": {name: used[name] for name in sorted(used)[:MAX_ENTRIES]},
    }


def _event(item: EventShape) -> Document:
    return {
        "type": item.type,
        "reason": item.reason,
        "message": item.message[:MAX_TEXT],
        "count": item.count or 1,
        "involved": {"kind": item.involved_object.kind, "name": item.involved_object.name},
        "last_seen": item.last_timestamp or item.event_time,
    }


def _application(item: ApplicationShape) -> Document:
    """What Argo CD says about the wanted version; of a former version it counts as not known yet.

    Otherwise a new version would look delivered until Argo CD takes it up.
    """
    wanted = _version(item.spec)
    operation = item.status.operation_state
    if operation and operation.sync_result and _version(operation.sync_result) != wanted:
        operation = None
    compared = _version(item.status.sync.compared_to)
    messages = "; ".join(f"{c.type}: {c.message}" for c in item.status.conditions)
    return {
        "sync": item.status.sync.status if compared == wanted else "Unknown",
        "health": item.status.health.status,
        "operation_phase": operation.phase if operation else "",
        "operation_message": operation.message[:MAX_TEXT] if operation else "",
        "target_revision": item.spec.source.target_revision,
        "message": messages[:MAX_TEXT],
    }


def _version(compared: Compared) -> str:
    return compared.source.helm.values_object.version


def _conditions(conditions: list[ConditionShape]) -> list[Document]:
    return [
        {
            "type": condition.type,
            "status": condition.status,
            "reason": condition.reason,
            "message": condition.message[:MAX_TEXT],
        }
        for condition in conditions[:MAX_ENTRIES]
    ]


_TRIMMERS: Final[dict[str, Callable[[Any], Document]]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "Job": _job,
    "Event": _event,
    "ResourceQuota": _quota,
    "Application": _application,
}
