"""What the engine calls beside resources: mappings, attaching, cancelling, many calls at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane
from google.protobuf import empty_pb2
from kinds_table import SERVICE, make_workspace
from polling import wait_for
from provider_harness import CALL_SECONDS, PluginProcess, init_failure
from scripted_server import ScriptedServer

from splitplane.provider.stubs import provider_pb2

APPLICATION = "splitplane:index:Application"
ENVIRONMENT = "splitplane:index:Environment"


def test_there_are_no_mappings_and_that_is_no_error(plugin: PluginProcess) -> None:
    one = plugin.stub.GetMapping(provider_pb2.GetMappingRequest(key="terraform"))
    named = plugin.stub.GetMapping(provider_pb2.GetMappingRequest(key="terraform", provider="x"))
    all_of_them = plugin.stub.GetMappings(provider_pb2.GetMappingsRequest(key="terraform"))

    assert [(found.provider, found.data) for found in (one, named)] == [("", b""), ("", b"")]
    assert list(all_of_them.providers) == []


def test_only_what_the_package_does_not_have_is_unimplemented(plugin: PluginProcess) -> None:
    with pytest.raises(grpc.RpcError) as info:
        plugin.stub.Parameterize(provider_pb2.ParameterizeRequest(), timeout=CALL_SECONDS)

    error: Any = info.value  # Any: what a failed call raises is also the call
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


def test_what_it_says_in_the_handshake_is_what_it_says_when_configured(
    plugin: PluginProcess, control_plane: ControlPlane
) -> None:
    shaken = plugin.handshake()
    configured = plugin.configure(
        {"endpoint": control_plane.endpoint, "token": control_plane.token}
    )

    assert (shaken.accept_secrets, shaken.accept_resources, shaken.accept_outputs) == (
        configured.acceptSecrets,
        configured.acceptResources,
        configured.acceptOutputs,
    )
    assert not shaken.supports_autonaming_configuration
    assert not configured.supports_autonaming_configuration
    assert configured.supportsPreview


def test_a_cancelled_wait_ends_with_what_is_known_and_the_next_engine_waits_again(
    plugin_command: Path, control_plane: ControlPlane, unique: str
) -> None:
    workspace = make_workspace(control_plane, unique)
    inputs = {"name": unique, "workspace": workspace, "service": SERVICE}
    with PluginProcess([plugin_command]) as plugin, ThreadPoolExecutor(1) as pool:
        plugin.attach("127.0.0.1:1")
        plugin.configure({"endpoint": control_plane.endpoint, "token": control_plane.token})
        creating = pool.submit(plugin.create, APPLICATION, inputs)
        wait_for(lambda: control_plane.is_listed("application", unique), what="the application")
        started = time.monotonic()

        plugin.stub.Cancel(empty_pb2.Empty(), timeout=CALL_SECONDS)
        error = creating.exception(timeout=CALL_SECONDS)

        assert time.monotonic() - started < 5
        assert isinstance(error, grpc.RpcError)
        failure = init_failure(error)
        assert failure.id != ""
        assert "Delivered is " in "; ".join(failure.reasons)

        plugin.attach("127.0.0.1:1")
        started = time.monotonic()
        with pytest.raises(grpc.RpcError):
            plugin.create(APPLICATION, inputs, timeout=2)
        assert time.monotonic() - started >= 1.5


def test_a_pause_between_tries_ends_when_the_engine_cancels(plugin_command: Path) -> None:
    with (
        ScriptedServer({}) as server,
        PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin,
        ThreadPoolExecutor(1) as pool,
    ):
        server.steps = [(503, {"retry-after": "50"})]
        plugin.configure({"endpoint": server.endpoint, "token": "x", "retries": 1})
        creating = pool.submit(plugin.create, ENVIRONMENT, {"name": "dev"})
        wait_for(lambda: server.requests != [], what="the first try")

        plugin.stub.Cancel(empty_pb2.Empty(), timeout=CALL_SECONDS)
        error: Any = creating.exception(timeout=20)

    assert error.code() is grpc.StatusCode.UNAVAILABLE


def test_slow_answers_hold_up_no_other_call(plugin_command: Path) -> None:
    with (
        ScriptedServer({}) as server,
        PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin,
        ThreadPoolExecutor(8) as pool,
    ):
        server.steps = [(503, {"retry-after": "50"})]
        plugin.configure({"endpoint": server.endpoint, "token": "x", "retries": 1})
        creating = [
            pool.submit(plugin.create, ENVIRONMENT, {"name": f"e{number}"}) for number in range(8)
        ]
        wait_for(lambda: len(server.requests) == 8, what="eight requests in flight")

        assert plugin.version() == "0.1.0"
        checked, failures = plugin.check(ENVIRONMENT, {"name": "dev"})
        assert not any(future.done() for future in creating)

        plugin.stub.Cancel(empty_pb2.Empty(), timeout=CALL_SECONDS)
        for future in creating:
            future.exception(timeout=CALL_SECONDS)
    assert (checked, failures) == ({"name": "dev"}, [])
    assert server.connections <= 16
