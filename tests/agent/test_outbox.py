"""Changes are coalesced, bounded, acknowledged and never lost silently."""

from __future__ import annotations

from splitplane.agent.outbox import Outbox
from splitplane.agent.state.store import Held, LiveStore
from splitplane.contract.frames import MAX_FRAME_BYTES, Ack, State, encode_frame


class Held10:
    """A store whose changes go into an outbox of ten keys."""

    def __init__(self, *, max_keys: int = 10, window: int = 8) -> None:
        self.store = LiveStore(changed=lambda *key: self.outbox.offer(*key))
        self.outbox = Outbox(self.store, max_keys=max_keys, window=window)
        self.outbox.restart("e1")

    def put(self, kind: str, name: str, version: int = 1, doc: bytes = b"{}") -> None:
        self.store.put(kind, ("ns", name), Held(f"uid-{name}", str(version), None, doc))

    def frames(self) -> list[State]:
        found: list[State] = []
        while (frame := self.outbox.next_frame()) is not None:
            found.append(frame)
        return found


def test_object_that_changes_twice_is_sent_once_with_its_newest_state() -> None:
    held = Held10()
    held.put("Pod", "a", 1)
    held.put("Pod", "a", 2)

    (frame,) = held.frames()

    assert [(i.op, i.object and i.object.resource_version) for i in frame.items] == [
        ("upsert", "2")
    ]


def test_object_that_came_and_went_is_sent_as_a_deletion() -> None:
    held = Held10()
    held.put("Pod", "a", 1)
    held.store.drop("Pod", ("ns", "a"))

    (frame,) = held.frames()

    assert [(item.op, item.name, item.object) for item in frame.items] == [("delete", "a", None)]


def test_overflow_sends_the_largest_kind_whole_and_says_so() -> None:
    held = Held10()
    held.put("Deployment", "d")
    for number in range(10):
        held.put("Pod", f"p{number}")

    announced = held.outbox.take_announcements()
    whole, changes = held.frames()

    assert announced == ["Pod"]
    assert held.outbox.overflows == {"Pod": 1}
    assert (whole.resync_kind, len(whole.items)) == ("Pod", 10)
    assert (whole.is_resync_start, whole.is_resync_end) == (True, True)
    assert [item.name for item in changes.items] == ["d"]


def test_window_holds_frames_back_until_acknowledged() -> None:
    held = Held10(window=1)
    held.put("Pod", "a")
    assert len(held.frames()) == 1
    held.put("Pod", "b")
    assert held.frames() == []

    held.outbox.acknowledge(Ack(epoch="another", seq=1))
    assert held.frames() == []
    held.outbox.acknowledge(Ack(epoch="e1", seq=1))

    (frame,) = held.frames()
    assert [item.name for item in frame.items] == ["b"]
    assert frame.seq == 2


def test_unacknowledged_changes_are_sent_again_in_the_next_session() -> None:
    held = Held10()
    held.put("Pod", "a")
    held.frames()

    held.outbox.restart("e2")

    (frame,) = held.frames()
    assert (frame.epoch, frame.seq, [item.name for item in frame.items]) == ("e2", 1, ["a"])


def test_whole_kind_that_was_cut_off_starts_again() -> None:
    held = Held10(max_keys=5_000, window=1)
    for number in range(600):
        held.put("Pod", f"p{number:03}")
    held.outbox.mark_dirty("Pod")
    (first,) = held.frames()

    held.outbox.restart("e2")
    (again,) = held.frames()
    held.outbox.acknowledge(Ack(epoch="e2", seq=1))
    (rest,) = held.frames()

    assert (first.is_resync_start, first.is_resync_end) == (True, False)
    assert (again.is_resync_start, again.is_resync_end, len(again.items)) == (True, False, 500)
    assert (rest.is_resync_start, rest.is_resync_end, len(rest.items)) == (False, True, 100)


def test_empty_kind_is_sent_whole_as_one_empty_frame() -> None:
    held = Held10()
    held.outbox.mark_dirty("Job")

    (frame,) = held.frames()

    assert (frame.items, frame.is_resync_start, frame.is_resync_end) == ([], True, True)


def test_frames_of_large_objects_stay_under_the_limit() -> None:
    held = Held10(max_keys=5_000, window=100)
    text = ("ü" * 20_000).encode()
    for number in range(40):
        held.put("Pod", f"p{number}", doc=b'{"message":"' + text + b'"}')

    frames = held.frames()

    assert sum(len(frame.items) for frame in frames) == 40
    assert max(len(encode_frame(frame).encode()) for frame in frames) < MAX_FRAME_BYTES
