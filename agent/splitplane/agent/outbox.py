"""What is still to be told to the hub about the live state: keys, not copies.

Pure. A key that changes again before it is sent is sent once, with its newest state, which is
looked up when the frame is built; an object that is gone by then is sent as a deletion. So memory
is bounded by the number of keys. When there are too many, their kind is marked dirty and sent whole
instead: nothing is dropped silently.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Protocol

from splitplane.contract.frames import MAX_STATE_ITEMS, Ack, State, StateItem
from splitplane.contract.live import LiveObject

MAX_KEYS: Final = 2_000
"""Keys that wait before their kind is sent whole; four full frames."""
MAX_ITEM_BYTES: Final = 160 * 1024
"""Encoded items in a frame, so that escapes and the envelope fit under the frame's 256 KiB."""
WINDOW: Final = 8
"""State frames that may be unacknowledged: 2 MiB at most in flight."""

Key = tuple[str, str, str]
"""Kind, namespace, name."""


class LiveSource(Protocol):
    """Where the newest state of an object is looked up."""

    def keys(self, kind: str) -> list[tuple[str, str]]:
        """Namespace and name of every object of `kind`."""
        ...

    def find(self, kind: str, namespace: str, name: str) -> LiveObject | None:
        """The object as it is now, or None when it is gone."""
        ...


@dataclass
class _Resync:
    kind: str
    remaining: deque[tuple[str, str]]
    is_started: bool = False


@dataclass
class _Sent:
    seq: int
    keys: list[Key]
    resync_kind: str | None


@dataclass
class Outbox:
    """Waiting changes, kinds to send whole and frames in flight.

    Attributes:
        source: where the state is looked up.
        max_keys: bound of waiting keys.
        window: bound of frames in flight.
        overflows: how often a kind was marked dirty for lack of room, by kind.
    """

    source: LiveSource
    max_keys: int = MAX_KEYS
    window: int = WINDOW
    overflows: dict[str, int] = field(default_factory=dict[str, int])
    epoch: str = ""
    _seq: int = 0
    _waiting: dict[Key, None] = field(default_factory=dict[Key, None])
    _dirty: dict[str, None] = field(default_factory=dict[str, None])
    _announce: dict[str, None] = field(default_factory=dict[str, None])
    _resync: _Resync | None = None
    _in_flight: deque[_Sent] = field(default_factory=deque[_Sent])

    def offer(self, kind: str, namespace: str, name: str) -> None:
        """The object changed or is gone; it will be sent."""
        if kind in self._dirty:
            return
        self._waiting[(kind, namespace, name)] = None
        if len(self._waiting) > self.max_keys:
            self._overflow()

    def mark_dirty(self, kind: str) -> None:
        """The kind will be sent whole, in place of its waiting changes."""
        self._dirty[kind] = None
        self._waiting = {key: None for key in self._waiting if key[0] != kind}
        if self._resync is not None and self._resync.kind == kind:
            self._resync = None

    def restart(self, epoch: str) -> None:
        """A new session counts from 1; what was in flight is to be sent again."""
        self.epoch, self._seq = epoch, 0
        again: dict[Key, None] = {}
        for sent in self._in_flight:
            if sent.resync_kind is not None:
                self.mark_dirty(sent.resync_kind)
            again |= dict.fromkeys(sent.keys)
        self._in_flight.clear()
        if self._resync is not None:
            self.mark_dirty(self._resync.kind)
        self._waiting = {key: None for key in again | self._waiting if key[0] not in self._dirty}
        while len(self._waiting) > self.max_keys:
            self._overflow()

    def acknowledge(self, ack: Ack) -> None:
        """Frames up to `ack.seq` are stored by the hub; an ack of another epoch changes nothing."""
        if ack.epoch != self.epoch:
            return
        while self._in_flight and self._in_flight[0].seq <= ack.seq:
            self._in_flight.popleft()

    def take_announcements(self) -> list[str]:
        """Kinds that overflowed since the last call."""
        kinds = list(self._announce)
        self._announce.clear()
        return kinds

    def next_frame(self) -> State | None:
        """The next frame to send, or None when there is nothing or the window is full."""
        if len(self._in_flight) >= self.window:
            return None
        if self._resync is None and self._dirty:
            kind = next(iter(self._dirty))
            del self._dirty[kind]
            self._resync = _Resync(kind, deque(self.source.keys(kind)))
        if self._resync is not None:
            return self._resync_frame(self._resync)
        return self._change_frame()

    @property
    def waiting_count(self) -> int:
        """Keys that wait to be sent."""
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Whether everything has been sent and acknowledged."""
        return not (self._waiting or self._dirty or self._in_flight or self._resync)

    def _overflow(self) -> None:
        counts: dict[str, int] = {}
        for kind, _, _ in self._waiting:
            counts[kind] = counts.get(kind, 0) + 1
        kind = max(counts, key=lambda name: (counts[name], name))
        self.overflows[kind] = self.overflows.get(kind, 0) + 1
        self._announce[kind] = None
        self.mark_dirty(kind)

    def _resync_frame(self, resync: _Resync) -> State:
        items: list[StateItem] = []
        room = MAX_ITEM_BYTES
        while resync.remaining and len(items) < MAX_STATE_ITEMS:
            namespace, name = resync.remaining[0]
            found = self.source.find(resync.kind, namespace, name)
            if found is not None:
                item = _item(resync.kind, namespace, name, found)
                room -= _size(item)
                if room < 0 and items:
                    break
                items.append(item)
            resync.remaining.popleft()
        is_start, is_end = not resync.is_started, not resync.remaining
        resync.is_started = True
        if is_end:
            self._resync = None
        self._seq += 1
        self._in_flight.append(_Sent(self._seq, [], resync.kind))
        return State(
            epoch=self.epoch,
            seq=self._seq,
            items=items,
            resync_kind=resync.kind,
            is_resync_start=is_start,
            is_resync_end=is_end,
        )

    def _change_frame(self) -> State | None:
        items: list[StateItem] = []
        keys: list[Key] = []
        room = MAX_ITEM_BYTES
        for key in list(self._waiting)[:MAX_STATE_ITEMS]:
            item = _item(*key, self.source.find(*key))
            room -= _size(item)
            if room < 0 and items:
                break
            items.append(item)
            keys.append(key)
        if not items:
            return None
        for key in keys:
            del self._waiting[key]
        self._seq += 1
        self._in_flight.append(_Sent(self._seq, keys, None))
        return State(epoch=self.epoch, seq=self._seq, items=items)


def _item(kind: str, namespace: str, name: str, found: LiveObject | None) -> StateItem:
    return StateItem(
        op="delete" if found is None else "upsert",
        kind=kind,
        namespace=namespace,
        name=name,
        object=found,
    )


def _size(item: StateItem) -> int:
    return len(item.model_dump_json().encode())
