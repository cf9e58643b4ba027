"""The servicer of the plugin `splitplane`: resources by ours, components by the SDK's.

Of the SDK's servicer only Construct is used; it and everything that it needs are imported when the
first component of a program in another language is made.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import grpc

from splitplane.provider.servicer import Context, Servicer, abort_bug
from splitplane.provider.stubs import load_sdk, provider_pb2

if TYPE_CHECKING:
    from pulumi.provider.server import ProviderServicer


class SplitplaneServicer(Servicer):
    """Resources and components in one process."""

    async def Construct(
        self, request: provider_pb2.ConstructRequest, context: Context
    ) -> provider_pb2.ConstructResponse:
        """Makes a component; its children are registered with the engine that asked.

        The component's constructor runs on the event loop, because the SDK registers resources
        there: other calls wait while it probes a cluster.
        """
        components = self._components
        components.engine_address = self.engine_address
        from pulumi import RunError

        try:
            # The SDK names its own type for the context; it is the same class at run time.
            return await components.Construct(request, cast(Any, context))
        except RunError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except Exception as error:
            await abort_bug(context, error)
        raise AssertionError("abort does not return")

    @cached_property
    def _components(self) -> ProviderServicer:
        load_sdk()
        from pulumi.provider.server import ProviderServicer

        from splitplane.provider.components import ComponentHost

        return ProviderServicer(ComponentHost(self.version), [], self.engine_address)
