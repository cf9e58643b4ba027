from __future__ import annotations

from typing import Any

import httpx
import pytest

from splitplane.client import Conflict, RetryLater, Unreachable


def test_a_read_is_repeated_until_the_server_is_back(wire: Any, view: Any) -> None:
    wire.answers(
        httpx.Response(503),
        httpx.ReadError("reset"),
        httpx.Response(502),
        httpx.Response(200, json=view),
    )

    assert wire.client().get("environment", "environment:dev").name == "dev"
    assert len(wire.requests) == 4


def test_pauses_have_full_jitter_below_a_doubling_ceiling(wire: Any) -> None:
    wire.answers(httpx.Response(503))

    with pytest.raises(RetryLater):
        wire.client(retries=4).whoami()

    ceilings = [0.2, 0.4, 0.8, 1.6]
    assert len(wire.pauses) == 4
    assert all(0 <= pause <= top for pause, top in zip(wire.pauses, ceilings, strict=True))


def test_retry_after_is_waited_at_least(wire: Any, view: Any) -> None:
    wire.answers(httpx.Response(503, headers={"retry-after": "7"}), httpx.Response(200, json=view))

    wire.client().get("environment", "environment:dev")

    assert 7.0 <= wire.pauses[0] <= 7.2


def test_a_pause_of_more_than_a_minute_is_left_to_the_caller(wire: Any, problem: Any) -> None:
    answer = problem(503, "unavailable")
    answer.headers["retry-after"] = "61"
    wire.answers(answer)

    with pytest.raises(RetryLater) as caught:
        wire.client().whoami()

    assert caught.value.delay_seconds == 61.0
    assert len(wire.requests) == 1


def test_a_creation_is_repeated_with_the_same_idempotency_key(wire: Any, view: Any) -> None:
    wire.answers(httpx.ReadError("reset"), httpx.Response(201, json=view))

    wire.client().create({"type": "environment", "name": "dev"})

    keys = {request.headers["idempotency-key"] for request in wire.requests}
    assert len(wire.requests) == 2
    assert len(keys) == 1


def test_an_apply_whose_answer_was_lost_is_not_repeated(wire: Any) -> None:
    wire.answers(httpx.ReadError("reset"))

    with pytest.raises(Unreachable):
        wire.client().apply([{"type": "environment", "name": "dev"}])

    assert len(wire.requests) == 1


def test_a_dry_run_is_repeated(wire: Any) -> None:
    wire.answers(
        httpx.ReadError("reset"),
        httpx.Response(200, json={"dry_run": True, "applied": False, "results": []}),
    )

    assert wire.client().apply([{"type": "environment"}], dry_run=True).dry_run
    assert len(wire.requests) == 2


def test_an_apply_that_never_left_is_repeated(wire: Any) -> None:
    wire.answers(
        httpx.ConnectError("refused"),
        httpx.Response(200, json={"dry_run": False, "applied": True, "results": []}),
    )

    assert wire.client().apply([{"type": "environment"}]).applied


def test_a_rate_limit_is_waited_out_for_every_request(wire: Any) -> None:
    wire.answers(
        httpx.Response(429, headers={"retry-after": "1"}),
        httpx.Response(
            200,
            json={
                "token": "spl_pat_y",
                "subject": "user:ann@example.com",
                "tenant": "default",
                "expires_at": "2030-01-01T00:00:00Z",
            },
        ),
    )

    assert wire.client().sign_in("code").token == "spl_pat_y"


def test_a_refused_change_is_never_repeated(wire: Any, problem: Any) -> None:
    wire.answers(problem(409, "in_use"))

    with pytest.raises(Conflict):
        wire.client().delete("environment", "environment:dev")

    assert len(wire.requests) == 1


def test_a_deletion_whose_answer_was_lost_counts_as_done(wire: Any, problem: Any) -> None:
    wire.answers(httpx.ReadError("reset"), problem(404, "not_found"))

    wire.client().delete("environment", "environment:dev")

    assert len(wire.requests) == 2


def test_an_unreachable_server_is_named_with_what_to_do(wire: Any) -> None:
    wire.answers(httpx.ConnectError("refused"))

    with pytest.raises(Unreachable) as caught:
        wire.client(retries=1).whoami()

    assert str(caught.value) == (
        "control plane https://cp.example.com did not answer (refused); check the address, your "
        "network and proxy; `splitplane doctor` helps"
    )
