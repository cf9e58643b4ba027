"""The test plugin's resource and its table of components."""

from __future__ import annotations

from typing import ClassVar

from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import UNKNOWN, Properties
from splitplane.provider.components import ComponentRow, Table
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import Unsupported
from splitplane.provider.splitplane_servicer import SplitplaneServicer


class GalleryServicer(SplitplaneServicer):
    """The plugin of the tests, by the servicer that is tested."""

    components: ClassVar[Table] = {
        "gallery:index:Gallery": ComponentRow(
            "gallery.components", kept_secrets=frozenset({"code"}), methods=("plan_tour",)
        ),
        "gallery:index:Nest": ComponentRow("gallery.components"),
        "gallery:index:Retitled": ComponentRow("gallery.components"),
        "gallery:index:Watcher": ComponentRow("gallery.components"),
    }


class GalleryBackend:
    """One kind of resource that remembers its inputs, which are unknown until it is created."""

    version = "0.0.1"

    def use_engine(self, engine: object) -> None:
        """Nothing is worth showing."""

    def schema(self) -> str:
        return '{"name": "gallery", "version": "0.0.1"}'

    def check_config(self, news: Properties) -> tuple[Properties, list[Failure]]:
        return news, []

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        return Diff({})

    def configure(self, inputs: Properties) -> None:
        """There is nothing to configure."""

    def resource(self, token: str) -> GalleryBox:
        if token != "gallery:index:Box":
            raise Unsupported(f"resource type {token!r} is not known")
        return GalleryBox()

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise Unsupported(f"function {token!r} is not known")

    def close(self) -> None:
        """Nothing is open."""


class GalleryBox:
    """A box."""

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return news, []

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        return diff_properties(old_inputs, news)

    def create(self, operation: Operation, inputs: Properties) -> State:
        if operation.is_preview:
            return State("", inputs, dict.fromkeys(inputs, UNKNOWN))
        return State(operation.urn.rpartition("::")[2], inputs, inputs)

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        return State(id, inputs or {}, outputs)

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        return news

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        """Nothing is left behind."""
