"""An API server that this machine cannot reach is named before anything waits for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator

import pulumi
import pytest
from aws_plane import settings_of
from eks_compute_planes import LEAST, run_plane
from pulumi import automation
from recording_monitor import record

from splitplane.components.clouds.aws import composition
from splitplane.components.clouds.aws.cluster import reachability
from splitplane.components.clouds.aws.cluster.reachability import (
    check_reachable,
    connect,
    reached,
    uses_proxy,
)
from splitplane.components.clouds.aws.parts import Text
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import ClusterUnreachable
from splitplane.stacks.engine import Engine

URL = "https://a.gr7.eu-west-1.eks.amazonaws.com"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def open_port() -> Iterator[int]:
    """A port of this machine on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _check(
    answers: list[str | None], cidrs: tuple[str, ...] | None = ()
) -> tuple[str, list[float]]:
    """What is said and the pauses; the last answer stays."""
    pauses: list[float] = []

    def connects(host: str, port: int) -> str | None:
        assert (host, port) == ("a.gr7.eu-west-1.eks.amazonaws.com", 443)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    try:
        asyncio.run(check_reachable(URL, public_access_cidrs=cidrs, connects=connects, pause=pause))
    except ClusterUnreachable as error:
        return str(error), pauses
    return "", pauses


def test_an_open_port_is_reached_and_a_closed_one_is_not(open_port: int, closed_port: int) -> None:
    assert connect("127.0.0.1", open_port) is None
    assert connect("127.0.0.1", closed_port) == "connection refused"


def test_what_answers_is_not_waited_for() -> None:
    assert _check([None]) == ("", [])


def test_an_endpoint_that_has_just_been_made_gets_a_minute() -> None:
    assert _check(["the name is not known here", "no answer", None]) == ("", [5.0, 5.0])
    assert _check(["no answer"])[1] == [5.0] * 5


@pytest.mark.parametrize(
    ("cidrs", "advice"),
    [
        pytest.param(
            (),
            "its endpoint is private: run on a machine in its VPC, or one that a VPN or the proxy "
            "in HTTPS_PROXY takes there, or name the range of this machine in public_access_cidrs",
            id="private",
        ),
        pytest.param(
            ("198.51.100.0/24",),
            "beside its VPC it is open to 198.51.100.0/24: add the range of this machine to "
            "public_access_cidrs, or run on a machine in its VPC, or one that a VPN or the proxy "
            "in HTTPS_PROXY takes there",
            id="open to others",
        ),
        pytest.param(
            None,
            "run on a machine in its VPC, or one that a VPN or the proxy in HTTPS_PROXY takes "
            "there, or open its endpoint to this machine",
            id="adopted",
        ),
    ],
)
def test_what_is_not_reached_is_named_with_what_to_do(
    cidrs: tuple[str, ...] | None, advice: str
) -> None:
    assert _check(["no answer within 5 s"], cidrs)[0] == (
        "the API server a.gr7.eu-west-1.eks.amazonaws.com:443 cannot be reached from here: no "
        f"answer within 5 s; {advice}"
    )


def test_a_host_behind_a_proxy_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not uses_proxy("a.eks.amazonaws.com", 443)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    assert uses_proxy("a.eks.amazonaws.com", 443)
    assert _check(["no answer"]) == ("", [])

    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8,.amazonaws.com")
    assert not uses_proxy("a.eks.amazonaws.com", 443)
    assert _check(["no answer"])[0] != ""


def _program(settings: EksSettings, port: int) -> Callable[[], None]:
    def program() -> None:
        url = pulumi.Output.from_input(f"https://127.0.0.1:{port}")
        pulumi.export("endpoint", reached(url, settings))

    return program


def test_mocks_have_no_api_server(closed_port: int) -> None:
    seen: list[str] = []

    def program() -> None:
        url = pulumi.Output.from_input(f"https://127.0.0.1:{closed_port}")
        reached(url, settings_of()).apply(seen.append)

    record(program)

    assert seen == [f"https://127.0.0.1:{closed_port}"]


@pytest.mark.needs_tools
def test_an_update_looks_and_a_preview_does_not(
    cloud_engine: Engine, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachability, "PAUSE_SECONDS", 0.0)
    stack = cloud_engine.stack("reached", _program(settings_of(), closed_port))

    stack.preview()
    with pytest.raises(
        automation.CommandError, match="from here: connection refused; its endpoint"
    ):
        stack.up()

    gone = settings_of(is_cluster_gone=True)
    assert cloud_engine.stack("reached", _program(gone, closed_port)).up().outputs


@pytest.mark.needs_tools
def test_an_update_goes_on_where_the_api_server_answers(
    cloud_engine: Engine, open_port: int
) -> None:
    outputs = cloud_engine.stack("reached", _program(settings_of(), open_port)).up().outputs

    assert outputs["endpoint"].value == f"https://127.0.0.1:{open_port}"


def test_objects_wait_until_the_api_server_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def instead(endpoint: Text, settings: EksSettings) -> Text:
        found: Text = endpoint.apply(lambda _: "https://reached.example.com")
        return found

    monkeypatch.setattr(composition, "reached", instead)

    provider = run_plane(LEAST).recording.one("pulumi:providers:kubernetes")

    assert "https://reached.example.com" in str(provider.inputs["kubeconfig"])
