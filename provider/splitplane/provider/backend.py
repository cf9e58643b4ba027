"""What the servicer needs of a plugin: its resources, its configuration and its schema.

The servicer knows the protocol and nothing of what is managed; what is managed implements these
protocols and knows nothing of gRPC. Everything here may block: it is called in worker threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from splitplane.provider.codec import Properties
from splitplane.provider.diff import Diff

if TYPE_CHECKING:
    from splitplane.provider.engine_log import EngineLog

DEFAULT_TIMEOUT_SECONDS: Final = 600.0
"""Longest wait for an object to become ready or to go when the program sets no timeout."""


def _say_nothing(_text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class EngineSide:
    """The engine as a backend sees it.

    Attributes:
        log: shows messages to people.
        pause: returns after some seconds, or at once when the engine wants everything to stop.
    """

    log: EngineLog
    pause: Callable[[float], None]


@dataclass(frozen=True)
class Operation:
    """One operation on one resource."""

    urn: str
    """Name of the resource in the stack."""
    is_preview: bool = False
    """Whether nothing may be written."""
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    """Longest time that it may take."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when the engine wants everything to stop."""
    started_at: float = field(default_factory=time.monotonic)
    """Monotonic time of its start."""
    say: Callable[[str], None] = field(default=_say_nothing)
    """Shows a status beside the resource until the next one."""

    def wait(self, seconds: float, *, what: str = "") -> bool:
        """Whether `seconds` later there is still time and nobody has cancelled.

        Args:
            seconds: how long to wait.
            what: what is waited for, shown as `waiting for WHAT (12 s)`; nothing when empty.
        """
        passed = time.monotonic() - self.started_at
        if what:
            self.say(f"waiting for {what} ({passed:.0f} s)")
        left = self.timeout_seconds - passed
        return not self.cancelled.wait(max(0.0, min(seconds, left))) and left > seconds


@dataclass(frozen=True)
class Failure:
    """A property with a wrong value."""

    path: str
    """`service.ports[0].port`; empty when it is about the resource as a whole."""
    reason: str


@dataclass(frozen=True)
class State:
    """A resource as it is: id, inputs that would make it, and outputs."""

    id: str
    inputs: Properties
    outputs: Properties


class Resource(Protocol):
    """One kind of resource. Property maps may hold secrets and, in previews, unknowns."""

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs in the form in which they are stored, and what is wrong with them."""
        ...

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        """What differs between the state and the inputs, and what that takes."""
        ...

    def create(self, operation: Operation, inputs: Properties) -> State:
        """The new object; in a preview what can be known of it, with an empty id."""
        ...

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        """The object as it is; None when it is gone. Without `inputs` it is an import."""
        ...

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        """The outputs after the update, or as far as a preview can know them."""
        ...

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        """The object is gone; also when it was gone before."""
        ...


class Backend(Protocol):
    """A plugin."""

    @property
    def version(self) -> str:
        """Semantic version, without a leading v."""
        ...

    def use_engine(self, engine: EngineSide) -> None:
        """What is worth showing goes to this engine from now on."""
        ...

    def schema(self) -> str:
        """The package's schema, JSON."""
        ...

    def check_config(self, news: Properties) -> tuple[Properties, list[Failure]]:
        """The provider's inputs in the form in which they are stored, and what is wrong."""
        ...

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        """What differs between two configurations, and whether all resources must be replaced."""
        ...

    def configure(self, inputs: Properties) -> None:
        """What follows uses this configuration."""
        ...

    def resource(self, token: str) -> Resource:
        """The kind of resource with this type token; raises Unsupported when there is none."""
        ...

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The result of a function.

        Raises:
            Unsupported: there is no such function.
            WrongArguments: it refuses its arguments.
        """
        ...

    def close(self) -> None:
        """Connections are closed."""
        ...
