"""Errors of the agent, split by what the caller should do.

AgentError
├── UserError     fix the input: settings, kubeconfig, an object that the API server calls invalid
├── NotFound      the object or the kind does not exist (404)
├── Conflict      somebody else made or owns it (409)
├── Gone          the list or watch is too old: list anew (410)
├── RetryLater    the same call may work after `delay_seconds` (429, 5xx, no connection)
├── Refused       a guard rail, RBAC or a signature forbids it (401, 403); trying again is no use
└── Broken        a bug, or a peer that breaks its protocol
"""

from __future__ import annotations


class AgentError(Exception):
    """Root of the agent's errors.

    Attributes:
        reason: one CamelCase word for machines.
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or type(self).__name__


class UserError(AgentError):
    """The input is wrong; the message says which field and what is allowed."""


class NotFound(AgentError):
    """The object, the namespace or the kind does not exist."""


class Conflict(AgentError):
    """The object exists already, or changed since it was read."""


class Gone(AgentError):
    """The resource version or the continue token is too old; list again."""


class RetryLater(AgentError):
    """The call may work later.

    Attributes:
        delay_seconds: shortest wait that the peer asked for; 0 when it asked for none.
    """

    def __init__(self, message: str, *, reason: str = "", delay_seconds: float = 0.0) -> None:
        super().__init__(message, reason=reason)
        self.delay_seconds = delay_seconds


class Refused(AgentError):
    """A guard rail, RBAC or a signature forbids it."""


class Broken(AgentError):
    """A bug here, or a peer that breaks the protocol."""
