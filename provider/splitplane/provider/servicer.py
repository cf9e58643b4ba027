"""The engine's provider protocol over a `Backend`: decode, run in a worker thread, encode.

The protocol's reference is proto/pulumi/provider.proto of pulumi v3.259.0. The SDK's experimental
provider class is not used: it drops unknowns, output values and init failures (docs/adr/0003).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, NoReturn, TypeVar, cast

import grpc
import grpc.aio
from google.protobuf import empty_pb2

from splitplane.provider.backend import (
    DEFAULT_TIMEOUT_SECONDS,
    Backend,
    EngineSide,
    Failure,
    Operation,
    Resource,
)
from splitplane.provider.codec import Properties, decode, encode
from splitplane.provider.diff import Change, Diff
from splitplane.provider.engine_log import EngineLog
from splitplane.provider.errors import NotReady, ProviderError, Unsupported, WrongArguments
from splitplane.provider.paths import is_same_or_inside
from splitplane.provider.stubs import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

Context = grpc.aio.ServicerContext[Any, Any]  # Any: the messages, known per method
ResultT = TypeVar("ResultT")

WORKERS: Final = 16
"""Blocking calls at the same time; the engine runs 8 operations on 2 cores, 16 on 4."""

_KINDS: Final = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One plugin process: configuration, resources, functions, and components by delegation."""

    def __init__(self, backend: Backend, *, engine_address: str = "") -> None:
        """Nothing is started; `engine_address` may come later by Attach or Handshake."""
        self.engine_address = engine_address
        self.is_cancelled = threading.Event()
        self.log = EngineLog(engine_address)
        self._backend = backend
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="provider")
        backend.use_engine(EngineSide(self.log, self._pause))

    @property
    def version(self) -> str:
        """Version of the plugin."""
        return self._backend.version

    def close(self) -> None:
        """Waiting operations end, and the backend's connections are closed."""
        self.is_cancelled.set()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._backend.close()
        self.log.close()

    # The plugin itself ---------------------------------------------------------------------------

    async def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Says what the plugin understands.

        Names are never made up, so there is no autonaming to configure; texts are UTF-8, so no
        byte strings are asked for; Check, Call and Invoke are content with plain values.
        """
        self._meet_engine(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=True
        )

    async def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Takes the address of an engine that did not start this process."""
        self._meet_engine(request.address)
        return empty_pb2.Empty()

    async def GetPluginInfo(
        self, request: empty_pb2.Empty, context: Context
    ) -> plugin_pb2.PluginInfo:
        """Says which version this is."""
        return plugin_pb2.PluginInfo(version=self._backend.version)

    async def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Waits for readiness end now, with what is known."""
        self.is_cancelled.set()
        return empty_pb2.Empty()

    async def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: Context
    ) -> provider_pb2.GetSchemaResponse:
        """Gives the schema as it is committed."""
        if request.version != 0:
            message = f"schema version {request.version} is not known: use 0"
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
        schema = await self._run(context, self._backend.schema)
        return provider_pb2.GetSchemaResponse(schema=schema)

    async def GetMapping(
        self, request: provider_pb2.GetMappingRequest, context: Context
    ) -> provider_pb2.GetMappingResponse:
        """There is none: the package is no bridge to a provider of another ecosystem."""
        return provider_pb2.GetMappingResponse()

    async def GetMappings(
        self, request: provider_pb2.GetMappingsRequest, context: Context
    ) -> provider_pb2.GetMappingsResponse:
        """There are none, so that converters do not ask for one by one."""
        return provider_pb2.GetMappingsResponse()

    # Configuration -------------------------------------------------------------------------------

    async def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """Checks the provider's inputs."""
        news = decode(request.news)
        inputs, failures = await self._run(context, lambda: self._backend.check_config(news))
        return _check_response(inputs, failures)

    async def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """Compares two configurations of one provider."""
        olds = decode(request.old_inputs if request.HasField("old_inputs") else request.olds)
        news = decode(request.news)
        diff = await self._run(context, lambda: self._backend.diff_config(olds, news))
        return _diff_response(diff, list(request.ignoreChanges))

    async def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Uses a configuration from now on."""
        inputs = decode(request.args)
        await self._run(context, lambda: self._backend.configure(inputs))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
        )

    # Resources -----------------------------------------------------------------------------------

    async def Check(
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """Checks the inputs of a resource."""
        olds, news = decode(request.olds), decode(request.news)

        def check() -> tuple[Properties, list[Failure]]:
            return self._resource(request.urn).check(olds, news)

        inputs, failures = await self._run(context, check)
        return _check_response(inputs, failures)

    async def Diff(
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """Compares a resource's state with its inputs."""
        olds, news = decode(request.olds), decode(request.news)
        old_inputs = decode(request.old_inputs)

        def diff() -> Diff:
            return self._resource(request.urn).diff(request.id, old_inputs, olds, news)

        return _diff_response(await self._run(context, diff), list(request.ignoreChanges))

    async def Create(
        self, request: provider_pb2.CreateRequest, context: Context
    ) -> provider_pb2.CreateResponse:
        """Makes an object, or says what is known of it before it is made."""
        inputs = decode(request.properties)
        operation = self._operation(request.urn, request.timeout, is_preview=request.preview)
        state = await self._run(
            context,
            lambda: self._resource(request.urn).create(operation, inputs),
            urn=request.urn,
        )
        return provider_pb2.CreateResponse(id=state.id, properties=encode(state.outputs))

    async def Read(
        self, request: provider_pb2.ReadRequest, context: Context
    ) -> provider_pb2.ReadResponse:
        """Reads an object; an empty answer says that it is gone."""
        # An import sends no inputs; a refresh of a resource without any sends an empty struct.
        inputs = decode(request.inputs) if request.HasField("inputs") else None
        outputs = decode(request.properties)
        operation = self._operation(request.urn, request.timeout)
        state = await self._run(
            context,
            lambda: self._resource(request.urn).read(operation, request.id, inputs, outputs),
            urn=request.urn,
        )
        if state is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=state.id, inputs=encode(state.inputs), properties=encode(state.outputs)
        )

    async def Update(
        self, request: provider_pb2.UpdateRequest, context: Context
    ) -> provider_pb2.UpdateResponse:
        """Changes an object, or says what is known of it after the change."""
        olds, news = decode(request.olds), decode(request.news)
        old_inputs = decode(request.old_inputs)
        operation = self._operation(request.urn, request.timeout, is_preview=request.preview)
        outputs = await self._run(
            context,
            lambda: self._resource(request.urn).update(
                operation, request.id, old_inputs, olds, news
            ),
            urn=request.urn,
        )
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    async def Delete(
        self, request: provider_pb2.DeleteRequest, context: Context
    ) -> empty_pb2.Empty:
        """Removes an object; it is no error when it is gone."""
        inputs, outputs = decode(request.old_inputs), decode(request.properties)
        operation = self._operation(request.urn, request.timeout)
        await self._run(
            context,
            lambda: self._resource(request.urn).delete(operation, request.id, inputs, outputs),
            urn=request.urn,
        )
        return empty_pb2.Empty()

    async def Invoke(
        self, request: provider_pb2.InvokeRequest, context: Context
    ) -> provider_pb2.InvokeResponse:
        """Calls a function; it only reads, so that a preview needs no difference."""
        arguments = decode(request.args)

        def invoke() -> Properties | WrongArguments:
            try:
                return self._backend.invoke(request.tok, arguments)
            except WrongArguments as error:
                return error

        result = await self._run(context, invoke)
        if isinstance(result, WrongArguments):
            return provider_pb2.InvokeResponse(failures=_failures(result.failures))
        response = provider_pb2.InvokeResponse()
        # The field's name is a keyword.
        getattr(response, "return").CopyFrom(encode(result))
        return response

    # ---------------------------------------------------------------------------------------------

    def _resource(self, urn: str) -> Resource:
        return self._backend.resource(type_of(urn))

    def _operation(self, urn: str, timeout: float, *, is_preview: bool = False) -> Operation:
        return Operation(
            urn=urn,
            is_preview=is_preview,
            timeout_seconds=timeout or DEFAULT_TIMEOUT_SECONDS,
            cancelled=self.is_cancelled,
            say=partial(self.log.status, urn=urn),
        )

    def _meet_engine(self, address: str) -> None:
        """An engine begins: what an earlier one cancelled does not concern it."""
        if address:
            self.engine_address = address
            self.log.connect(address)
        if self.is_cancelled.is_set():
            self.is_cancelled = threading.Event()

    def _pause(self, seconds: float) -> None:
        self.is_cancelled.wait(seconds)

    async def _run(
        self, context: Context, function: Callable[[], ResultT], *, urn: str = ""
    ) -> ResultT:
        """The function's result from a worker thread; its errors end the call with their code.

        What is logged meanwhile without a resource is about `urn`.
        """

        def run() -> ResultT:
            with self.log.about(urn):
                return function()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, run)
        except NotReady as error:
            await cast(Any, context).abort_with_status(_not_ready_status(error))  # not in the stubs
        except ProviderError as error:
            await context.abort(error.code, str(error))
        except Exception as error:
            await abort_bug(context, error)
        raise AssertionError("abort does not return")


