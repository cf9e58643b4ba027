"""The provider's own inputs: where each comes from, what is wrong, what a change of one does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane, running_control_plane
from provider_harness import PluginProcess
from scripted_server import ScriptedServer

from splitplane.provider.codec import UNKNOWN, Properties, Secret
from splitplane.provider.schema import PATH

ENVIRONMENT = "splitplane:index:Environment"
SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
ONE, OTHER = "http://127.0.0.1:1", "http://127.0.0.1:2"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer({}) as made:
        yield made


@pytest.fixture(scope="module")
def second_plane() -> Iterator[ControlPlane]:
    """Another control plane, whose tenant has the same name."""
    with running_control_plane() as found:
        yield found


def _refused(call: Any, *arguments: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as info:
        call(*arguments)
    error: Any = info.value  # Any: what a failed call raises is also the call
    return error.code(), error.details()


def test_the_schema_has_the_inputs_with_their_types() -> None:
    found = SCHEMA["provider"]["inputProperties"]

    assert {name: (entry["type"], entry.get("secret", False)) for name, entry in found.items()} == {
        "endpoint": ("string", False),
        "token": ("string", True),
        "caBundle": ("string", False),
        "timeoutSeconds": ("number", False),
        "retries": ("integer", False),
    }
    assert SCHEMA["config"]["variables"] == found


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ({"endpont": "x"}, [("endpont", "unknown property 'endpont'; allowed: endpoint, token,")]),
        ({"endpoint": "ftp://x"}, [("endpoint", "endpoint 'ftp://x' is not the address of a")]),
        ({"endpoint": 7}, [("endpoint", "must be text, got int")]),
        (
            {"endpoint": Secret("ftp://canary")},
            [("endpoint", "the value is not allowed; it is a secret and not shown")],
        ),
        ({"token": 1}, [("token", "the value is not allowed; it is a secret and not shown")]),
        (
            {"timeoutSeconds": "soon", "retries": "-1"},
            [
                ("timeoutSeconds", "timeout 'soon' is not a number of seconds above 0 and at most"),
                ("retries", "retries -1 is not a whole number from 0 to 20"),
            ],
        ),
        ({"retries": True}, [("retries", "retries True is not a whole number from 0 to 20")]),
        ({"retries": "true"}, [("retries", "retries True is not a whole number from 0 to 20")]),
        ({"timeoutSeconds": 601}, [("timeoutSeconds", "timeout 601 is not a number of seconds")]),
    ],
)
def test_a_wrong_input_is_named(
    plugin: PluginProcess, news: Properties, expected: list[tuple[str, str]]
) -> None:
    _, failures = plugin.check_config(news)

    assert [path for path, _ in failures] == [path for path, _ in expected]
    for (_, reason), (_, start) in zip(failures, expected, strict=True):
        assert reason.startswith(start)


@pytest.mark.parametrize(
    "news",
    [
        {},
        {"version": "0.1.0", "endpoint": UNKNOWN, "token": Secret(UNKNOWN), "retries": UNKNOWN},
        {"timeoutSeconds": 2.5, "retries": 0},
        {"timeoutSeconds": "2.5", "retries": "0"},
        {"timeoutSeconds": Secret("30"), "retries": Secret(1)},
        {"endpoint": Secret("https://cp.example.com"), "caBundle": ""},
    ],
)
def test_unknowns_secrets_and_numbers_as_text_are_fine(
    plugin: PluginProcess, news: Properties
) -> None:
    assert plugin.check_config(news) == (news, [])


def test_a_number_and_its_text_are_the_same(plugin: PluginProcess) -> None:
    olds = {"timeoutSeconds": 30, "retries": 4, "endpoint": ONE, "token": Secret("a")}
    news = {"timeoutSeconds": "30", "retries": "4", "endpoint": ONE, "token": "a"}

    assert not plugin.diff_config(olds, news).has_changes
    assert plugin.diff_config(olds, {**news, "retries": "5"}).detailed == {"retries": "UPDATE"}


def test_a_control_plane_that_cannot_be_asked_may_move(plugin: PluginProcess) -> None:
    olds = {"endpoint": ONE, "token": Secret("a")}

    found = plugin.diff_config(olds, {"endpoint": OTHER, "token": Secret("b")})
    unknown = plugin.diff_config(olds, {"endpoint": UNKNOWN, "token": Secret(UNKNOWN)})

    assert found.detailed == {"endpoint": "UPDATE", "token": "UPDATE"}
    assert found.replaces == unknown.replaces == []


def test_a_control_plane_of_the_same_tenant_may_move(
    plugin: PluginProcess, control_plane: ControlPlane
) -> None:
    olds = {"endpoint": control_plane.endpoint, "token": Secret(control_plane.token)}
    moved = control_plane.endpoint.replace("127.0.0.1", "localhost")
    token = control_plane.client.create_token("renewed").token

    found = plugin.diff_config(olds, {"endpoint": moved, "token": Secret(token)})

    assert found.detailed == {"endpoint": "UPDATE", "token": "UPDATE"}
    assert found.replaces == []


def test_another_tenant_is_refused(
    plugin: PluginProcess, control_plane: ControlPlane, second_plane: ControlPlane
) -> None:
    olds = {"endpoint": control_plane.endpoint, "token": Secret(control_plane.token)}
    news = {"endpoint": second_plane.endpoint, "token": Secret(second_plane.token)}

    code, details = _refused(plugin.diff_config, olds, news)

    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert f"tenant 'default' at {second_plane.endpoint}" in details
    assert f"tenant 'default' at {control_plane.endpoint}" in details
    assert "nothing was changed" in details
    assert control_plane.token not in details
    assert second_plane.token not in details


def test_a_token_of_the_environment_is_not_sent_to_the_old_address(
    plugin_command: Path, server: ScriptedServer, control_plane: ControlPlane
) -> None:
    environment = {"SPLITPLANE_TOKEN": control_plane.token}
    with PluginProcess([plugin_command, "127.0.0.1:1"], environment=environment) as plugin:
        olds = {"endpoint": server.endpoint}

        found = plugin.diff_config(olds, {"endpoint": control_plane.endpoint})

    assert found.detailed == {"endpoint": "UPDATE"}
    assert server.requests == []


def test_configuring_without_a_token_says_what_to_do(plugin_command: Path, tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    with PluginProcess([plugin_command, "127.0.0.1:1"], environment=environment) as plugin:
        code, details = _refused(plugin.configure, {"endpoint": ONE})

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "pulumi config set --secret" in details


def test_an_unknown_configuration_is_said_when_it_is_needed(plugin_command: Path) -> None:
    with PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin:
        plugin.configure({"endpoint": UNKNOWN, "token": Secret(UNKNOWN)})

        code, details = _refused(plugin.create, ENVIRONMENT, {"name": "dev"})

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details == "the splitplane provider is not configured: endpoint, token not known yet"


def test_each_setting_comes_from_args_then_environment_then_login(
    plugin_command: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "splitplane"
    folder.mkdir()
    login = folder / "credentials.json"
    with (
        ScriptedServer({}) as stored,
        ScriptedServer({}) as from_environment,
        ScriptedServer({}) as given,
    ):
        for made in (stored, from_environment, given):
            made.steps = [(503, {})]
        login.write_text(
            json.dumps({"endpoint": stored.endpoint, "token": "spl_pat_stored", "retries": 0})
        )
        login.chmod(0o600)
        by_login = {"XDG_CONFIG_HOME": str(tmp_path)}
        by_environment = {
            **by_login,
            "SPLITPLANE_ENDPOINT": from_environment.endpoint,
            "SPLITPLANE_TOKEN": "spl_pat_environment",
            "SPLITPLANE_RETRIES": "1",
            "SPLITPLANE_TIMEOUT_SECONDS": "5",
        }
        arguments = {"endpoint": given.endpoint, "token": Secret("spl_pat_given"), "retries": "2"}
        for variables, config in (
            (by_login, {}),
            (by_environment, {}),
            (by_environment, arguments),
        ):
            with PluginProcess([plugin_command, "127.0.0.1:1"], environment=variables) as plugin:
                plugin.configure(config)
                code, _ = _refused(plugin.invoke, "splitplane:index:getEnvironment", {"ref": "dev"})
                assert code is grpc.StatusCode.UNAVAILABLE

    assert stored.requests == ["GET"]
    assert from_environment.requests == ["GET"] * 2
    assert given.requests == ["GET"] * 3


def test_a_timeout_of_the_configuration_ends_a_request(plugin_command: Path) -> None:
    import socket
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin:
            plugin.configure(
                {"endpoint": endpoint, "token": "x", "timeoutSeconds": "0.3", "retries": "0"}
            )
            started = time.monotonic()

            code, details = _refused(
                plugin.invoke, "splitplane:index:getEnvironment", {"ref": "dev"}
            )

    assert code is grpc.StatusCode.UNAVAILABLE
    assert "did not answer" in details
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((400, {}), grpc.StatusCode.INVALID_ARGUMENT),
        ((401, {}), grpc.StatusCode.PERMISSION_DENIED),
        ((403, {}), grpc.StatusCode.PERMISSION_DENIED),
        ((404, {}), grpc.StatusCode.NOT_FOUND),
        ((409, {}), grpc.StatusCode.FAILED_PRECONDITION),
        ((422, {}), grpc.StatusCode.INVALID_ARGUMENT),
        ((429, {}), grpc.StatusCode.UNAVAILABLE),
        ((500, {}), grpc.StatusCode.FAILED_PRECONDITION),
        ((502, {}), grpc.StatusCode.UNAVAILABLE),
        ((503, {}), grpc.StatusCode.UNAVAILABLE),
        ((504, {}), grpc.StatusCode.UNAVAILABLE),
        ((200, {}), grpc.StatusCode.FAILED_PRECONDITION),
        ("hang up", grpc.StatusCode.UNAVAILABLE),
        ("cut", grpc.StatusCode.UNAVAILABLE),
    ],
    ids=str,
)
def test_no_answer_makes_the_engine_doubt_the_resource(
    plugin: PluginProcess,
    control_plane: ControlPlane,
    server: ScriptedServer,
    step: Any,
    code: grpc.StatusCode,
) -> None:
    server.steps = [step]
    plugin.configure({"endpoint": server.endpoint, "token": "spl_pat_canary", "retries": 0})
    try:
        found, details = _refused(plugin.create, ENVIRONMENT, {"name": "dev"})
        updated, _ = _refused(
            plugin.update, ENVIRONMENT, "dev", {"name": "dev"}, {}, {"name": "dev"}
        )
    finally:
        plugin.configure({"endpoint": control_plane.endpoint, "token": control_plane.token})

    assert (found, updated) == (code, code)
    assert details.startswith("environment 'environment:dev' was not created: ")
    assert "canary" not in details


def test_a_bug_does_not_make_the_engine_doubt_the_resource(plugin: PluginProcess) -> None:
    signature = {"4dabf18193072939515e22adb298388d": "of a newer engine"}

    code, details = _refused(plugin.create, ENVIRONMENT, {"name": signature})

    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert details.startswith("bug in the provider, please report it: ValueError: ")
