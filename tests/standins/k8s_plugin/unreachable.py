"""Objects of a cluster that does not exist yet: a preview shows their inputs, nothing is asked.

So does the official plugin when its kubeconfig is unknown in a preview ("cluster unreachable").
"""

from __future__ import annotations

from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import UNKNOWN, Properties, plain_ids, unwrap
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import TryAgain


class UnreachableObject:
    """Any object, as far as it can be planned."""

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return plain_ids(news), []

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        return diff_properties(unwrap(old_inputs), unwrap(plain_ids(news)))

    def create(self, operation: Operation, inputs: Properties) -> State:
        _only_planned(operation)
        return State("", inputs, {**inputs, "status": UNKNOWN})

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        raise TryAgain("the cluster cannot be reached: its kubeconfig is unknown")

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        _only_planned(operation)
        return {**news, "status": UNKNOWN}

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        raise TryAgain("the cluster cannot be reached: its kubeconfig is unknown")


def _only_planned(operation: Operation) -> None:
    if not operation.is_preview:
        raise TryAgain("the cluster cannot be reached: its kubeconfig is unknown")
