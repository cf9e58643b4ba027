"""The servicer of the plugin `splitplane`: resources and components in one process.

The SDK and the components are imported when the first component of a program in another language
is made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, TypeVar, cast

import grpc

from splitplane.provider.backend import Backend
from splitplane.provider.component_runs import DeploymentRequest, Runner
from splitplane.provider.components import COMPONENTS, Table
from splitplane.provider.errors import ProviderError, WrongArguments
from splitplane.provider.servicer import Context, Servicer, abort_bug
from splitplane.provider.stubs import errors_pb2, provider_pb2, status_pb2

ResultT = TypeVar("ResultT")

_SUMMARY: Final = "inputs of the component are wrong"


class SplitplaneServicer(Servicer):
    """Resources and components in one process."""

    components: ClassVar[Table] = COMPONENTS
    """What can be constructed and called."""

    def __init__(self, backend: Backend, *, engine_address: str = "") -> None:
        """Nothing of components is imported yet."""
        super().__init__(backend, engine_address=engine_address)
        self._runner = Runner()

    def close(self) -> None:
        """As the base, and the runs of components end."""
        self._runner.close()
        super().close()

    async def Construct(
        self, request: provider_pb2.ConstructRequest, context: Context
    ) -> provider_pb2.ConstructResponse:
        """Makes a component; its children are registered with the engine that asked."""

        async def work() -> provider_pb2.ConstructResponse:
            from splitplane.provider.component_calls import construct

            return await construct(self.components, request)

        return await self._run_component(request, context, work)

    async def Call(
        self, request: provider_pb2.CallRequest, context: Context
    ) -> provider_pb2.CallResponse:
        """Calls a method of a component that the engine knows."""

        async def work() -> provider_pb2.CallResponse:
            from splitplane.provider.component_calls import call

            return await call(self.components, request)

        return await self._run_component(request, context, work)

    async def _run_component(
        self,
        request: DeploymentRequest,
        context: Context,
        work: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """The result of `work`; its errors end the call with their code."""
        try:
            return await self._runner.run(request, self.engine_address, work)
        except WrongArguments as error:
            await cast(Any, context).abort_with_status(_status(error))  # not in the stubs
        except ProviderError as error:
            await context.abort(error.code, str(error))
        except Exception as error:
            await abort_bug(context, error)
        raise AssertionError("abort does not return")


def _status(error: WrongArguments) -> Any:  # Any: what abort_with_status takes is untyped
    """The status by which the engine shows each input that is wrong, with its value."""
    code: tuple[int, str] = error.code.value
    packed = status_pb2.Status(code=code[0], message=_SUMMARY)
    packed.details.add().Pack(
        errors_pb2.InputPropertiesError(
            errors=[
                errors_pb2.InputPropertiesError.PropertyError(
                    property_path=item.path, reason=item.reason
                )
                for item in error.failures
            ]
        )
    )
    status = grpc.Status()
    status.code = error.code
    status.details = _SUMMARY
    status.trailing_metadata = (("grpc-status-details-bin", packed.SerializeToString()),)
    return status
