"""`getCapabilities`: what a cluster can do, for programs that decide by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from splitplane.client.errors import NotFound
from splitplane.contract.capabilities import CapabilitiesView
from splitplane.provider.codec import Properties
from splitplane.provider.errors import Missing
from splitplane.provider.functions.function import Function, text
from splitplane.provider.kinds.errors import translated
from splitplane.provider.shapes import Shape, to_wire

if TYPE_CHECKING:
    from splitplane.client import Client

_SHAPE: Final = Shape("object", model=CapabilitiesView)


def _call(client: Client, arguments: Properties) -> Properties:
    with translated("getCapabilities failed"):
        try:
            view = client.capabilities(arguments["cluster"])
        except NotFound as error:
            raise Missing(f"cluster: {error}") from error
    result: Properties = to_wire(_SHAPE, view.model_dump(mode="json"))
    return result


FUNCTION: Final = Function(
    token="splitplane:index:getCapabilities",  # noqa: S106 - a name
    description=(
        "What a cluster can do: facts about its kind, and what its agent reported last. Reads "
        "only; needs the right to read the cluster."
    ),
    inputs=(text("cluster", "Which cluster: `NAME` or id."),),
    outputs=tuple(_SHAPE.fields().values()),
    call=_call,
)
