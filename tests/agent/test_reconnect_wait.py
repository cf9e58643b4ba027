"""The longest wait between two attempts to reach the hub can be set."""

from __future__ import annotations

from splitplane.agent.backoff import Backoff
from splitplane.agent.settings import load_settings


def _caps(longest_seconds: float) -> list[float]:
    backoff = Backoff(lambda lowest, highest: highest, longest_seconds=longest_seconds)
    return [backoff.after_failure() for _ in range(8)]


def test_waits_double_up_to_the_longest() -> None:
    assert _caps(60.0) == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert _caps(3.0) == [1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]


def test_longest_wait_also_bounds_the_spread_of_the_hub() -> None:
    backoff = Backoff(lambda lowest, highest: highest, longest_seconds=2.0)

    assert backoff.after_session(100.0, spread_seconds=30.0) == 2.0


def test_longest_wait_is_a_setting_of_a_minute_by_default() -> None:
    hub = {"SPLITPLANE_AGENT_HUB_URL": "http://127.0.0.1:1"}

    assert load_settings(hub).reconnect_wait_seconds == 60.0
    shorter = load_settings({**hub, "SPLITPLANE_AGENT_RECONNECT_WAIT_SECONDS": "1.5"})
    assert shorter.reconnect_wait_seconds == 1.5
