"""Tokens of service accounts: written once, rotated when they are due, never plain."""

from __future__ import annotations

from typing import Any

import pytest
from control_plane import ControlPlane
from kind_case import make_service_account
from provider_harness import PluginProcess

from splitplane.client import Client, Refused
from splitplane.provider.codec import UNKNOWN, Properties, Secret

TOKEN = "splitplane:index:Token"
PAST = "2020-01-01T00:00:00+00:00"


def _inputs(plane: ControlPlane, name: str, **changes: Any) -> Properties:  # Any: property values
    account = make_service_account(plane, f"{name}-a")
    return {"name": name, "serviceAccount": account, "overlapSeconds": 0, **changes}


def _works(plane: ControlPlane, secret: Secret) -> bool:
    with Client(plane.endpoint, secret.value) as client:
        try:
            return client.whoami().subject.startswith("sa:")
        except Refused:
            return False


def test_the_secret_is_kept_until_the_trigger_changes(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)

    planned = plugin.create(TOKEN, inputs, preview=True).outputs
    created = plugin.create(TOKEN, inputs)
    first = created.outputs["token"]
    _, _, outputs = plugin.read(TOKEN, created.id, inputs, created.outputs)
    triggered = {**inputs, "rotationTrigger": "1"}
    foreseen = plugin.update(TOKEN, created.id, inputs, outputs, triggered, preview=True)
    rotated = plugin.update(TOKEN, created.id, inputs, outputs, triggered)
    kept = plugin.update(TOKEN, created.id, triggered, rotated, inputs)

    assert (planned["token"], planned["expiresAt"]) == (Secret(UNKNOWN), UNKNOWN)
    assert outputs == created.outputs
    assert isinstance(first, Secret)
    assert first.value.startswith("spl_sa_")
    assert (foreseen["token"], foreseen["expiresAt"]) == (Secret(UNKNOWN), UNKNOWN)
    assert rotated["token"] != first
    assert kept["token"] == rotated["token"]
    assert not _works(control_plane, first)
    assert _works(control_plane, rotated["token"])


def test_the_old_secret_works_for_the_overlap(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique, overlapSeconds=600)
    created = plugin.create(TOKEN, inputs)
    triggered = {**inputs, "rotationTrigger": "1"}

    rotated = plugin.update(TOKEN, created.id, inputs, created.outputs, triggered)

    assert _works(control_plane, created.outputs["token"])
    assert _works(control_plane, rotated["token"])


def test_another_lifetime_makes_another_secret(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique, lifetimeDays=30)
    created = plugin.create(TOKEN, inputs)
    news = {**inputs, "lifetimeDays": 60}

    found = plugin.diff(TOKEN, created.id, inputs, created.outputs, news)
    rotated = plugin.update(TOKEN, created.id, inputs, created.outputs, news)

    assert found.detailed == {"lifetimeDays": "UPDATE"}
    assert rotated["token"] != created.outputs["token"]
    assert rotated["expiresAt"] > created.outputs["expiresAt"]


def test_an_ended_token_is_rotated_by_the_next_update(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)
    created = plugin.create(TOKEN, inputs)
    ended = {**created.outputs, "expiresAt": PAST}

    found = plugin.diff(TOKEN, created.id, inputs, ended, inputs)
    foreseen = plugin.update(TOKEN, created.id, inputs, ended, inputs, preview=True)
    rotated = plugin.update(TOKEN, created.id, inputs, ended, inputs)

    assert found.detailed == {"expiresAt": "UPDATE"}
    assert found.replaces == []
    assert foreseen["token"] == Secret(UNKNOWN)
    assert rotated["token"] != created.outputs["token"]
    assert not plugin.diff(TOKEN, created.id, inputs, rotated, inputs).has_changes


def test_a_revoked_secret_is_dropped_by_a_refresh_and_made_anew(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)
    created = plugin.create(TOKEN, inputs)
    with Client(control_plane.endpoint, created.outputs["token"].value) as own:
        (row,) = own.tokens()
        own.revoke_token(row.id)

    _, _, outputs = plugin.read(TOKEN, created.id, inputs, created.outputs)
    found = plugin.diff(TOKEN, created.id, inputs, outputs, inputs)
    rotated = plugin.update(TOKEN, created.id, inputs, outputs, inputs)

    assert not outputs.keys() & {"token", "expiresAt"}
    assert found.detailed == {"expiresAt": "ADD"}
    assert _works(control_plane, rotated["token"])


def test_a_secret_that_somebody_rotated_elsewhere_is_dropped(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)
    created = plugin.create(TOKEN, inputs)
    control_plane.client.rotate_service_account_token(created.id)

    _, _, outputs = plugin.read(TOKEN, created.id, inputs, created.outputs)

    assert "token" not in outputs
    assert not plugin.diff(TOKEN, created.id, inputs, outputs, inputs).has_changes


def test_an_imported_token_has_a_secret_after_a_rotation(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)
    created = plugin.create(TOKEN, inputs)

    found_id, found_inputs, outputs = plugin.read(TOKEN, f"sa-token:{unique}-a:{unique}")
    triggered = {**inputs, "rotationTrigger": "1"}
    rotated = plugin.update(TOKEN, found_id, found_inputs, outputs, triggered)

    assert found_id == created.id
    assert "token" not in outputs
    assert isinstance(rotated["token"], Secret)


@pytest.mark.parametrize(
    ("overlap", "reason"),
    [
        (-1, "-1 is not allowed; allowed: a whole number from 0 to 86400"),
        (86_401, "86401 is not allowed; allowed: a whole number from 0 to 86400"),
        ("1", "'1' is not allowed; allowed: a whole number from 0 to 86400"),
        (True, "True is not allowed; allowed: a whole number from 0 to 86400"),
    ],
)
def test_a_wrong_overlap_is_named(plugin: PluginProcess, overlap: object, reason: str) -> None:
    news = {"name": "deploy", "serviceAccount": "ci", "overlapSeconds": overlap}

    assert plugin.check(TOKEN, news)[1] == [("overlapSeconds", reason)]
