"""Inputs of recorded resources whose change makes another object in place of the one there is."""

from __future__ import annotations

from typing import Any

from recording_monitor import Recording, Registered

from clouds.outputs import Answers
from clouds.resource import CloudObject
from clouds.sdk_types import MODULES, kind_of, package_of
from clouds.snapshot import redacted
from clouds.tables import tables_of
from splitplane.provider.codec import plain_ids

Json = dict[str, Any]  # Any: JSON

_EVERY_OBJECT = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_OTHERS = {
    # https://kubernetes.io/docs/concepts/storage/storage-classes/: nothing in it can be changed.
    "kubernetes:storage.k8s.io/v1:StorageClass": (
        "parameters",
        "provisioner",
        "reclaimPolicy",
        "volumeBindingMode",
    ),
    "kubernetes:apps/v1:Deployment": ("spec.selector",),
    "kubernetes:helm.sh/v3:Release": ("name", "namespace"),
    "pulumi:providers:kubernetes": ("clusterIdentifier",),
    "splitplane:index:Cluster": ("name",),
}
"""Type that is no cloud's → inputs that cannot be changed."""


def replacing_inputs(recording: Recording) -> dict[str, Json]:
    """URN → place of an input → its value, of all resources of a program, sorted."""
    return {
        item.urn: dict(sorted(_of(item).items()))
        for item in sorted(recording.resources, key=lambda item: item.urn)
    }


def _of(item: Registered) -> Json:
    inputs: Json = redacted(plain_ids(item.properties))
    if package_of(item.type) in MODULES and (kind := kind_of(item.type)) is not None:
        tables = tables_of(package_of(item.type))
        reader = _Reader(Answers(kind, tables, {}), item.urn)
        return {place: value for place, value in _leaves(inputs, "") if reader.replaces(place)}
    listed = _OTHERS.get(item.type, ())
    if item.type.startswith("kubernetes:"):
        listed = (*_EVERY_OBJECT, *listed)
    found = {place: _at(inputs, place) for place in listed}
    return {place: value for place, value in found.items() if value is not None}


class _Reader(CloudObject):
    def __init__(self, answers: Answers, urn: str) -> None:
        nothing: Any = None  # Any: what is stored is not asked for
        super().__init__(answers, nothing, urn, {})

    def replaces(self, place: str) -> bool:
        return self._replaces_for(place, {}, {})


def _leaves(value: Any, place: str) -> list[tuple[str, Any]]:  # Any: JSON
    """Places and values; a list is one value, in order where it is of plain ones."""
    if isinstance(value, dict) and value:
        parts = ((f"{place}.{key}" if place else key, item) for key, item in value.items())
        return [leaf for inner, item in parts for leaf in _leaves(item, inner)]
    return [(place, value)]


def _at(inputs: Json, place: str) -> Any:  # Any: JSON
    found: Any = inputs
    for key in place.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found
