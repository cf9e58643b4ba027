"""Only commands that the pinned key signed, for this cluster and now, pass."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bundles import Deployed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fake_hub import FakeHub

from splitplane.agent.errors import Refused, UserError
from splitplane.agent.verify import CommandVerifier

# Fixed: the commands below are valid around it, whenever the tests run.
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
VALID = {"not_before": NOW, "expires_at": NOW + timedelta(minutes=5)}


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub(cluster_uid="uid-1")


@pytest.fixture
def verifier(hub: FakeHub) -> CommandVerifier:
    public = base64.b64encode(hub.signer.public_key().public_bytes_raw()).decode()
    return CommandVerifier([public], "uid-1")


def test_good_command_passes(hub: FakeHub, verifier: CommandVerifier) -> None:
    verifier.check(hub.sign(Deployed("team1").removal(), **VALID), NOW.timestamp())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cluster_uid": "uid-2"}, "WrongCluster"),
        ({"expires_at": NOW - timedelta(seconds=121)}, "Expired"),
        ({"not_before": NOW + timedelta(seconds=121)}, "NotYetValid"),
        ({"spec_sha256": "0" * 64}, "BadSignature"),
        ({"key_id": "0" * 16}, "BadSignature"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_signed_but_unfit_command_is_refused(
    hub: FakeHub, verifier: CommandVerifier, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused) as refusal:
        verifier.check(hub.sign(Deployed("team1").removal(), **(VALID | changes)), NOW.timestamp())

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "changes",
    [{"expires_at": NOW - timedelta(seconds=115)}, {"not_before": NOW + timedelta(seconds=115)}],
    ids=["expired", "not yet"],
)
def test_clocks_may_differ_by_two_minutes(
    hub: FakeHub, verifier: CommandVerifier, changes: dict[str, Any]
) -> None:
    verifier.check(hub.sign(Deployed("team1").removal(), **(VALID | changes)), NOW.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "apply-bundle"},
        {"actor": "user:eve@example.com"},
        {"seq": 99},
        {"id": "another"},
        {"expires_at": NOW + timedelta(days=1)},
        {"spec": "{}"},
        {"signature": "!"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_command_altered_after_signing_is_refused(
    hub: FakeHub, verifier: CommandVerifier, changes: dict[str, Any]
) -> None:
    command = hub.sign(Deployed("team1").removal(), **VALID).model_copy(update=changes)

    with pytest.raises(Refused) as refusal:
        verifier.check(command, NOW.timestamp())

    assert refusal.value.reason == "BadSignature"


def test_other_signer_is_refused(hub: FakeHub, verifier: CommandVerifier) -> None:
    stranger = FakeHub(cluster_uid="uid-1", signer=Ed25519PrivateKey.generate())

    with pytest.raises(Refused, match="which this agent does not know"):
        verifier.check(stranger.sign(Deployed("team1").removal(), **VALID), NOW.timestamp())


def test_unreadable_pinned_key_is_an_error() -> None:
    with pytest.raises(UserError, match="not a raw Ed25519 key"):
        CommandVerifier(["abc"], "uid-1")
