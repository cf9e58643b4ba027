"""Waits before the next attempt: full jitter between 0 and a cap that doubles to a minute."""

from __future__ import annotations

from splitplane.agent.backoff import Backoff


def test_caps_double_to_a_minute() -> None:
    backoff = Backoff(choose=lambda low, high: high)

    assert [backoff.after_failure() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_waits_begin_at_zero() -> None:
    backoff = Backoff(choose=lambda low, high: low)

    assert [backoff.after_failure() for _ in range(3)] == [0, 0, 0]


def test_stable_session_resets_and_waits_within_the_spread() -> None:
    backoff = Backoff(choose=lambda low, high: high)
    for _ in range(5):
        backoff.after_failure()

    assert backoff.after_session(60.0, 30.0) == 30.0
    assert backoff.after_failure() == 1.0


def test_short_session_counts_as_a_failure() -> None:
    backoff = Backoff(choose=lambda low, high: high)
    for _ in range(5):
        backoff.after_failure()

    assert backoff.after_session(59.9, 30.0) == 32.0
