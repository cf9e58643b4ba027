"""The arguments of `EksComputePlane` by path, for tests of what is written about them."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import get_annotations
from typing import Any, get_args

from splitplane.components.clouds.aws.args import EksComputePlaneArgs


def argument_paths() -> frozenset[str]:
    """Every argument, with dots between the levels: `network.nat`, `pools.data_disk_gib`."""
    return frozenset(_paths(EksComputePlaneArgs, ""))


def _paths(kind: Any, before: str) -> Iterator[str]:  # Any: a TypedDict
    for name, annotation in get_annotations(kind).items():
        yield f"{before}{name}"
        for inner in _dicts(annotation):
            yield from _paths(inner, f"{before}{name}.")


def _dicts(annotation: Any) -> Iterator[Any]:  # Any: an annotation and the TypedDicts in it
    if hasattr(annotation, "__total__"):
        yield annotation
    for inner in get_args(annotation):
        yield from _dicts(inner)
