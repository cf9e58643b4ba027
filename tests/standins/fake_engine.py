"""An engine over real gRPC that records what a component registers, and answers at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from splitplane.provider.codec import Properties, decode, encode

_WORKERS = 128
"""Registrations at the same time: 20 components with some children each, and what they log."""


@dataclass
class FakeEngine:
    """One deployment: a resource monitor and an engine at one address; a context manager.

    Attributes:
        stack: name of the stack, part of all URNs.
        is_preview: whether ids and outputs of custom resources are unknown.
        registered: every request of a resource, in order.
        outputs: name of a component → what it registered as outputs.
        states: URN → outputs that a component is said to have when it is asked for.
        logged: what is worth showing, each with the resource that it is about.
        plugin: what constructs the remote components that are registered.
        refusal: error that the registration of a custom resource ends with, none when empty.
    """

    stack: str = "prod"
    is_preview: bool = False
    registered: list[resource_pb2.RegisterResourceRequest] = field(default_factory=list)
    outputs: dict[str, Properties] = field(default_factory=dict)
    states: dict[str, Properties] = field(default_factory=dict)
    logged: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    plugin: provider_pb2_grpc.ResourceProviderStub | None = None
    address: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: grpc.Server | None = None

    def __enter__(self) -> Self:
        self._server = grpc.server(ThreadPoolExecutor(_WORKERS))
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_Monitor(self), self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(_Log(self), self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.stop(None).wait()

    def one(self, token: str) -> resource_pb2.RegisterResourceRequest:
        """The only registration of the type."""
        (found,) = [item for item in self.registered if item.type == token]
        return found

    def urn_of(self, request: resource_pb2.RegisterResourceRequest) -> str:
        parent = request.parent.split("::")[2] if request.parent else ""
        types = f"{parent}${request.type}" if parent else request.type
        return f"urn:pulumi:{self.stack}::acme::{types}::{request.name}"

    def register(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        with self._lock:
            self.registered.append(request)
        if request.custom and self.refusal:
            context.abort(grpc.StatusCode.UNKNOWN, self.refusal)
        if request.remote:
            assert self.plugin is not None, "a remote component needs a plugin"
            made = self.plugin.Construct(
                provider_pb2.ConstructRequest(
                    project="acme",
                    stack=self.stack,
                    monitorEndpoint=self.address,
                    type=request.type,
                    name=request.name,
                    parent=request.parent,
                    inputs=request.object,
                )
            )
            return resource_pb2.RegisterResourceResponse(urn=made.urn, object=made.state)
        is_known = request.custom and not self.is_preview
        return resource_pb2.RegisterResourceResponse(
            urn=self.urn_of(request),
            id=f"{request.name}-id" if is_known else "",
            object=request.object if is_known else struct_pb2.Struct(),
        )


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        features = resource_pb2.ResourceMonitorFeature.values()
        return resource_pb2.DeploymentInfo(supportedFeatures=features)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        return self.engine.register(request, context)

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        name = request.urn.rpartition("::")[2]
        self.engine.outputs[name] = decode(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        assert request.tok == "pulumi:pulumi:getResource"
        urn = decode(request.args)["urn"]
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(
            encode({"urn": urn, "id": "", "state": self.engine.states[urn]})
        )
        return response


class _Log(engine_pb2_grpc.EngineServicer):
    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine

    def Log(self, request: Any, context: Any) -> Any:
        if request.severity > engine_pb2.DEBUG:
            self.engine.logged.append((request.urn, request.message))
        return empty_pb2.Empty()
