"""Objects of a cluster that cannot be asked: one that the same update makes, or one that is gone.

A preview shows their inputs, and everything else fails, as with the official plugin ("cluster
unreachable"). With `deleteUnreachable` it drops from the state what it is to read or delete; a
release it drops when it reads it and not when it is to delete it. Sources: `Read` and `Delete` of
provider.go of pulumi-kubernetes, and its issue #2675, open on 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass

from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import UNKNOWN, Properties, plain_ids, unwrap
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import TryAgain

VARIABLE = "PULUMI_K8S_DELETE_UNREACHABLE"
"""Counts where the provider says nothing."""


@dataclass(frozen=True)
class Unreachable:
    """That a cluster cannot be asked.

    Attributes:
        reason: why.
        forgets: whether what is in it is dropped from the state.
    """

    reason: str
    forgets: bool = False


class UnreachableObject:
    """Any object, as far as it can be planned."""

    def __init__(self, why: Unreachable, *, is_release: bool = False) -> None:
        self._why = why
        self._is_release = is_release

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return plain_ids(news), []

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        return diff_properties(unwrap(old_inputs), unwrap(plain_ids(news)))

    def create(self, operation: Operation, inputs: Properties) -> State:
        self._only_planned(operation)
        return State("", inputs, {**inputs, "status": UNKNOWN})

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        if self._why.forgets:
            return None
        raise TryAgain(self._text("failed to read resource state due to unreachable cluster"))

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        self._only_planned(operation)
        return {**news, "status": UNKNOWN}

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        if self._is_release:
            raise TryAgain(self._text("can't delete Helm Release with unreachable cluster"))
        if not self._why.forgets:
            raise TryAgain(self._text("configured Kubernetes cluster is unreachable"))

    def _only_planned(self, operation: Operation) -> None:
        if not operation.is_preview:
            raise TryAgain(self._text("configured Kubernetes cluster is unreachable"))

    def _text(self, what: str) -> str:
        hint = "" if self._is_release else f"; if it was deleted, set {VARIABLE} to true"
        return f"{what}: {self._why.reason}{hint}"
