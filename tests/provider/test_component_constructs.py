"""Construct over gRPC as engines send it: values, previews, errors, many at a time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from fake_engine import FakeEngine
from polling import wait_for
from provider_harness import PluginProcess
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from splitplane.provider.codec import (
    UNKNOWN,
    OutputValue,
    Properties,
    Secret,
    decode,
    encode,
    has_secret,
    has_unknown,
)
from splitplane.provider.stubs import errors_pb2, provider_pb2, status_pb2

URN = "urn:pulumi:prod::acme::gallery:index:Box::one"
PROVIDER = "urn:pulumi:prod::acme::pulumi:providers:aws::west"
GALLERY = "gallery:index:Gallery"
BOX = "gallery:index:Box"
WATCHER = "gallery:index:Watcher"

INPUTS: Properties = {
    "rooms": 3,
    "height": 2.5,
    "isOpen": True,
    "title": "canary-4711",
    "size": "large",
    "level": 2,
    "style": "rich",
    "mainPicture": {"fullTitle": "t", "frame": {"widthMm": 5}, "freeTags": {"aB": "c"}},
    "pictures": [{"fullTitle": "t"}],
    "labels": {"aB": "c"},
    "numbers": [1, 2],
}
CHILD_INPUTS: Properties = {
    "rooms": 3,
    "height": 2.5,
    "is_open": True,
    "title": "canary-4711",
    "size": "large",
    "level": 2,
    "style": "rich",
    "main_picture": {"full_title": "t", "frame": {"width_mm": 5}, "free_tags": {"aB": "c"}},
    "pictures": [{"full_title": "t"}],
    "labels": {"aB": "c"},
    "numbers": [1, 2],
}
"""The same as the component hands them on, by Python names."""


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine() as found:
        yield found


@pytest.fixture(scope="module")
def gallery(repository: Path) -> Iterator[PluginProcess]:
    script = repository / "tests" / "standins" / "pulumi-resource-gallery"
    with PluginProcess([script]) as process:
        yield process


@pytest.fixture(autouse=True)
def attached(gallery: PluginProcess, engine: FakeEngine) -> None:
    gallery.attach(engine.address)


def _request(
    engine: FakeEngine, inputs: Properties, token: str = GALLERY, **fields: Any
) -> provider_pb2.ConstructRequest:
    return provider_pb2.ConstructRequest(
        **{
            "project": "acme",
            "stack": engine.stack,
            "monitorEndpoint": engine.address,
            "dryRun": engine.is_preview,
            "type": token,
            "name": "g",
            "inputs": encode(inputs),
            **fields,
        }
    )


def _construct(
    gallery: PluginProcess, engine: FakeEngine, inputs: Properties, **fields: Any
) -> provider_pb2.ConstructResponse:
    return gallery.stub.Construct(_request(engine, inputs, **fields), timeout=60)


def _refusal(
    gallery: PluginProcess, engine: FakeEngine, inputs: Properties, **fields: Any
) -> grpc.Call:
    with pytest.raises(grpc.RpcError) as caught:
        _construct(gallery, engine, inputs, **fields)
    error: Any = caught.value  # what a failed call raises is also the call
    found: grpc.Call = error
    return found


def _snake(name: str) -> str:
    return {"isOpen": "is_open", "mainPicture": "main_picture"}.get(name, name)


def test_every_input_reaches_the_child_with_its_type(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    response = _construct(gallery, engine, INPUTS)

    assert decode(engine.one(BOX).object) == CHILD_INPUTS
    assert response.urn == "urn:pulumi:prod::acme::gallery:index:Gallery::g"
    assert decode(response.state) == {"rooms": 3, "setting": "prod: none"}
    assert engine.outputs["g"] == {"rooms": 3, "setting": "prod: none"}


def test_outputs_of_other_resources_carry_their_dependencies(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    inputs = {key: OutputValue(item, dependencies=(URN,)) for key, item in INPUTS.items()}

    response = _construct(gallery, engine, inputs)

    child = engine.one(BOX)
    assert decode(child.object) == CHILD_INPUTS
    assert {key: list(item.urns) for key, item in child.propertyDependencies.items()} == {
        key: [URN] for key in CHILD_INPUTS
    }
    assert list(response.stateDependencies["rooms"].urns) == [URN]
    assert list(response.stateDependencies["setting"].urns) == []


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("is_secret", [False, True], ids=["plain", "secret"])
def test_an_unknown_input_is_unknown_in_the_child(
    gallery: PluginProcess, name: str, is_secret: bool
) -> None:
    with FakeEngine(is_preview=True) as engine:
        unknown = OutputValue(UNKNOWN, is_secret=is_secret, dependencies=(URN,))

        response = _construct(gallery, engine, {**INPUTS, name: unknown})

    child = engine.one(BOX)
    found = decode(child.object)
    assert has_unknown(found.pop(_snake(name)))
    assert found == {key: item for key, item in CHILD_INPUTS.items() if key != _snake(name)}
    assert list(child.propertyDependencies[_snake(name)].urns) == [URN]
    state = decode(response.state)
    assert has_unknown(state["rooms"]) == (name == "rooms")
    assert has_secret(state["rooms"]) == (name == "rooms" and is_secret)


@pytest.mark.parametrize("name", INPUTS)
def test_a_secret_input_is_secret_in_the_child(
    gallery: PluginProcess, engine: FakeEngine, name: str
) -> None:
    secret = OutputValue(INPUTS[name], is_secret=True)

    _construct(gallery, engine, {**INPUTS, name: secret})

    assert decode(engine.one(BOX).object)[_snake(name)] == Secret(CHILD_INPUTS[_snake(name)])


def test_an_unknown_deep_inside_leaves_the_rest_known(gallery: PluginProcess) -> None:
    with FakeEngine(is_preview=True) as engine:
        picture = {"fullTitle": "t", "frame": {"widthMm": OutputValue(UNKNOWN)}}
        _construct(gallery, engine, {"rooms": 1, "pictures": [{"fullTitle": "a"}, picture]})

    first, second = decode(engine.one(BOX).object)["pictures"]
    assert first == {"full_title": "a"}
    assert second["full_title"] == "t"
    assert has_unknown(second["frame"]["width_mm"])


def test_a_kept_secret_stays_secret_everywhere(gallery: PluginProcess, engine: FakeEngine) -> None:
    response = _construct(gallery, engine, {"rooms": 1, "code": Secret("4711")})

    assert decode(engine.one(BOX).object)["code"] == Secret("4711")
    assert decode(response.state)["code"] == Secret("4711")
    assert engine.outputs["g"]["code"] == Secret("4711")


def test_an_output_may_be_made_secret_by_the_program(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    response = _construct(gallery, engine, {"rooms": 1}, additionalSecretOutputs=["rooms"])

    assert decode(response.state)["rooms"] == Secret(1)


def test_inputs_of_a_typescript_program_are_taken_as_they_come(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    """Recorded form: every number is a double, every output an output value, both of them mixed."""
    signature = "4dabf18193072939515e22adb298388d"
    output = {signature: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": [URN]}
    reference = {signature: "5cf8f73096256a8f31e491e813e4eb8e", "packageVersion": ""}
    inputs: Properties = {
        "rooms": {**output, "value": 3.0},
        "level": {**output, "value": 2.0},
        "size": {**output, "value": "small"},
        "mainPicture": {"fullTitle": {**output, "value": "t"}, "frame": {"widthMm": 5.0}},
        "pictures": [{**output, "value": {"fullTitle": "a"}}],
        "labels": {**output, "value": {"a": "b"}, "secret": True},
        "numbers": [{**output, "value": 1.0}, 2.0],
        "floors": 2.0,
        "owner": {**reference, "urn": URN, "id": "one-id"},
        "store": {**reference, "urn": PROVIDER, "id": "p-1"},
        "title": {**reference, "urn": URN, "id": "one-id"},
    }
    dependencies = {
        key: provider_pb2.ConstructRequest.PropertyDependencies(urns=[URN]) for key in inputs
    }

    _construct(gallery, engine, inputs, inputDependencies=dependencies)

    found = decode(engine.one(BOX).object)
    assert {key: found[key] for key in ("rooms", "level", "size", "floors", "title")} == {
        "rooms": 3,
        "level": 2,
        "size": "small",
        "floors": 2,
        "title": "one-id",
    }
    assert found["main_picture"] == {"full_title": "t", "frame": {"width_mm": 5}}
    assert found["pictures"] == [{"full_title": "a"}]
    assert found["labels"] == Secret({"a": "b"})
    assert found["numbers"] == [1, 2]
    assert (found["owner"].urn, found["owner"].id) == (URN, "one-id")
    assert (found["store"].urn, found["store"].id) == (PROVIDER, "p-1")


# Errors -----------------------------------------------------------------------------------------


def test_wrong_inputs_are_told_with_their_paths(gallery: PluginProcess, engine: FakeEngine) -> None:
    call: Any = _refusal(
        gallery, engine, {"room": 1, "size": "huge", "pictures": [{"fullTitle": 1}]}
    )

    assert call.code() == grpc.StatusCode.INVALID_ARGUMENT
    packed = dict(call.trailing_metadata())["grpc-status-details-bin"]
    details = errors_pb2.InputPropertiesError()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(details)
    assert {item.property_path: item.reason for item in details.errors} == {
        "room": "is not known: did you mean 'rooms'?",
        "rooms": "is missing: give a whole number",
        "size": "is 'huge': give 'small' or 'large'",
        "pictures[0].fullTitle": "is 1: give a text",
    }
    assert engine.registered == []


@pytest.mark.parametrize(
    ("word", "code", "text"),
    [
        ("refuse", grpc.StatusCode.INVALID_ARGUMENT, "'g': word 'refuse' is not nice"),
        ("property", grpc.StatusCode.INVALID_ARGUMENT, "inputs of the component are wrong"),
        ("bug", grpc.StatusCode.FAILED_PRECONDITION, "please report it: KeyError: 'a bug'"),
        ("later", grpc.StatusCode.FAILED_PRECONDITION, "please report it: ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_in_a_component_is_told(
    gallery: PluginProcess, engine: FakeEngine, word: str, code: grpc.StatusCode, text: str
) -> None:
    call = _refusal(gallery, engine, {"url": "", "word": word}, type=WATCHER)

    assert call.code() == code
    assert text in call.details()


def test_a_child_that_the_engine_refuses_is_no_bug(gallery: PluginProcess) -> None:
    with FakeEngine(refusal="no room left") as engine:
        gallery.attach(engine.address)
        call = _refusal(gallery, engine, {"rooms": 1})

    assert call.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert call.details() == f"{GALLERY} 'g': no room left"


def test_a_component_that_is_not_known_is_refused(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    call = _refusal(gallery, engine, {}, type="gallery:index:Galery")

    assert call.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "did you mean 'gallery:index:Gallery'?" in call.details()


def test_an_engine_that_is_gone_is_no_bug(gallery: PluginProcess, engine: FakeEngine) -> None:
    call = _refusal(gallery, engine, {"rooms": 1}, monitorEndpoint="127.0.0.1:1")

    assert call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.FAILED_PRECONDITION)
    assert "please report it" not in call.details()


# Many at a time ---------------------------------------------------------------------------------


def test_requests_of_two_engines_at_a_time_do_not_mix(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    with FakeEngine(stack="dev", is_preview=True) as other, ThreadPoolExecutor(40) as pool:
        engines = [engine, other]

        def construct(number: int) -> provider_pb2.ConstructResponse:
            asked = engines[number % 2]
            return _construct(
                gallery,
                asked,
                {"rooms": number},
                name=f"g{number}",
                config={"gallery:setting": f"s{number}"},
            )

        def check(number: int) -> Properties:
            return gallery.check(BOX, {"number": number})[0]

        constructs = [pool.submit(construct, number) for number in range(20)]
        checks = [pool.submit(check, number) for number in range(20)]
        responses = [item.result(60) for item in constructs]

    assert [item.result(60)["number"] for item in checks] == list(range(20))
    for number, response in enumerate(responses):
        stack = "dev" if number % 2 else "prod"
        assert response.urn == f"urn:pulumi:{stack}::acme::{GALLERY}::g{number}"
        setting = f"{stack}: s{number}"
        assert decode(response.state) == {"rooms": number, "setting": setting}
    for parity, asked in enumerate(engines):
        names = {f"g{number}" for number in range(parity, 20, 2)}
        assert {item.name for item in asked.registered if item.type == GALLERY} == names
        assert {item.name for item in asked.registered if item.type == BOX} == names


def test_components_inside_components_do_not_wait_for_each_other(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    engine.plugin = gallery.stub

    response = _construct(gallery, engine, {"depth": 40}, type="gallery:index:Nest")

    assert response.urn.endswith("gallery:index:Nest::g")
    made = [item for item in engine.registered if not item.remote]
    assert len(made) == 41


def test_other_calls_go_on_while_a_component_waits_for_a_slow_server(
    repository: Path, engine: FakeEngine
) -> None:
    script = repository / "tests" / "standins" / "pulumi-resource-gallery"
    with socket.socket() as server, PluginProcess([script, engine.address]) as plugin:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(60)
        plugin.attach(engine.address)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        slow = plugin.stub.Construct.future(_request(engine, {"url": url}, WATCHER), timeout=60)
        peer, _ = server.accept()  # the component asks, and nobody answers

        checked = plugin.check(BOX, {"a": 1})[0]
        read = plugin.read(BOX, "x", {"a": 1}, {"a": 1})[0]
        constructed = _construct(plugin, engine, {"rooms": 2})

        assert (checked, read, decode(constructed.state)["rooms"]) == ({"a": 1}, "x", 2)
        assert not slow.done()
        peer.recv(4096)
        peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        peer.close()
        assert slow.result(60).urn == f"urn:pulumi:prod::acme::{WATCHER}::g"


def test_a_transform_of_a_component_outlives_its_construction(
    repository: Path, engine: FakeEngine
) -> None:
    script = repository / "tests" / "standins" / "pulumi-resource-gallery"
    with PluginProcess([script, engine.address]) as plugin:
        plugin.attach(engine.address)
        _construct(plugin, engine, {"title": "t"}, type="gallery:index:Retitled")
        (callback,) = engine.one(BOX).transforms
        asked = resource_pb2.TransformRequest(
            type=BOX, name="g", custom=True, properties=encode({"title": "later"})
        )

        with grpc.insecure_channel(callback.target) as channel:
            answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(
                callback_pb2.CallbackInvokeRequest(
                    token=callback.token, request=asked.SerializeToString()
                ),
                timeout=60,
            )
        transformed = resource_pb2.TransformResponse.FromString(answer.response)
        code, out, errors = plugin.stop()

    assert decode(transformed.properties) == {"title": "later!"}
    assert engine.logged == [(engine.urn_of(engine.registered[0]), "mind the step")]
    assert (code, out, errors) == (0, "", "")


def test_a_component_that_hangs_does_not_hold_up_the_end(
    repository: Path, engine: FakeEngine
) -> None:
    script = repository / "tests" / "standins" / "pulumi-resource-gallery"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(60)
        with PluginProcess([script, engine.address]) as plugin:
            plugin.attach(engine.address)
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            # A call that nobody holds is cancelled.
            hanging = plugin.stub.Construct.future(_request(engine, {"url": url}, WATCHER))
            peer, _ = server.accept()

            code, out, errors = plugin.stop()  # within the five seconds that the engine gives

        peer.close()
        assert hanging.exception(60) is not None
    assert (code, out, errors) == (0, "", "")


def test_no_thread_of_a_component_is_left_behind(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    threads = Path(f"/proc/{gallery.process.pid}/task")
    _construct(gallery, engine, INPUTS)
    before = len(list(threads.iterdir()))

    for _ in range(20):
        _construct(gallery, engine, INPUTS)

    # Connections may have a few threads more or less; each run had at least one.
    wait_for(
        lambda: len(list(threads.iterdir())) < before + 10,
        what="the threads of the components to end",
    )
