"""Resources of the SDK's own dynamic provider that do nothing; its plugin imports this file too.

The SDK pickles the provider anew for each resource, and each time leaves one more layer around the
pickler's method (`serialize_provider`, 3.272.0): some 300 resources end in a RecursionError. Here
it is pickled once, which is in the peer's favour.
"""

from __future__ import annotations

import functools
from typing import Any

import pulumi.dynamic.dynamic
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Nothing(ResourceProvider):
    """Says that it made what it was given."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_="made", outs=props)


class Thing(Resource, name="Thing"):
    """A resource with one text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(_PROVIDER, name, {"text": text})


_PROVIDER = Nothing()
vars(pulumi.dynamic.dynamic)["serialize_provider"] = functools.cache(
    pulumi.dynamic.dynamic.serialize_provider
)


def program(resources: int) -> None:
    """Registers that many."""
    for number in range(resources):
        Thing(f"thing-{number}", f"value {number}")
