"""The plugin process: command line, port, and a quiet end.

The engine reads the port as the first line of stdout and nothing else from there; it ends the
process by Cancel and SIGINT, and by SIGKILL five seconds later.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import grpc
import grpc.aio

from splitplane.provider.backend import Backend
from splitplane.provider.servicer import Context, Servicer, abort_bug
from splitplane.provider.stubs import provider_pb2_grpc

# Any: handlers are untyped, and so is what is known of a call before it is made.
_Continuation = Callable[[Any], Awaitable[Any | None]]

if TYPE_CHECKING:
    _Interceptor = grpc.aio.ServerInterceptor[Any, Any]  # Any: the messages
else:
    _Interceptor = grpc.aio.ServerInterceptor  # generic in its types only

# As in the SDK (pulumi/runtime/_grpc_settings.py, 3.272.0): 400 MB messages, and half an hour in
# which a request may wait before it is handled.
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
    ("grpc.server_max_unrequested_time_in_server", 30 * 60),
)
# Less than the five seconds after which the engine kills.
_GRACE_SECONDS: Final = 2.0
# How often the engine is looked for: an engine that was killed says no goodbye, and it starts
# plugins in groups of their own, so that a signal to its group does not reach them.
_PARENT_POLL_SECONDS: Final = 1.0


def main() -> None:
    """Runs the plugin `pulumi-resource-splitplane` until the engine ends it."""
    from splitplane.provider.splitplane_backend import SplitplaneBackend
    from splitplane.provider.splitplane_servicer import SplitplaneServicer

    run(sys.argv[1:], SplitplaneBackend, SplitplaneServicer)


def run(
    arguments: Sequence[str],
    make_backend: Callable[[], Backend],
    make_servicer: type[Servicer] = Servicer,
) -> None:
    """Serves until a signal comes or the engine is gone; the port is the first line of stdout.

    Args:
        arguments: `[--logtostderr] [-v=N] [--tracing URL] [ENGINE_ADDRESS]`; without an address
            an engine may attach.
        make_backend: makes what is served.
        make_servicer: class of the servicer.
    """
    parent = os.getppid()
    engine_address = parse_arguments(arguments)
    servicer = make_servicer(make_backend(), engine_address=engine_address)
    asyncio.run(_serve(servicer, parent if engine_address else None))


def parse_arguments(arguments: Sequence[str]) -> str:
    """The engine's address; empty when it was not given."""
    parser = argparse.ArgumentParser(
        prog="pulumi-resource-splitplane",
        description="Plugin that the Pulumi engine starts; not for use by hand.",
        allow_abbrev=False,
    )
    parser.add_argument("engine_address", nargs="?", default="")
    # The engine passes these to every plugin; what it shows of logs comes by its own log service.
    parser.add_argument("--logtostderr", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--logflow", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("-v", dest="verbosity", help=argparse.SUPPRESS)
    parser.add_argument("--tracing", help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    address: str = parsed.engine_address
    return address


async def _serve(servicer: Servicer, parent: int | None) -> None:
    server = grpc.aio.server(options=_OPTIONS, interceptors=(_KnownStatus(),))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.buffer.flush()
    watch = None if parent is None else asyncio.create_task(_stop_without(parent, stop))
    await stop.wait()
    if watch is not None:
        watch.cancel()
    servicer.close()
    # Inside the loop: a server that is collected after it has closed prints an error.
    await server.stop(_GRACE_SECONDS)


class _KnownStatus(_Interceptor):
    """Whatever a call raises leaves with a code after which the engine does not doubt the resource.

    Without it grpc answers UNKNOWN, for a request that cannot be decoded or an answer that cannot
    be encoded too.
    """

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: Any
    ) -> Any:
        """The handler with a guard around it; one that is no coroutine as it is."""
        handler = await continuation(handler_call_details)
        behaviour = None if handler is None else handler.unary_unary
        if handler is None or not inspect.iscoroutinefunction(behaviour):
            return handler  # a method that the plugin does not have, or a stream
        run: Callable[[Any, Context], Awaitable[Any]] = behaviour

        async def guarded(request: Any, context: Context) -> Any:  # Any: the messages
            try:
                return await run(request, context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:
                await abort_bug(context, error)

        return grpc.unary_unary_rpc_method_handler(
            cast(Any, guarded), handler.request_deserializer, handler.response_serializer
        )


async def _stop_without(parent: int, stop: asyncio.Event) -> None:
    """Sets `stop` once the process that started this one is gone and another inherited it."""
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(_PARENT_POLL_SECONDS)
    stop.set()
