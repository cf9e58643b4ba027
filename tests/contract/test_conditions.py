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
        ([BUILT, RENDERED, DELIVERED, condition("Available", "true")], "available"),
        ([BUILT, RENDERED, DELIVERED, condition("Available", "true", "JobComplete")], "succeeded"),
        ([BUILT, RENDERED, condition("Delivered", "false", "ApplyFailed")], "failed"),
        ([BUILT, RENDERED, DELIVERED, condition("Available", "false", "JobFailed")], "failed"),
    ],
    ids=["none", "building", "built", "rendered", "delivered", "progressing", "available", "job",
         "apply-failed", "job-failed"],
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
