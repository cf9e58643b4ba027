"""Conditions: what is known about an object, and the status that follows from them.

A status is never stored by hand; `derive_status` computes it, so that two views cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

from splitplane.contract.base import PeerModel

ConditionType = Literal["Built", "Rendered", "Delivered", "Available", "Connected", "Ready"]
ConditionStatus = Literal["true", "false", "unknown"]
Status = Literal[
    "pending",
    "building",
    "rolling_out",
    "available",
    "degraded",
    "succeeded",
    "failed",
    "deleting",
    "ready",
    "expired",
    "connected",
    "disconnected",
    "never_connected",
]

DEPLOYMENT_CONDITIONS: Final[tuple[ConditionType, ...]] = (
    "Built",
    "Rendered",
    "Delivered",
    "Available",
)
"""The conditions of an application in the order in which they come true."""

FINAL_FAILURE_REASONS: Final = frozenset(
    {
        "BuildFailed",
        "RenderFailed",
        "Refused",
        "ApplyFailed",
        "ProgressDeadlineExceeded",
        "JobFailed",
        "Expired",
        "AgentTooOld",
        "DeliveryMissing",
    }
)
"""Reasons with which a false condition is a failure and not only a step that is still to come."""

DEGRADED_REASONS: Final = frozenset({"QuotaExceeded"})
"""Reasons with which Available is false until somebody makes room, while the cluster tries on."""


class Condition(PeerModel):
    """One fact about an object.

    `reason` is one CamelCase word for machines, `message` a sentence for people, `changed_at` the
    time of the last change of `status`.
    """

    type: ConditionType
    status: ConditionStatus
    reason: str
    message: str = ""
    changed_at: datetime


def derive_status(
    kind: str,
    conditions: Iterable[Condition],
    *,
    is_deleting: bool = False,
    is_expired: bool = False,
) -> Status:
    """The status of an object of `kind` that follows from its conditions.

    An application is `failed` as soon as one condition is false for a final reason, `available`
    when all are true (`succeeded` for a finished job), `building` before Built, `pending` before
    Delivered, `rolling_out` after it and `degraded` while the workspace's quota holds it back. A
    workspace is `ready` when its namespace is as wanted or no agent can tell, `failed` when that
    was refused or given up, `pending` before. A cluster is `connected`, `disconnected` or
    `never_connected`. What ends by itself is `expired` after its end.
    Everything else is `ready`.
    """
    if is_deleting:
        return "deleting"
    if is_expired:
        return "expired"
    known: dict[ConditionType, Condition] = {c.type: c for c in conditions}
    if kind == "cluster":
        connected = known.get("Connected")
        if connected is None or connected.reason == "NeverConnected":
            return "never_connected"
        return "connected" if connected.status == "true" else "disconnected"
    if kind == "application":
        return _application_status(known)
    if kind == "workspace":
        return _workspace_status(known)
    return "ready"


def _workspace_status(known: dict[ConditionType, Condition]) -> Status:
    delivered = known.get("Delivered")
    if delivered is None or delivered.status != "false":
        return "ready"
    return "failed" if delivered.reason in FINAL_FAILURE_REASONS else "pending"


def _application_status(known: dict[ConditionType, Condition]) -> Status:
    ordered = [known.get(name) for name in DEPLOYMENT_CONDITIONS]
    if any(
        c is not None and c.status == "false" and c.reason in FINAL_FAILURE_REASONS for c in ordered
    ):
        return "failed"
    missing = next(
        (
            n
            for n, c in zip(DEPLOYMENT_CONDITIONS, ordered, strict=True)
            if c is None or c.status != "true"
        ),
        None,
    )
    if missing is None:
        available = known["Available"]
        return "succeeded" if available.reason == "JobComplete" else "available"
    if missing == "Built":
        return "building" if known.get("Built") is not None else "pending"
    if missing != "Available":
        return "pending"
    found = known.get("Available")
    return "degraded" if found is not None and found.reason in DEGRADED_REASONS else "rolling_out"