def type_of(urn: str) -> str:
    """The resource's own type token in a URN, without the types of its parents."""
    parts = urn.split("::", 3)
    if len(parts) != 4 or not urn.startswith("urn:pulumi:"):
        raise Unsupported(f"{urn!r} is not the URN of a resource")
    return parts[2].rpartition("$")[2]


async def abort_bug(context: Context, error: Exception) -> NoReturn:
    """Ends the call and asks people to report it; the resource's status stays known."""
    message = f"bug in the provider, please report it: {type(error).__name__}: {error}"
    await context.abort(ProviderError.code, message)
    raise AssertionError("abort does not return") from error


def _check_response(inputs: Properties, failures: list[Failure]) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(
        inputs=encode(inputs),
        failures=_failures(failures),
    )


def _failures(failures: list[Failure]) -> list[provider_pb2.CheckFailure]:
    return [
        provider_pb2.CheckFailure(property=failure.path, reason=failure.reason)
        for failure in failures
    ]


def _diff_response(diff: Diff, ignored: list[str]) -> provider_pb2.DiffResponse:
    changes = {
        path: change
        for path, change in diff.changes.items()
        if not any(is_same_or_inside(path, item) for item in ignored)
    }
    kept = Diff(changes, diff.delete_before_replace)
    has_changes = bool(changes)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME
        if has_changes
        else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=kept.keys,
        replaces=kept.replaces,
        deleteBeforeReplace=kept.delete_before_replace and bool(kept.replaces),
        detailedDiff={path: _property_diff(change) for path, change in changes.items()},
        # An empty detailed diff says less than none at all.
        hasDetailedDiff=has_changes,
    )


def _property_diff(change: Change) -> provider_pb2.PropertyDiff:
    kind = _KINDS[change.kind, change.is_replace]
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=True)


def _not_ready_status(error: NotReady) -> Any:  # Any: what abort_with_status takes is untyped
    details = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=encode(error.outputs),
        reasons=error.reasons,
        inputs=encode(error.inputs),
    )
    packed = status_pb2.Status(code=_code_number(error.code), message=str(error))
    packed.details.add().Pack(details)
    status = grpc.Status()
    status.code = error.code
    status.details = str(error)
    status.trailing_metadata = (("grpc-status-details-bin", packed.SerializeToString()),)
    return status


def _code_number(code: grpc.StatusCode) -> int:
    value: tuple[int, str] = code.value
    return value[0]


__all__ = ["WORKERS", "Context", "Servicer", "abort_bug", "type_of"]
