"""`renderApplication`: the objects that a service or job would be, for reviews and policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from splitplane.client.errors import InvalidInput, NotFound
from splitplane.contract.rendered import RenderedView
from splitplane.provider.backend import Failure
from splitplane.provider.codec import Properties
from splitplane.provider.errors import Missing, WrongArguments
from splitplane.provider.functions.function import OBJECTS, Function
from splitplane.provider.kinds import application
from splitplane.provider.kinds.errors import translated
from splitplane.provider.shapes import Field, Shape, to_wire

if TYPE_CHECKING:
    from splitplane.client import Client

# How long to wait is no part of what is rendered.
_LAYOUT: Final = replace(application.LAYOUT, extra=())
_OBJECTS: Final = "objects"
_VIEW: Final = Shape("object", model=RenderedView, hidden=frozenset({_OBJECTS}))


def _call(client: Client, arguments: Properties) -> Properties:
    failures = _LAYOUT.failures(arguments)
    if failures:
        raise WrongArguments(failures)
    with translated("renderApplication failed"):
        try:
            view = client.render(_LAYOUT.to_manifest(arguments))
        except NotFound as error:
            raise Missing(f"workspace: {error}") from error
        except InvalidInput as error:
            raise WrongArguments([Failure("", str(error))]) from error
    result: Properties = to_wire(_VIEW, view.model_dump(mode="json", exclude={_OBJECTS}))
    return {**result, _OBJECTS: view.objects}


FUNCTION: Final = Function(
    token="splitplane:index:renderApplication",  # noqa: S106 - a name
    description=(
        "The Kubernetes objects that an application would be in its cluster, without storing "
        "anything: for reviews and policy packs. Takes what the resource `Application` takes. "
        "Variables that are given in plain text are plain in the result. Needs the right to read "
        "the workspace's applications."
    ),
    inputs=tuple(_LAYOUT.inputs.fields().values()),
    outputs=(
        *_VIEW.fields().values(),
        Field(
            _OBJECTS,
            _OBJECTS,
            OBJECTS,
            is_required=True,
            description="The objects, in the order in which they are made.",
        ),
    ),
    call=_call,
)
