"""Join tokens work once, for an hour, and only where they were made; every refusal is on record."""

from __future__ import annotations

import base64
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from platform_harness import Json, Platform

from splitplane.contract.views import EventView

pytestmark = pytest.mark.needs_tools


@pytest.fixture
def token(platform: Platform) -> tuple[str, str]:
    """Name and join token of a cluster that no agent has joined."""
    name = f"spare-{uuid4().hex[:8]}"
    manifest = {"type": "cluster", "name": name, "environments": ["dev"], "delivery": "direct"}
    view = platform.client.create(manifest)
    return name, view.observed["join_token"]


def test_token_works_once(platform: Platform, token: tuple[str, str]) -> None:
    name, secret = token
    first = _enrol(platform, secret)

    second = _enrol(platform, secret)

    assert first.status_code == 200
    assert first.json()["cluster_fqn"] == name
    _assert_refused(second)
    assert "used" in _refusals(platform, name)[0].message


def test_expired_token_is_refused(platform: Platform, token: tuple[str, str]) -> None:
    name, secret = token
    platform.execute(
        "UPDATE join_token SET expires_at = $1 WHERE cluster_id ="
        " (SELECT id FROM cluster WHERE name = $2)",
        datetime(2020, 1, 1, tzinfo=UTC),
        name,
    )

    answer = _enrol(platform, secret)

    _assert_refused(answer)
    assert "expired" in _refusals(platform, name)[0].message


def test_token_that_was_replaced_is_refused(platform: Platform, token: tuple[str, str]) -> None:
    name, secret = token
    newer = platform.client.rotate_join_token(name)

    old, new = _enrol(platform, secret), _enrol(platform, newer.token)

    _assert_refused(old)
    assert new.status_code == 200
    assert len(_refusals(platform, name)) == 1


def test_token_of_another_control_plane_is_refused(platform: Platform) -> None:
    # Well-formed, with a valid checksum, but never made here.
    foreign = "spl_join_0nQx3bqmYzq4m8Vf2yWk7LhT9sRj6cPd1aGe5uBi0oXN1yKk3A"

    answer = _enrol(platform, foreign)

    _assert_refused(answer)


def test_refusal_says_nothing_about_the_token(platform: Platform, token: tuple[str, str]) -> None:
    name, secret = token
    _enrol(platform, secret)

    answer = _enrol(platform, secret)

    assert secret not in answer.text
    assert all(secret not in event.model_dump_json() for event in _refusals(platform, name))
    assert secret not in platform.server.log.read_text(errors="replace")


def test_agent_with_a_used_token_ends_and_says_what_to_do(
    platform: Platform, token: tuple[str, str]
) -> None:
    name, secret = token
    _enrol(platform, secret)

    ended = subprocess.run(
        [sys.executable, "-m", "splitplane.agent"],
        env={
            "SPLITPLANE_AGENT_HUB_URL": platform.endpoint,
            "SPLITPLANE_AGENT_JOIN_TOKEN": secret,
            "SPLITPLANE_AGENT_KUBECONFIG": str(platform.cluster.kubeconfig),
            "SPLITPLANE_AGENT_NAMESPACE": f"agent-{name}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 3
    assert "the join token is used already; make a new join token" in ended.stderr
    assert secret not in ended.stderr
    assert [event.message for event in _refusals(platform, name)] == [
        "an agent was refused: the join token is used already"
    ]


def _enrol(platform: Platform, token: str) -> httpx.Response:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    body: Json = {
        "join_token": token,
        "public_key": base64.b64encode(key).decode(),
        "cluster_uid": str(uuid4()),
        "agent_version": "0.1.0",
        "kubernetes_version": "v1.36.1",
    }
    return httpx.post(f"{platform.endpoint}/agent/v1/enrol", json=body, trust_env=False)


def _assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "join_token_refused"
    assert "make a new one" in f"{problem['detail']} {problem['hint']}"


def _refusals(platform: Platform, cluster: str) -> list[EventView]:
    events = platform.client.events(object=cluster)
    return [event for event in events if event.type == "join-token.refused"]
