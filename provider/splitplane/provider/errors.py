"""Errors of the plugin, split by what the engine should do; each has a gRPC code.

ProviderError            base
├── BadInput             INVALID_ARGUMENT: fix the program
│   └── WrongArguments   no code: an answer of Invoke that names each argument
├── WrongState           FAILED_PRECONDITION: look at the object first
├── Taken                ALREADY_EXISTS: import the object or choose another name
├── Missing              NOT_FOUND: the object is gone
├── NotAllowed           PERMISSION_DENIED: sign in or ask for a right
├── TryAgain             UNAVAILABLE: run again later
├── Unsupported          UNIMPLEMENTED: this plugin does not do that
└── NotReady             created or updated, but not ready: kept in the state, retried by next `up`

None of the codes is INTERNAL, UNKNOWN or DATA_LOSS, which make the engine doubt whether the object
exists and mark the stack as maybe corrupt (provider_plugin.go `resourceStateAndError`, v3.259.0).
Creations can be repeated, so that doubt never holds here, not even after a bug.
"""

from __future__ import annotations

from typing import ClassVar

import grpc

from splitplane.provider.backend import Failure
from splitplane.provider.codec import Properties


class ProviderError(Exception):
    """An operation that did not succeed."""

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.FAILED_PRECONDITION


class BadInput(ProviderError):
    """The program asks for something that cannot be."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class WrongArguments(BadInput):
    """Arguments that a function refuses."""

    def __init__(self, failures: list[Failure]) -> None:
        """Keeps the failures, each of which names its argument."""
        super().__init__("; ".join(f"{item.path}: {item.reason}" for item in failures))
        self.failures = failures


class WrongState(ProviderError):
    """Something else has to change first."""


class Taken(ProviderError):
    """The object exists and is not this resource's."""

    code = grpc.StatusCode.ALREADY_EXISTS


class Missing(ProviderError):
    """There is no such object."""

    code = grpc.StatusCode.NOT_FOUND


class NotAllowed(ProviderError):
    """The credential is missing, not valid or lacks a permission."""

    code = grpc.StatusCode.PERMISSION_DENIED


class TryAgain(ProviderError):
    """The peer cannot answer now."""

    code = grpc.StatusCode.UNAVAILABLE


class Unsupported(ProviderError):
    """The plugin has no such resource, component or function."""

    code = grpc.StatusCode.UNIMPLEMENTED


class NotReady(ProviderError):
    """The object was written but is not ready; the engine keeps it and tries again next time."""

    def __init__(self, reasons: list[str], *, id: str, inputs: Properties, outputs: Properties):
        """Keeps what the engine needs to store the object.

        Args:
            reasons: why it is not ready, for people.
            id: the object's id.
            inputs: checked inputs.
            outputs: state of the object as far as it is known.
        """
        super().__init__("; ".join(reasons))
        self.reasons = reasons
        self.id = id
        self.inputs = inputs
        self.outputs = outputs
