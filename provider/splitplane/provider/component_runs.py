"""Runs the code of components: each run in a thread with an event loop and a context of its own.

The SDK keeps which engine, stack and configuration it works for in context variables, registers
resources on the running event loop, and components may block, for instance on a slow cluster. So a
run shares none of them: two engines do not mix, and nothing else waits. The SDK is imported by the
first run, in its thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import grpc

from splitplane.provider.errors import TryAgain
from splitplane.provider.stubs import load_sdk, provider_pb2

if TYPE_CHECKING:
    from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

ResultT = TypeVar("ResultT")
DeploymentRequest = provider_pb2.ConstructRequest | provider_pb2.CallRequest

# As in the SDK (pulumi/runtime/_grpc_settings.py, 3.272.0): 400 MB messages.
_CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
)
# A message takes a millisecond; only servers of callbacks have tasks that do not end.
_LOG_SECONDS: Final = 1.0
_LOG: Final = logging.getLogger(__name__)


class Runner:
    """Runs of components, and the connections to engines that they share."""

    def __init__(self) -> None:
        """Nothing is imported, connected or started yet."""
        self._lock = threading.Lock()
        self._channels: dict[str, grpc.Channel] = {}
        # What each monitor can do, by its address: a dozen calls to find out.
        self._features: dict[str, set[int]] = {}
        self._endings: list[Callable[[], object]] = []
        self._is_closed = False

    async def run(
        self,
        request: DeploymentRequest,
        engine_address: str,
        work: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """The result of `work`, for the stack that the request names.

        Threads are not pooled: a component may have remote components as children, and a pool that
        is full of waiting parents would never get to them.
        """
        done: concurrent.futures.Future[ResultT] = concurrent.futures.Future()
        # So that a cancelled call does not keep the run from ending.
        done.set_running_or_notify_cancel()
        thread = threading.Thread(
            target=contextvars.Context().run,
            args=(self._run_thread, request, engine_address, work, done),
            name=f"component-{request.stack}",
            # A probe that hangs does not hold up the end of the process.
            daemon=True,
        )
        thread.start()
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Loops that were kept for callbacks end, and connections are closed."""
        with self._lock:
            self._is_closed = True
            endings, self._endings = self._endings, []
            channels, self._channels = list(self._channels.values()), {}
        for end in endings:
            end()
        for channel in channels:
            channel.close()

    def _run_thread(
        self,
        request: DeploymentRequest,
        engine_address: str,
        work: Callable[[], Awaitable[ResultT]],
        done: concurrent.futures.Future[ResultT],
    ) -> None:
        try:
            with self._lock:
                # Imports that run in two threads at once may see half of a module.
                load_sdk()
            asyncio.run(self._run_loop(request, engine_address, work, done))
        except BaseException as error:
            if not done.done():
                done.set_exception(error)
            else:
                _LOG.debug("a component's loop ended badly", exc_info=error)

    async def _run_loop(
        self,
        request: DeploymentRequest,
        engine_address: str,
        work: Callable[[], Awaitable[ResultT]],
        done: concurrent.futures.Future[ResultT],
    ) -> None:
        loop = asyncio.get_running_loop()
        # What fails is told by the result; registrations that it leaves behind fail unheard.
        loop.set_exception_handler(_log_quietly)
        try:
            await self._configure(request, engine_address)
        except Exception as error:
            address = request.monitorEndpoint
            raise TryAgain(f"the engine at {address!r} does not answer: {error}") from error
        try:
            done.set_result(await work())
        except Exception as error:
            done.set_exception(error)
            return
        # What is logged about a resource is sent when its URN is known; nothing waits for it.
        if left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left, timeout=_LOG_SECONDS)
        await self._serve_callbacks(loop)

    async def _configure(self, request: DeploymentRequest, engine_address: str) -> None:
        """The SDK works for the request's stack, in this context only."""
        from pulumi.runtime import config, settings
        from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

        monitor: resource_pb2_grpc.ResourceMonitorStub | None = None
        engine: engine_pb2_grpc.EngineStub | None = None
        if request.monitorEndpoint:
            channel = self._channel(request.monitorEndpoint)
            monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
        if engine_address:
            engine = engine_pb2_grpc.EngineStub(self._channel(engine_address))
        settings.ROOT.set(None)
        settings.configure(
            settings.Settings(
                organization=request.organization or "organization",
                project=request.project or None,
                stack=request.stack or None,
                parallel=request.parallel or None,
                monitor=monitor,
                engine=engine,
                dry_run=request.dryRun,
            )
        )
        config.set_all_config(dict(request.config), list(request.configSecretKeys))
        await self._learn_features(request.monitorEndpoint, settings)

    async def _learn_features(self, address: str, module: ModuleType) -> None:
        """The SDK knows what the monitor can do, asked once for each address."""
        settings: Any = module  # Any: the SDK has no public, typed way to do this
        if address in self._features:
            settings.SETTINGS.monitor_features = self._features[address]
        else:
            await settings._load_monitor_feature_support()
            self._features[address] = settings.SETTINGS.monitor_features

    def _channel(self, address: str) -> grpc.Channel:
        with self._lock:
            if address not in self._channels:
                self._channels[address] = grpc.insecure_channel(address, options=_CHANNEL_OPTIONS)
            return self._channels[address]

    async def _serve_callbacks(self, loop: asyncio.AbstractEventLoop) -> None:
        """Waits for the end of the plugin if the engine may still call hooks or transforms."""
        # The SDK has no public way to its callback servers: Any, and looked up by name.
        known: Any = getattr(import_module("pulumi.runtime._callbacks"), "_CallbackServicer")  # noqa: B009
        own = [item for item in list(known._servicers) if item._server._loop is loop]
        if not own:
            return
        stop = asyncio.Event()
        with self._lock:
            if not self._is_closed:
                self._endings.append(lambda: loop.call_soon_threadsafe(stop.set))
            else:
                stop.set()
        await stop.wait()
        for item in own:
            known._servicers.remove(item)
            await item._server.stop(grace=0)


def _log_quietly(
    loop: asyncio.AbstractEventLoop, context: dict[str, Any]
) -> None:  # Any: asyncio's own
    _LOG.debug("in a component's loop: %s", context.get("message"))
