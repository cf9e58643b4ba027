"""A join token that ended before any agent used it: a refresh drops it, an update makes another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from control_plane import ControlPlane
from provider_harness import PluginProcess

from splitplane.contract.views import ObjectView
from splitplane.provider.codec import UNKNOWN, Properties, Secret
from splitplane.provider.kinds.cluster import LAYOUT, ClusterResource

CLUSTER = "splitplane:index:Cluster"
PAST, FUTURE = "2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"
INPUTS: Properties = {"name": "prod-eu", "environments": ["dev"]}
STATE: Properties = {**INPUTS, "joinToken": Secret("spl_join_x"), "joinTokenExpiresAt": PAST}


def _view(status: str, **observed: Any) -> ObjectView:  # Any: JSON
    now = datetime.now(UTC)
    return ObjectView(
        id="0",
        fqn="prod-eu",
        kind="cluster",
        name="prod-eu",
        manifest={"type": "cluster", "name": "prod-eu", "environments": ["dev"]},
        status=status,
        observed=observed,
        etag="1",
        created_at=now,
        updated_at=now,
        created_by="user:ann@example.com",
    )


@pytest.mark.parametrize(
    ("status", "observed", "is_kept"),
    [
        pytest.param("never_connected", {"join_token_expires_at": PAST}, False, id="ended unused"),
        pytest.param("never_connected", {"join_token_expires_at": FUTURE}, True, id="still good"),
        pytest.param("connected", {}, True, id="used"),
        pytest.param("disconnected", {"join_token_expires_at": PAST}, True, id="has an agent"),
    ],
)
def test_a_refresh_drops_a_token_that_ended_unused(
    control_plane: ControlPlane, status: str, observed: dict[str, str], is_kept: bool
) -> None:
    cluster = ClusterResource(LAYOUT, control_plane.client)

    outputs = cluster.outputs(_view(status, **observed), INPUTS, STATE)

    assert ("joinToken" in outputs) is is_kept
    assert outputs["joinTokenExpiresAt"] == PAST


def test_an_import_of_a_cluster_whose_token_ended_has_nothing_to_do(
    control_plane: ControlPlane,
) -> None:
    cluster = ClusterResource(LAYOUT, control_plane.client)

    outputs = cluster.outputs(_view("never_connected", join_token_expires_at=PAST), INPUTS, {})

    assert not outputs.keys() & {"joinToken", "joinTokenExpiresAt"}
    assert cluster.diff("0", INPUTS, outputs, INPUTS).changes == {}


def test_the_next_update_makes_another_token(plugin: PluginProcess, unique: str) -> None:
    inputs = {**INPUTS, "name": unique}
    created = plugin.create(CLUSTER, inputs)
    assert created.outputs["joinTokenExpiresAt"] > datetime.now(UTC).isoformat()
    dropped = {k: v for k, v in created.outputs.items() if k != "joinToken"}

    found = plugin.diff(CLUSTER, created.id, inputs, dropped, inputs)
    foreseen = plugin.update(CLUSTER, created.id, inputs, dropped, inputs, preview=True)
    outputs = plugin.update(CLUSTER, created.id, inputs, dropped, inputs)

    assert found.detailed == {"joinToken": "ADD"}
    assert found.replaces == []
    assert foreseen["joinToken"] == Secret(UNKNOWN)
    assert outputs["joinToken"].value.startswith("spl_join_")
    assert outputs["joinToken"] != created.outputs["joinToken"]
    assert not plugin.diff(CLUSTER, created.id, inputs, outputs, inputs).has_changes
