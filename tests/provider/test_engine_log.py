"""What the plugin tells the engine's log, and that it never waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane
from engine_log_recorder import EngineLogRecorder, Logged
from kinds_table import SERVICE, make_workspace
from polling import wait_for
from provider_harness import PluginProcess, urn_of
from scripted_server import ScriptedServer

from splitplane.provider.engine_log import LONGEST_QUEUE, EngineLog, Message

ENVIRONMENT = "splitplane:index:Environment"


@pytest.fixture
def engine() -> Iterator[EngineLogRecorder]:
    with EngineLogRecorder() as made:
        yield made


def test_messages_arrive_in_order_with_their_resource(engine: EngineLogRecorder) -> None:
    log = EngineLog(engine.address)

    log.send(Message("debug", "one", "urn:a"))
    with log.about("urn:b"):
        log.status("two")
        log.warn_once("three")
    log.send(Message("error", "four"))
    log.close()

    assert engine.messages == [
        Logged("debug", "one", "urn:a", False),
        Logged("info", "two", "urn:b", True),
        Logged("warning", "three", "", False),
        Logged("error", "four", "", False),
    ]


def test_a_warning_is_shown_once(engine: EngineLogRecorder) -> None:
    log = EngineLog(engine.address)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log.warn_once, ["same"] * 50))
    log.close()

    assert [item.text for item in engine.messages] == ["same"]


def test_a_slow_engine_holds_nobody_up(engine: EngineLogRecorder) -> None:
    log = EngineLog(engine.address)
    engine.is_open.clear()
    started = time.monotonic()

    for number in range(LONGEST_QUEUE * 3):
        log.status(f"{number}")
    sent = time.monotonic() - started
    log.close()

    assert sent < 1.0
    assert time.monotonic() - started < 3.0
    engine.is_open.set()


def test_an_engine_that_is_gone_holds_nobody_up() -> None:
    log = EngineLog("127.0.0.1:1")
    started = time.monotonic()

    for number in range(100):
        log.status(f"{number}")
    log.close()

    assert time.monotonic() - started < 3.0


def test_without_an_engine_nothing_is_started() -> None:
    log = EngineLog()

    log.status("lost")
    log.close()

    assert log._thread is None


def test_a_wait_is_shown_beside_its_resource(
    engine: EngineLogRecorder,
    plugin_command: Path,
    control_plane: ControlPlane,
    unique: str,
) -> None:
    token = "splitplane:index:Application"
    workspace = make_workspace(control_plane, unique)
    inputs = {"name": unique, "workspace": workspace, "service": SERVICE}
    with PluginProcess([plugin_command, engine.address]) as plugin:
        plugin.configure({"endpoint": control_plane.endpoint, "token": control_plane.token})

        with pytest.raises(grpc.RpcError):
            plugin.create(token, inputs, timeout=1)

        text = f"waiting for application '{workspace}:{unique}' to be available (0 s)"
        wait_for(lambda: text in {m.text for m in engine.messages}, what="the status")
    shown = next(item for item in engine.messages if item.text == text)
    assert shown == Logged("info", text, urn_of(token), True)
    assert control_plane.token not in str(engine.messages)


def test_retries_and_warnings_are_shown(engine: EngineLogRecorder, plugin_command: Path) -> None:
    view: dict[str, Any] = {
        "id": "01999999-0000-7000-8000-000000000001",
        "fqn": "environment:dev",
        "kind": "environment",
        "name": "dev",
        "manifest": {"type": "environment", "name": "dev"},
        "status": "ready",
        "etag": "1",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "created_by": "user:ann@example.com",
    }
    warning = {"warning": '299 splitplane "the token ends in 3 days"'}
    with (
        ScriptedServer(view) as server,
        PluginProcess([plugin_command, engine.address]) as plugin,
    ):
        server.steps = [(503, {}), "hang up", (200, warning)]
        plugin.configure({"endpoint": server.endpoint, "token": "spl_pat_canary"})

        plugin.create(ENVIRONMENT, {"name": "dev"})
        plugin.create(ENVIRONMENT, {"name": "dev"})

        wait_for(lambda: len(engine.messages) >= 3, what="the messages")
    first, second, third = engine.messages
    assert first.text.startswith("control plane answered 503; trying again in ")
    assert (first.severity, first.urn, first.is_ephemeral) == ("info", urn_of(ENVIRONMENT), True)
    assert second.text.startswith("control plane did not answer (")
    assert third == Logged("warning", "control plane: the token ends in 3 days", "", False)
    assert "canary" not in str(engine.messages)
