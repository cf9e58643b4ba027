"""Errors of the control plane, split by what the caller should do.

    ControlPlaneError
    ├── UserError       fix the input or the state; carries code, field errors and the object's name
    ├── Refused         sign in, or ask somebody who may grant the verb
    ├── RetryLater      try again after `delay_seconds`
    └── StartError      the process cannot start as it is configured

Everything else that escapes is a bug and becomes the code `internal`.
"""

from __future__ import annotations

from collections.abc import Sequence

from splitplane.contract.errors import ErrorCode, FieldError


class ControlPlaneError(Exception):
    """Base of all errors that this part raises on purpose."""


class UserError(ControlPlaneError):
    """The request cannot be carried out as it is; the code and the fields say why."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        fqn: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Keeps what the problem document needs."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.fqn = fqn
        self.hint = hint


class Refused(ControlPlaneError):
    """The caller is unknown, or may not do this; `verb` is what is missing."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        verb: str | None = None,
        fqn: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Keeps what the problem document needs."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.verb = verb
        self.fqn = fqn
        self.hint = hint


class RetryLater(ControlPlaneError):
    """The same request may succeed after `delay_seconds`."""

    def __init__(
        self, detail: str, *, delay_seconds: float, code: ErrorCode = ErrorCode.UNAVAILABLE
    ) -> None:
        """Keeps the delay and the code, `unavailable` or `rate_limited`."""
        super().__init__(detail)
        self.detail = detail
        self.delay_seconds = delay_seconds
        self.code = code


class StartError(ControlPlaneError):
    """The process cannot start; the message says what to change."""


def not_found(text: str) -> UserError:
    """The error for a name or id that does not exist or may not be read."""
    return UserError(
        ErrorCode.NOT_FOUND,
        f"{text!r} does not exist, or you may not read it",
        fqn=text,
        hint="check the name, or ask for a role that reads it",
    )
