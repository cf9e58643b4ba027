"""From the client's errors to the plugin's: what to do is kept, what to type is added."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from splitplane.client.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    InvalidInput,
    NotConfigured,
    NotFound,
    Refused,
    RetryLater,
)
from splitplane.provider.errors import (
    BadInput,
    Missing,
    NotAllowed,
    ProviderError,
    Taken,
    TryAgain,
    WrongState,
)

# In order: subclasses first.
_CLASSES: tuple[tuple[type[ApiError], type[ProviderError]], ...] = (
    (InvalidInput, BadInput),
    (NotConfigured, BadInput),
    (Refused, NotAllowed),
    (NotFound, Missing),
    (AlreadyExists, Taken),
    (Conflict, WrongState),
    (RetryLater, TryAgain),
)


@contextmanager
def translated(what: str) -> Generator[None]:
    """Errors of the client leave as errors of the plugin, with `what` was tried in front."""
    try:
        yield
    except ApiError as error:
        wanted = next((new for old, new in _CLASSES if isinstance(error, old)), WrongState)
        raise wanted(f"{what}: {error}") from error
