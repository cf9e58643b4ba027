"""When the process counts as dead, and how metrics are written."""

from __future__ import annotations

from splitplane.agent.health import Health
from splitplane.agent.status import render_metrics


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_late_event_loop_is_a_problem_after_ten_seconds() -> None:
    clock = Clock()
    health = Health(clock=clock)
    health.expect_step(1000.0)

    clock.now += 11.0
    assert health.problems() == []
    clock.now += 0.1
    assert health.problems() == ["event loop is 10.1 s late"]


def test_tunnel_that_does_not_move_on_is_a_problem_a_minute_after_its_bound() -> None:
    clock = Clock()
    health = Health(clock=clock)
    health.expect_step(3600.0)

    clock.now += 3660.0
    health.ticked_at = clock.now
    assert health.problems() == []
    clock.now += 1.0
    health.ticked_at = clock.now
    assert health.problems() == ["tunnel has not moved for 61 s longer than it may"]


def test_metrics_are_prometheus_text() -> None:
    text = render_metrics(
        [
            ("a", "gauge", "A.", [({}, 1.0)]),
            ("b_total", "counter", "B.", [({"kind": 'x"\n'}, 2), ({"kind": "y"}, 0.5)]),
        ]
    )

    assert text == (
        "# HELP a A.\n# TYPE a gauge\na 1\n"
        "# HELP b_total B.\n# TYPE b_total counter\n"
        'b_total{kind="x\\"\\n"} 2\nb_total{kind="y"} 0.5\n'
    )
