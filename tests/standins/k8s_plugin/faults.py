"""Faults that a test sets, as those of the clouds' stand-ins; the environment names the folder."""

from __future__ import annotations

import os
from pathlib import Path

from clouds.faults import meet_faults
from clouds.store import Fault, Store

from splitplane.provider.backend import Failure, Operation, Resource, State
from splitplane.provider.codec import Properties
from splitplane.provider.diff import Diff
from splitplane.provider.errors import NotReady

VARIABLE = "SPLITPLANE_STANDIN_KUBERNETES_FAULTS"
"""Folder of a `clouds.store.Store`, which keeps faults and calls and no objects."""


def with_faults(token: str, resource: Resource) -> Resource:
    """The resource, which meets the faults of the folder where the environment names one."""
    folder = os.environ.get(VARIABLE)
    return _Faulty(token, resource, Store(Path(folder))) if folder else resource


class _Faulty:
    def __init__(self, token: str, inner: Resource, store: Store) -> None:
        self._token = token
        self._inner = inner
        self._store = store

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return self._inner.check(olds, news)

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        return self._inner.diff(id, old_inputs, old_outputs, news)

    def create(self, operation: Operation, inputs: Properties) -> State:
        late = self._meet("create", operation)
        made = self._inner.create(operation, inputs)
        if late is not None:
            raise NotReady([late.error], id=made.id, inputs=made.inputs, outputs=made.outputs)
        return made

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        return self._inner.read(operation, id, inputs, outputs)

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        late = self._meet("update", operation)
        made = self._inner.update(operation, id, old_inputs, old_outputs, news)
        if late is not None:
            raise NotReady([late.error], id=id, inputs=news, outputs=made)
        return made

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        self._meet("delete", operation)
        self._inner.delete(operation, id, inputs, outputs)

    def _meet(self, name: str, operation: Operation) -> Fault | None:
        if operation.is_preview:
            return None
        label = operation.urn.split("::", 3)[3]
        return meet_faults(self._store, name, self._token, label, operation)
