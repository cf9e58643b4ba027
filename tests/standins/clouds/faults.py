"""What a call meets when a test has set faults: it waits, fails, or fails after its work."""

from __future__ import annotations

from clouds.store import Fault, Store
from splitplane.provider.backend import Operation
from splitplane.provider.errors import (
    BadInput,
    NotAllowed,
    ProviderError,
    TryAgain,
    WrongState,
)

_ERRORS: dict[str, type[ProviderError]] = {
    "failed": BadInput,
    "not_allowed": NotAllowed,
    "try_again": TryAgain,
}


def meet_faults(
    store: Store, operation_name: str, type: str, name: str, operation: Operation
) -> Fault | None:
    """Notes the call, waits and fails as told; a fault that comes after the work is returned."""
    late = None
    for fault in store.begin(operation_name, type, name):
        if fault.delay_seconds and not operation.wait(fault.delay_seconds):
            raise WrongState(f"{operation_name} of {name!r} took too long or was stopped")
        if fault.kind == "partial" and fault.error:
            late = fault
        elif fault.error:
            raise _ERRORS[fault.kind](fault.error)
    return late
