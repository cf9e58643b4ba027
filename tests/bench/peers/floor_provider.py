"""A plugin that does nothing and says yes: what the engine itself costs for each resource.

On the SDK's generated servicer, started by the engine as `pulumi-resource-floor ENGINE_ADDRESS`.
"""

from __future__ import annotations

import asyncio
import signal

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Every resource is what its inputs say, at once."""

    def __init__(self) -> None:
        self.is_cancelled = asyncio.Event()

    async def Handshake(self, request, context):
        """Takes everything the engine offers."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def GetPluginInfo(self, request, context):
        """A version, which the engine wants."""
        return plugin_pb2.PluginInfo(version="0.0.1")

    async def CheckConfig(self, request, context):
        """The configuration is right."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request, context):
        """The configuration is the same."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Configure(self, request, context):
        """Ready, also for previews."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request, context):
        """The inputs are right."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(self, request, context):
        """Nothing differs."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Create(self, request, context):
        """Made; its id is its name."""
        name = request.urn.rpartition("::")[2]
        return provider_pb2.CreateResponse(
            id="" if request.preview else name, properties=request.properties
        )

    async def Delete(self, request, context):
        """Gone."""
        return empty_pb2.Empty()

    async def Cancel(self, request, context):
        """The engine is done."""
        self.is_cancelled.set()
        return empty_pb2.Empty()


async def serve() -> None:
    """Serves until the engine is done; the first line of output is the port."""
    server = grpc.aio.server()
    servicer = Servicer()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, servicer.is_cancelled.set)
    await servicer.is_cancelled.wait()
    await server.stop(grace=0.1)


if __name__ == "__main__":
    asyncio.run(serve())
