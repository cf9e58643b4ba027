from __future__ import annotations

from datetime import UTC, datetime

import pytest

from splitplane.contract.conditions import Condition, ConditionStatus, ConditionType, derive_status

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def condition(type_: ConditionType, status: ConditionStatus, reason: str = "X") -> Condition:
    return Condition(type=type_, status=status, reason=reason, changed_at=NOW)


BUILT = condition("Built", "true")
RENDERED = condition("Rendered", "true")
DELIVERED = condition("Delivered", "true")


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ([], "pending"),
        ([condition("Built", "unknown")], "building"),
        ([BUILT], "pending"),
        ([BUILT, RENDERED], "pending"),
        ([BUILT, RENDERED, DELIVERED], "rolling_out"),
        (
            [BUILT, RENDERED, DELIVERED, condition("Available", "false", "Progressing")],
            "rolling_out",
        ),
        (
            [BUILT, RENDERED, DELIVERED, condition("Available", "false", "QuotaExceeded")],
            "degraded",
        ),
        ([BUILT, RENDERED, DELIVERED, condition("Available", "true")], "available"),
        ([BUILT, RENDERED, DELIVERED, condition("Available", "true", "JobComplete")], "succeeded"),
        ([BUILT, RENDERED, condition("Delivered", "false", "ApplyFailed")], "failed"),
        ([BUILT, RENDERED, DELIVERED, condition("Available", "false", "JobFailed")], "failed"),
    ],
    ids=["none", "building", "built", "rendered", "delivered", "progressing", "over-quota",
         "available", "job", "apply-failed", "job-failed"],
)  # fmt: skip
def test_the_status_of_an_application_follows_from_its_conditions(
    conditions: list[Condition], status: str
) -> None:
    assert derive_status("application", conditions) == status


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ([], "never_connected"),
        ([condition("Connected", "true")], "connected"),
        ([condition("Connected", "false", "LeaseExpired")], "disconnected"),
        ([condition("Connected", "false", "NeverConnected")], "never_connected"),
    ],
    ids=["none", "connected", "lost", "never"],
)
def test_the_status_of_a_cluster_is_its_connection(
    conditions: list[Condition], status: str
) -> None:
    assert derive_status("cluster", conditions) == status


def test_what_is_being_deleted_says_so_whatever_its_conditions() -> None:
    assert derive_status("application", [BUILT], is_deleting=True) == "deleting"


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ([], "ready"),
        ([condition("Delivered", "unknown", "NeverConnected")], "ready"),
        ([condition("Delivered", "unknown", "AgentTooOld")], "ready"),
        ([condition("Delivered", "true", "Applied")], "ready"),
        ([condition("Delivered", "false", "Queued")], "pending"),
        ([condition("Delivered", "false", "Retrying")], "pending"),
        ([condition("Delivered", "false", "Refused")], "failed"),
        ([condition("Delivered", "false", "ApplyFailed")], "failed"),
        ([condition("Delivered", "false", "AgentTooOld")], "failed"),
    ],
    ids=["none", "never-connected", "labels-only", "applied", "queued", "retrying", "refused",
         "apply-failed", "limits-unknown"],
)  # fmt: skip
def test_the_status_of_a_workspace_is_that_of_its_namespace(
    conditions: list[Condition], status: str
) -> None:
    assert derive_status("workspace", conditions) == status
