"""Retries and the connection pool over real sockets, against a server that follows a script."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from scripted_server import ScriptedServer, Step

from splitplane.client import Client, Conflict, RetryLater, Unreachable

MANIFEST = {"type": "environment", "name": "dev"}


class Script(ScriptedServer):
    """The server, and a client of it that waits for nothing."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.pauses: list[float] = []
        self.told: list[tuple[str, str]] = []

    def client(self, retries: int = 4) -> Client:
        return Client(
            self.endpoint,
            "spl_pat_x",
            retries=retries,
            sleep=self.pauses.append,
            tell=lambda kind, text: self.told.append((kind, text)),
        )


@pytest.fixture
def script(view: dict[str, Any]) -> Iterator[Script]:
    with Script(view) as made:
        yield made


@pytest.mark.parametrize("step", [(429, {}), (502, {}), (503, {}), (504, {}), "hang up", "cut"])
def test_a_creation_survives(script: Script, step: Step) -> None:
    script.steps = [step, step, (200, {})]

    with script.client() as client:
        made = client.create(MANIFEST)

    assert made.name == "dev"
    assert script.requests == ["POST"] * 3
    assert len(set(script.keys)) == 1
    assert len(script.pauses) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_a_refused_change_is_sent_once(script: Script, status: int) -> None:
    script.steps = [(status, {})]

    with script.client() as client, pytest.raises(Exception, match="happened"):
        client.update("environment", "environment:dev", MANIFEST)

    assert script.requests == ["PUT"]
    assert script.pauses == []


def test_what_is_not_safe_to_repeat_is_sent_once_when_its_answer_is_lost(script: Script) -> None:
    script.steps = ["hang up"]

    with script.client() as client, pytest.raises(Unreachable):
        client.apply([MANIFEST])

    assert script.requests == ["POST"]


def test_a_date_in_retry_after_is_waited_for(script: Script) -> None:
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime

    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    script.steps = [(503, {"retry-after": moment}), (200, {})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    assert 15 < script.pauses[0] <= 20.2


def test_no_retries_means_one_try(script: Script) -> None:
    script.steps = [(503, {})]

    with script.client(retries=0) as client, pytest.raises(RetryLater):
        client.get("environment", "environment:dev")

    assert script.requests == ["GET"]


def test_requests_share_connections(script: Script) -> None:
    with script.client() as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get("environment", "environment:dev"), range(200)))

    assert len(script.requests) == 200
    assert script.connections <= 8


def test_each_retry_is_told(script: Script) -> None:
    script.steps = [(503, {"retry-after": "3"}), "hang up", (200, {})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    kinds, texts = zip(*script.told, strict=True)
    assert kinds == ("retry", "retry")
    assert texts[0].startswith("control plane answered 503; trying again in 3.")
    assert texts[0].endswith(" s (1 of 4)")
    assert texts[1].startswith("control plane did not answer (")


def test_a_warning_of_the_server_is_told(script: Script) -> None:
    script.steps = [(200, {"warning": '299 splitplane "the token ends in 3 days"'})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    assert script.told == [("warning", "the token ends in 3 days")]


def test_a_stale_answer_of_a_cache_is_no_warning(script: Script) -> None:
    script.steps = [(200, {"warning": '110 cache "Response is stale"'})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    assert script.told == []


def test_a_conflict_keeps_its_problem(script: Script) -> None:
    script.steps = [(409, {})]

    with script.client() as client, pytest.raises(Conflict) as caught:
        client.update("environment", "environment:dev", MANIFEST, '"7"')

    assert caught.value.problem is not None
    assert caught.value.problem.status == 409
