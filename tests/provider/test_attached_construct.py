"""The attached compute plane as programs in other languages make it, over gRPC."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from fake_engine import FakeEngine
from provider_harness import PluginProcess

from splitplane.provider.codec import (
    UNKNOWN,
    OutputValue,
    Properties,
    ResourceRef,
    Secret,
    decode,
    encode,
)
from splitplane.provider.stubs import errors_pb2, provider_pb2, status_pb2

TOKEN = "splitplane:index:AttachedComputePlane"
ENVIRONMENT = "splitplane:index:Environment"
URN = f"urn:pulumi:prod::acme::{TOKEN}::plane"
KUBECONFIG = """
current-context: prod
contexts: [{name: prod, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
users: [{name: u, user: {token: canary-4711}}]
"""
INPUTS: Properties = {
    "name": "prod-eu",
    "kubeconfig": Secret("x"),
    "environments": ["dev"],
    "hubUrl": "https://hub.example.com",
}


@pytest.fixture
def engine(plugin: PluginProcess) -> Iterator[FakeEngine]:
    with FakeEngine() as found:
        plugin.attach(found.address)
        yield found


def _request(engine: FakeEngine, inputs: Properties) -> provider_pb2.ConstructRequest:
    return provider_pb2.ConstructRequest(
        project="acme",
        stack="prod",
        monitorEndpoint=engine.address,
        type=TOKEN,
        name="plane",
        inputs=encode({**INPUTS, **inputs}),
    )


def _refusal(plugin: PluginProcess, engine: FakeEngine, inputs: Properties) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.stub.Construct(_request(engine, inputs), timeout=60)
    return caught.value


def test_resources_are_managed_while_a_cluster_does_not_answer(
    plugin: PluginProcess, engine: FakeEngine, unique: str
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(60)
        kubeconfig = Secret(KUBECONFIG % server.getsockname()[1])
        probing = plugin.stub.Construct.future(
            _request(engine, {"kubeconfig": kubeconfig}), timeout=60
        )
        peer, _ = server.accept()  # the probe asks, and nobody answers

        inputs, failures = plugin.check(ENVIRONMENT, {"name": unique})
        created = plugin.create(ENVIRONMENT, inputs)
        read = plugin.read(ENVIRONMENT, created.id, inputs, created.outputs)
        plugin.delete(ENVIRONMENT, created.id, inputs)

        assert (failures, read[0]) == ([], created.id)
        assert not probing.done()
        peer.close()
        server.close()
        error: Any = probing.exception(60)
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    assert "context 'prod' did not answer" in error.details()
    assert engine.registered == []


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"hubUrl": "http://hub.example.com"}, "hub_url 'http://hub.example.com' is not encrypted"),
        ({"kubeconfig": "x"}, "kubeconfig is not the text of a kubeconfig"),
        ({"name": "Prod"}, "cluster name 'Prod' is not allowed"),
    ],
)
def test_what_the_component_refuses_is_told(
    plugin: PluginProcess, engine: FakeEngine, inputs: Properties, text: str
) -> None:
    error = _refusal(plugin, engine, inputs)

    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert f"{TOKEN} 'plane': {text}" in error.details()


def test_every_wrong_input_is_named(plugin: PluginProcess, engine: FakeEngine) -> None:
    error = _refusal(
        plugin,
        engine,
        {
            "name": OutputValue(UNKNOWN),
            "delivery": "flux",
            "agentMemoryMib": 256.5,
            "labels": {"a/b": Secret("c")},
            "hub_url": "https://hub.example.com",
            "allowedNamespaces": [OutputValue(UNKNOWN)],
        },
    )

    packed = dict(error.trailing_metadata())["grpc-status-details-bin"]
    details = errors_pb2.InputPropertiesError()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(details)
    reasons = {item.property_path: item.reason for item in details.errors}
    assert {path: reason.partition(":")[0] for path, reason in reasons.items()} == {
        "name": "is not known yet",
        "delivery": "is 'flux'",
        "agentMemoryMib": "is 256.5",
        'labels["a/b"]': "is secret, which is not kept here",
        "hub_url": "is not known",
        "allowedNamespaces[0]": "is not known yet",
    }
    assert reasons["hub_url"].endswith("did you mean 'hubUrl'?")


@pytest.mark.parametrize(
    ("arguments", "state", "wanted"),
    [
        (
            {"workspace": OutputValue("team1", dependencies=(URN,))},
            {"clusterName": "prod-eu"},
            {"namespace": "team1", "fqn": "prod-eu:team1"},
        ),
        (
            {"workspace": OutputValue(UNKNOWN)},
            {"clusterName": "prod-eu"},
            {"namespace": UNKNOWN, "fqn": UNKNOWN},
        ),
        (
            {"workspace": "team1"},
            {"clusterName": UNKNOWN},
            {"namespace": "team1", "fqn": UNKNOWN},
        ),
        (
            {"workspace": Secret("team1")},
            {"clusterName": "prod-eu"},
            {"namespace": Secret("team1"), "fqn": Secret("prod-eu:team1")},
        ),
    ],
    ids=["known", "unknown", "component not created", "secret"],
)
def test_the_namespace_of_a_workspace_is_told(
    plugin: PluginProcess,
    engine: FakeEngine,
    arguments: Properties,
    state: Properties,
    wanted: Properties,
) -> None:
    engine.states[URN] = {"allowedNamespaces": ["team1"], "deniedNamespaces": [], **state}

    response = plugin.stub.Call(_call(engine, arguments), timeout=60)

    assert decode(getattr(response, "return")) == wanted


def test_a_workspace_that_cannot_be_there_is_refused(
    plugin: PluginProcess, engine: FakeEngine
) -> None:
    engine.states[URN] = {
        "clusterName": "prod-eu",
        "allowedNamespaces": [],
        "deniedNamespaces": ["db"],
    }

    with pytest.raises(grpc.RpcError) as caught:
        plugin.stub.Call(_call(engine, {"workspace": "db"}), timeout=60)

    error: Any = caught.value
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "workspace 'db' cannot be on this cluster" in error.details()


def _call(engine: FakeEngine, arguments: Properties) -> provider_pb2.CallRequest:
    return provider_pb2.CallRequest(
        project="acme",
        stack="prod",
        monitorEndpoint=engine.address,
        tok=f"{TOKEN}/workspaceNamespace",
        args=encode({"__self__": ResourceRef(URN), **arguments}),
        dryRun=True,
    )
