"""Call over gRPC: methods of components that the engine knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
from splitplane.provider.stubs import provider_pb2

BOX = "urn:pulumi:prod::acme::gallery:index:Box::one"
URN = "urn:pulumi:prod::acme::gallery:index:Gallery::g"
STATE = {"rooms": 3, "setting": "prod: none"}


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine(states={URN: STATE}) as found:
        yield found


@pytest.fixture(scope="module")
def gallery(repository: Path) -> Iterator[PluginProcess]:
    with PluginProcess([repository / "tests" / "standins" / "pulumi-resource-gallery"]) as process:
        yield process


@pytest.fixture(autouse=True)
def attached(gallery: PluginProcess, engine: FakeEngine) -> None:
    gallery.attach(engine.address)


def _call(
    gallery: PluginProcess, engine: FakeEngine, arguments: Properties, **fields: Any
) -> provider_pb2.CallResponse:
    request = provider_pb2.CallRequest(
        **{
            "project": "acme",
            "stack": "prod",
            "monitorEndpoint": engine.address,
            "dryRun": engine.is_preview,
            "tok": "gallery:index:Gallery/planTour",
            "args": encode({"__self__": ResourceRef(URN), **arguments}),
            **fields,
        }
    )
    return gallery.stub.Call(request, timeout=60)


def _returned(response: provider_pb2.CallResponse) -> Properties:
    assert list(response.failures) == []
    return decode(getattr(response, "return"))


def test_a_method_returns_what_follows_from_component_and_arguments(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    response = _call(gallery, engine, {"guests": OutputValue(2.0, dependencies=(BOX,))})

    assert _returned(response) == {"minutes": 30, "badge": "nobody/prod: none"}
    assert {key: list(item.urns) for key, item in response.returnDependencies.items()} == {
        "minutes": [BOX, URN],
        "badge": [URN],
    }


def test_dependencies_that_come_apart_are_kept(gallery: PluginProcess, engine: FakeEngine) -> None:
    urns = provider_pb2.CallRequest.ArgumentDependencies(urns=[BOX])

    response = _call(gallery, engine, {"guests": 2}, argDependencies={"guests": urns})

    assert list(response.returnDependencies["minutes"].urns) == [BOX, URN]


def test_what_follows_from_an_unknown_is_unknown(gallery: PluginProcess) -> None:
    with FakeEngine(is_preview=True, states={URN: STATE}) as engine:
        response = _call(gallery, engine, {"guests": 2, "guide": OutputValue(UNKNOWN)})

    assert _returned(response) == {"minutes": 30, "badge": UNKNOWN}


def test_a_component_that_is_still_to_be_created_has_unknown_outputs(
    gallery: PluginProcess,
) -> None:
    with FakeEngine(is_preview=True, states={URN: {"rooms": UNKNOWN}}) as engine:
        response = _call(gallery, engine, {"guests": 2})

    assert _returned(response) == {"minutes": UNKNOWN, "badge": UNKNOWN}


def test_what_follows_from_a_secret_is_secret(gallery: PluginProcess, engine: FakeEngine) -> None:
    secret = OutputValue("ann", is_secret=True)

    response = _call(gallery, engine, {"guests": 2, "guide": secret})

    assert _returned(response) == {"minutes": 30, "badge": Secret("ann/prod: none")}


def test_an_unknown_secret_stays_secret(gallery: PluginProcess) -> None:
    with FakeEngine(is_preview=True, states={URN: STATE}) as engine:
        secret = OutputValue(UNKNOWN, is_secret=True)
        response = _call(gallery, engine, {"guests": 2, "guide": secret})

    assert _returned(response)["badge"] == Secret(UNKNOWN)


def test_wrong_arguments_are_failures_with_their_paths(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    response = _call(gallery, engine, {"guest": 2, "guide": 1})

    assert {item.property: item.reason for item in response.failures} == {
        "guest": "is not known: did you mean 'guests'?",
        "guests": "is missing: give a whole number",
        "guide": "is 1: give a text",
    }


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        (
            {"tok": "gallery:index:Gallery/planTours"},
            grpc.StatusCode.UNIMPLEMENTED,
            "did you mean 'planTour'?",
        ),
        ({"tok": "gallery:index:Watcher/x"}, grpc.StatusCode.UNIMPLEMENTED, "it has none"),
        ({"tok": "gallery:index:Gone/x"}, grpc.StatusCode.UNIMPLEMENTED, "is not known"),
        ({"args": encode({})}, grpc.StatusCode.INVALID_ARGUMENT, "__self__"),
        (
            {"args": encode({"__self__": ResourceRef(URN), "guests": 0})},
            grpc.StatusCode.INVALID_ARGUMENT,
            "gallery:index:Gallery/planTour: guests 0 are too few: take 1 or more",
        ),
    ],
    ids=["method", "no methods", "component", "no receiver", "refused"],
)
def test_what_cannot_be_called_is_refused(
    gallery: PluginProcess,
    engine: FakeEngine,
    fields: dict[str, Any],
    code: grpc.StatusCode,
    text: str,
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        _call(gallery, engine, {}, **fields)

    error: Any = caught.value  # what a failed call raises is also the call
    assert error.code() == code
    assert text in error.details()
