"""What a function of the package is: a token, typed arguments, a typed result, and a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from splitplane.provider.backend import Failure
from splitplane.provider.codec import Properties, plain_ids, unwrap
from splitplane.provider.errors import WrongArguments
from splitplane.provider.paths import unknown_places
from splitplane.provider.shapes import Field, Shape, stray_properties

if TYPE_CHECKING:
    from splitplane.client import Client

OBJECTS: Final = Shape("array", items=Shape("map"))
"""Kubernetes objects: a list of objects with anything in them."""


@dataclass(frozen=True)
class Function:
    """A function.

    Attributes:
        token: its name in the schema.
        description: what it gives, in Markdown; shown in every language.
        inputs: its arguments.
        outputs: properties of its result; those with `is_required` are always there.
        call: the result; arguments are known, without secrets, and have the right types.
    """

    token: str
    description: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    call: Callable[[Client, Properties], Properties]

    def invoke(self, client: Client, arguments: Properties) -> Properties:
        """The result; nothing is changed by it.

        Raises:
            WrongArguments: an argument is missing, wrong or not known yet.
            ProviderError: the control plane refuses, or has no such object.
        """
        unknowns = unknown_places(arguments)
        if unknowns:
            raise WrongArguments([Failure(path, _UNKNOWN_REASON) for path in unknowns])
        plain: Properties = unwrap(plain_ids(arguments))
        given = {name: value for name, value in plain.items() if value is not None}
        failures = self._failures(given)
        if failures:
            raise WrongArguments(failures)
        return self.call(client, given)

    def _failures(self, given: Properties) -> list[Failure]:
        top = Shape("object", own=self.inputs)
        failures = [
            Failure(path, f"unknown argument; allowed: {', '.join(names)}")
            for path, names in stray_properties(top, given)
        ]
        for field in self.inputs:
            value = given.get(field.wire_name)
            if value is None and field.is_required:
                failures.append(Failure(field.wire_name, "is required"))
            elif value is not None and not _fits(field.shape, value):
                reason = f"must be {_WORDS[field.shape.kind]}, got {type(value).__name__}"
                failures.append(Failure(field.wire_name, reason))
            elif value == "" and field.is_required:
                failures.append(Failure(field.wire_name, "must not be empty"))
        return failures


_UNKNOWN_REASON: Final = (
    "is not known yet; call the function with outputs (in Python the one that ends in `_output`), "
    "so that it waits for them"
)
_WORDS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "map": "an object",
    "object": "an object",
}
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "map": (dict,),
    "object": (dict,),
}


def _fits(shape: Shape, value: object) -> bool:
    if isinstance(value, bool) and shape.kind != "boolean":
        return False
    return isinstance(value, _TYPES[shape.kind])


def text(name: str, description: str, *, is_required: bool = True) -> Field:
    """A property that is text."""
    return Field(name, name, Shape("string"), is_required, description=description)
