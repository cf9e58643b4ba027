"""Holds the trimmed live objects, as encoded bytes, with count and digest of each kind.

Knows nothing of watches or sockets: watches put objects in, the outbox looks them up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from splitplane.contract.live import LIVE_KINDS, KindDigest, LiveObject, object_hash

MAX_EVENTS: Final = 2_000
"""Events held; the oldest go first. The API server itself forgets them after an hour."""

Place = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Held:
    """One object, its document encoded: a tenth of the memory of nested dictionaries."""

    uid: str
    resource_version: str
    application_id: str | None
    doc: bytes


@dataclass
class LiveStore:
    """Objects by kind and place.

    Attributes:
        changed: called with kind, namespace and name of whatever is new, different or gone.
    """

    changed: Callable[[str, str, str], None]
    _kinds: dict[str, dict[Place, Held]] = field(
        default_factory=lambda: {kind: dict[Place, Held]() for kind in LIVE_KINDS}
    )
    _digests: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIVE_KINDS, 0))

    def put(self, kind: str, place: Place, held: Held) -> None:
        """The object is as given; an equal resource version changes nothing."""
        objects = self._kinds[kind]
        known = objects.get(place)
        if known is not None:
            if known.resource_version == held.resource_version and known.uid == held.uid:
                return
            self._digests[kind] ^= object_hash(*place, known.resource_version)
        objects[place] = held
        self._digests[kind] ^= object_hash(*place, held.resource_version)
        self.changed(kind, *place)
        if kind == "Event" and len(objects) > MAX_EVENTS:
            self.drop(kind, next(iter(objects)))

    def drop(self, kind: str, place: Place) -> None:
        """The object is gone."""
        known = self._kinds[kind].pop(place, None)
        if known is not None:
            self._digests[kind] ^= object_hash(*place, known.resource_version)
            self.changed(kind, *place)

    def keep_only(self, kind: str, places: Iterable[Place], *, namespace: str | None) -> None:
        """Objects of the kind that are not among `places` are gone.

        Args:
            kind: the kind.
            places: what is left.
            namespace: only objects of this namespace are looked at; all when None.
        """
        left = set(places)
        for place in list(self._kinds[kind]):
            if place not in left and namespace in (None, place[0]):
                self.drop(kind, place)

    def keys(self, kind: str) -> list[Place]:
        """Places of every object of `kind`."""
        return list(self._kinds.get(kind, ()))

    def find(self, kind: str, namespace: str, name: str) -> LiveObject | None:
        """The object as it is now, or None."""
        held = self._kinds.get(kind, {}).get((namespace, name))
        if held is None:
            return None
        doc: dict[str, Any] = msgspec.json.decode(held.doc)  # Any: JSON
        return LiveObject(
            kind=kind,
            namespace=namespace,
            name=name,
            uid=held.uid,
            resource_version=held.resource_version,
            application_id=held.application_id,
            doc=doc,
        )

    def application_of(self, kind: str, place: Place) -> str | None:
        """Application that an object of ours belongs to; None for foreign and unknown ones."""
        held = self._kinds.get(kind, {}).get(place)
        return held.application_id if held else None

    def counts(self) -> dict[str, int]:
        """Objects held, by kind."""
        return {kind: len(objects) for kind, objects in self._kinds.items()}

    def digests(self) -> dict[str, KindDigest]:
        """Count and digest of each kind, as hello carries them."""
        return {
            kind: KindDigest(count=len(objects), digest=f"{self._digests[kind]:016x}")
            for kind, objects in self._kinds.items()
        }
