from __future__ import annotations

from typing import Any

import httpx
import pytest

from splitplane.client import (
    AlreadyExists,
    ApiError,
    Broken,
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    RetryLater,
)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (422, "invalid_input", InvalidInput),
        (422, "immutable", InvalidInput),
        (413, "too_large", InvalidInput),
        (401, "unauthenticated", Refused),
        (403, "forbidden", Refused),
        (404, "not_found", NotFound),
        (409, "already_exists", AlreadyExists),
        (409, "stale", Conflict),
        (409, "in_use", Conflict),
        (409, "idempotency_key_reused", Conflict),
        (503, "unavailable", RetryLater),
        (500, "internal", Broken),
    ],
)
def test_each_code_says_what_to_do(
    wire: Any, problem: Any, status: int, code: str, kind: type[ApiError]
) -> None:
    wire.answers(problem(status, code))

    with pytest.raises(ApiError) as caught:
        wire.client(retries=0).whoami()

    assert type(caught.value) is kind
    assert caught.value.problem is not None
    assert caught.value.problem.code == code


def test_wrong_fields_are_in_the_message(wire: Any, problem: Any) -> None:
    field = {"field": "color", "value": "blue", "message": "is no colour", "allowed": "#rrggbb"}
    wire.answers(problem(422, "invalid_input", errors=[field]))

    with pytest.raises(InvalidInput) as caught:
        wire.client().create({"type": "environment", "name": "dev"})

    assert str(caught.value) == (
        "invalid_input happened; color: is no colour (got 'blue'); allowed: #rrggbb"
    )


def test_a_foreign_server_is_told_apart_from_a_missing_object(wire: Any) -> None:
    wire.answers(httpx.Response(404, text="nginx"))

    with pytest.raises(Broken) as caught:
        wire.client().whoami()

    assert str(caught.value) == (
        "https://cp.example.com answered 404 without a problem document: 'nginx'; "
        "is this the address of a Splitplane control plane?"
    )


def test_an_answer_of_another_shape_is_broken(wire: Any) -> None:
    wire.answers(httpx.Response(200, json={"subject": 1}))

    with pytest.raises(Broken, match="the answer is not a WhoAmI"):
        wire.client().whoami()


def test_an_unknown_kind_lists_the_known_ones(wire: Any) -> None:
    with pytest.raises(InvalidInput, match="kind 'pod' is not known: use one of environments"):
        wire.client().get("pod", "x")
