"""Waits end at the resource's timeout or when the engine cancels, and keep what there is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc
import pytest
from control_plane import ControlPlane
from google.protobuf import empty_pb2
from kinds_table import SERVICE, make_workspace
from polling import wait_for
from provider_harness import PluginProcess, init_failure

from splitplane.provider.codec import Properties, decode, unwrap


@dataclass(frozen=True)
class Wait:
    """A resource that waits for an agent, where there is none.

    Attributes:
        token: its type token.
        inputs: makes inputs that wait.
        patient: what has to be changed so that nothing is waited for.
        outputs: names of outputs that the partial state has to have.
    """

    token: str
    inputs: Callable[[ControlPlane, str], Properties]
    patient: Properties
    outputs: tuple[str, ...]


WAITS = (
    Wait(
        token="splitplane:index:Application",
        inputs=lambda plane, name: {
            "name": name,
            "workspace": make_workspace(plane, name),
            "service": SERVICE,
        },
        patient={"waitFor": "none"},
        outputs=("fqn", "service"),
    ),
    Wait(
        token="splitplane:index:Cluster",
        inputs=lambda _, name: {
            "name": name,
            "environments": ["dev"],
            "waitUntilConnected": True,
        },
        patient={"waitUntilConnected": False},
        outputs=("fqn", "joinToken"),
    ),
)
# Beyond it, the answers of a busy machine and one poll.
TIMEOUT_SECONDS = 1.0
SLACK_SECONDS = 15.0

waits = pytest.mark.parametrize(
    "wait", [pytest.param(wait, id=wait.token.rpartition(":")[2]) for wait in WAITS]
)


@waits
def test_a_create_ends_at_its_timeout_and_keeps_the_object(
    wait: Wait, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = wait.inputs(control_plane, unique)
    started = time.monotonic()

    with pytest.raises(grpc.RpcError) as info:
        plugin.create(wait.token, inputs, timeout=TIMEOUT_SECONDS)

    assert TIMEOUT_SECONDS <= time.monotonic() - started < TIMEOUT_SECONDS + SLACK_SECONDS
    failure = init_failure(info.value)
    outputs = decode(failure.properties)
    assert failure.reasons
    assert decode(failure.inputs) == inputs
    assert set(wait.outputs) <= set(outputs)
    # What the engine kept is the object as it is: the next run has nothing to repair but the wait.
    found = plugin.read(wait.token, failure.id, inputs, outputs)
    assert found == (failure.id, inputs, outputs)
    assert not plugin.diff(wait.token, *found, inputs).has_changes


@waits
def test_an_update_ends_at_its_timeout_and_the_next_one_may_not_wait(
    wait: Wait, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = wait.inputs(control_plane, unique)
    patient = {**inputs, **wait.patient}
    created = plugin.create(wait.token, patient)
    started = time.monotonic()

    with pytest.raises(grpc.RpcError) as info:
        plugin.update(
            wait.token, created.id, patient, created.outputs, inputs, timeout=TIMEOUT_SECONDS
        )

    assert TIMEOUT_SECONDS <= time.monotonic() - started < TIMEOUT_SECONDS + SLACK_SECONDS
    failure = init_failure(info.value)
    outputs = decode(failure.properties)
    assert failure.id == created.id
    after = plugin.update(wait.token, created.id, inputs, outputs, patient)
    assert unwrap(after) == unwrap(created.outputs)


@waits
def test_a_cancelled_create_gives_what_there_is(
    wait: Wait, plugin_command: object, control_plane: ControlPlane, unique: str
) -> None:
    inputs = wait.inputs(control_plane, unique)
    errors: list[grpc.RpcError] = []

    with PluginProcess([str(plugin_command), "127.0.0.1:1"]) as plugin:
        plugin.configure({"endpoint": control_plane.endpoint, "token": control_plane.token})

        def create() -> None:
            try:
                plugin.create(wait.token, inputs)
            except grpc.RpcError as error:
                errors.append(error)

        creation = threading.Thread(target=create)
        creation.start()
        kind = "cluster" if wait.token.endswith("Cluster") else "application"
        wait_for(lambda: control_plane.is_listed(kind, unique), what="the object")
        plugin.stub.Cancel(empty_pb2.Empty())
        creation.join(timeout=SLACK_SECONDS)

    (error,) = errors
    assert set(wait.outputs) <= set(decode(init_failure(error).properties))
