"""What depends on what in a recording or in the engine's state, and in which order it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.automation import EngineEvent
from recording_monitor import Recording

_DELETES = {"delete", "delete-replaced"}


@dataclass(frozen=True)
class Graph:
    """URN → URNs that exist before it: dependencies, parent, provider, what it is deleted with."""

    edges: Mapping[str, frozenset[str]]

    def find(self, what: str) -> str:
        """The URN of the one resource with this URN, name, type, or `type::name`."""
        found = self.all(what)
        assert len(found) == 1, f"{what!r} is {found or 'none'} of {sorted(self.edges)}"
        return found[0]

    def all(self, what: str) -> list[str]:
        """The URNs of every resource with this URN, name, type, or `type::name`."""
        return sorted(urn for urn in self.edges if what in _names(urn))

    def before(self, what: str) -> frozenset[str]:
        """The URNs of everything that has to exist before a resource."""
        seen: set[str] = set()
        waiting = [self.find(what)]
        while waiting:
            for urn in self.edges.get(waiting.pop(), ()):
                if urn not in seen:
                    seen.add(urn)
                    waiting.append(urn)
        return frozenset(seen)


def recorded_graph(recording: Recording) -> Graph:
    """The graph of what a program registered under the monitor."""
    return Graph(
        {
            item.urn: _edges(
                [
                    item.parent_urn,
                    item.provider.rpartition("::")[0],
                    item.deleted_with,
                    *item.dependency_urns,
                    *(urn for urns in item.property_dependencies.values() for urn in urns),
                ]
            )
            for item in recording.resources
        }
    )


def state_graph(deployment: Mapping[str, Any]) -> Graph:  # Any: the engine's state in JSON
    """The graph of `stack.export_stack().deployment`."""
    return Graph(
        {
            item["urn"]: _edges(
                [
                    item.get("parent", ""),
                    item.get("provider", "").rpartition("::")[0],
                    item.get("deletedWith", ""),
                    *item.get("dependencies", []),
                    *(
                        urn
                        for urns in item.get("propertyDependencies", {}).values()
                        for urn in urns or []
                    ),
                ]
            )
            for item in deployment["resources"]
        }
    )


def assert_after(graph: Graph, later: str, earlier: str) -> None:
    """Every resource called `later` needs every one called `earlier`; there is one of each."""
    wanted = graph.all(earlier)
    assert wanted, f"there is no {earlier!r} among {sorted(graph.edges)}"
    found = graph.all(later)
    assert found, f"there is no {later!r} among {sorted(graph.edges)}"
    for urn in found:
        missing = set(wanted) - graph.before(urn)
        assert not missing, f"{urn} does not wait for {sorted(missing)}"


def assert_unordered(graph: Graph, one: str, other: str) -> None:
    """Neither of two resources waits for the other."""
    first, second = graph.find(one), graph.find(other)
    assert second not in graph.before(first), f"{first} waits for {second}"
    assert first not in graph.before(second), f"{second} waits for {first}"


def deletions(events: Iterable[EngineEvent]) -> tuple[list[str], dict[str, int]]:
    """URNs in the order in which their deletion ended, and the place where each began.

    Places are positions in the stream of events. Begin and end differ, since the engine deletes
    several resources at the same time.
    """
    ended: list[str] = []
    begun: dict[str, int] = {}
    for place, event in enumerate(events):
        if event.resource_pre_event is not None:
            metadata = event.resource_pre_event.metadata
            if metadata.op in _DELETES:
                begun[metadata.urn] = place
        elif event.res_outputs_event is not None:
            metadata = event.res_outputs_event.metadata
            if metadata.op in _DELETES:
                ended.append(metadata.urn)
    return ended, begun


def assert_destroyed_in_reverse(graph: Graph, events: Iterable[EngineEvent]) -> None:
    """What needs a resource was gone before the deletion of that began."""
    listed = list(events)
    ended, begun = deletions(listed)
    assert ended, "nothing was deleted"
    places = {
        event.res_outputs_event.metadata.urn: place
        for place, event in enumerate(listed)
        if event.res_outputs_event is not None and event.res_outputs_event.metadata.op in _DELETES
    }
    for later, needed in graph.edges.items():
        for earlier in needed:
            if later in places and earlier in begun:
                is_right = places[later] < begun[earlier]
                assert is_right, f"{earlier} was deleted while {later} was there"


def _names(urn: str) -> set[str]:
    _, _, types, name = urn.split("::", 3)
    type_token = types.rpartition("$")[2]
    return {urn, name, type_token, f"{type_token}::{name}"}


def _edges(urns: Iterable[str]) -> frozenset[str]:
    return frozenset(urn for urn in urns if urn)
