"""The proxy that the fault tests rely on does what they think it does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from fault_proxy import FaultProxy
from polling import wait_for
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    """A proxy in front of a hub that echoes every frame."""

    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serve(echo, "127.0.0.1", 0) as hub:
        thread = threading.Thread(target=hub.serve_forever)
        thread.start()
        with FaultProxy(hub.socket.getsockname()[1]) as proxy:
            yield proxy
        hub.shutdown()
        thread.join()


def _dial(proxy: FaultProxy) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{proxy.port}", compression=None, close_timeout=1, proxy=None)


def _frame(kind: str, size: int = 0) -> str:
    return json.dumps({"v": 1, "t": kind, "body": {"filling": "x" * size}})


@pytest.mark.parametrize("size", [0, 200, 100_000], ids=["short", "16 bit", "64 bit"])
def test_frames_pass_unchanged_and_are_counted(proxy: FaultProxy, size: int) -> None:
    with _dial(proxy) as agent:
        agent.send(_frame("state", size))

        assert agent.recv(timeout=5) == _frame("state", size)
    assert proxy.passed["state"] == 2


def test_only_the_named_frames_are_swallowed(proxy: FaultProxy) -> None:
    proxy.swallow("result")
    with _dial(proxy) as agent:
        agent.send(_frame("result"))
        agent.send(_frame("heartbeat"))

        assert agent.recv(timeout=5) == _frame("heartbeat")
    assert proxy.swallowed["result"] == 1


def test_cut_ends_open_connections_and_lets_new_ones_in(proxy: FaultProxy) -> None:
    with _dial(proxy) as agent:
        assert proxy.cut() == 1

        with pytest.raises(ConnectionClosed):
            agent.recv(timeout=5)
    with _dial(proxy) as again:
        again.send(_frame("hello"))
        assert again.recv(timeout=5) == _frame("hello")


def test_silence_keeps_the_connection_open_and_passes_nothing(proxy: FaultProxy) -> None:
    with _dial(proxy) as agent:
        proxy.silence(True)
        agent.send(_frame("state"))

        with pytest.raises(TimeoutError):
            agent.recv(timeout=0.2)
        proxy.silence(False)
        agent.send(_frame("hello"))
        assert agent.recv(timeout=5) == _frame("hello")


def test_refused_connections_are_reset(proxy: FaultProxy) -> None:
    proxy.refuse(True)

    with pytest.raises((OSError, EOFError, WebSocketException)), _dial(proxy):
        pass


def test_lingering_hides_from_the_hub_that_an_agent_hung_up(proxy: FaultProxy) -> None:
    proxy.linger(True)
    with _dial(proxy):
        pass
    wait_for(lambda: proxy.connections == 1, what="the connection to be passed on")

    assert proxy.cut() == 1
