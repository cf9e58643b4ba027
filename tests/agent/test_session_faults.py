"""Whatever the connection does, hub and agent agree in the end and no command is done twice."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from link_model import ModelAgent, ModelHub, build_command

NAMES = st.sampled_from("abcdefgh")


class BrokenLink(RuleBasedStateMachine):
    """Steps in any order: changes, orders, frames that arrive, cuts, crashes."""

    def __init__(self) -> None:
        """Agent and hub, not connected."""
        super().__init__()
        self.hub = ModelHub()
        self.agent = ModelAgent()
        self.is_connected = False
        self.versions = 0

    @rule(name=NAMES)
    def object_changes(self, name: str) -> None:
        self.versions += 1
        self.agent.put(name, self.versions)

    @rule(name=NAMES)
    def object_goes(self, name: str) -> None:
        self.agent.store.drop("Pod", ("ns", name))

    @rule(length=st.integers(2, 20))
    def hub_orders(self, length: int) -> None:
        self.hub.order(build_command(len(self.hub.commands) + 1, spec="x" * length))

    @rule(count=st.integers(1, 6))
    def frames_reach_agent(self, count: int) -> None:
        for _ in range(min(count, len(self.hub.outgoing)) if self.is_connected else 0):
            self.agent.receive(self.hub.outgoing.popleft())

    @rule(count=st.integers(1, 6))
    def frames_reach_hub(self, count: int) -> None:
        if self.is_connected:
            self.agent.poll()
        for _ in range(min(count, len(self.agent.outgoing)) if self.is_connected else 0):
            self.hub.receive(self.agent.outgoing.popleft())

    @rule()
    @precondition(lambda self: self.is_connected and self.hub.outgoing)
    def frame_is_repeated(self) -> None:
        first = self.hub.outgoing[0]
        if '"t":"command"' in first:
            self.hub.outgoing.appendleft(first)

    @rule(choice=st.randoms(use_true_random=False))
    @precondition(lambda self: self.agent.running)
    def command_finishes(self, choice: object) -> None:
        command = choice.choice(self.agent.running)  # type: ignore[attr-defined]
        self.agent.finish(command)

    @rule()
    def connection_breaks(self) -> None:
        self.is_connected = False
        self.agent.outgoing.clear()
        self.hub.outgoing.clear()
        self.hub.is_open = False

    @rule()
    @precondition(lambda self: not self.is_connected)
    def agent_connects(self) -> None:
        self.is_connected = True
        self.hub.connect()
        self.agent.connect()

    @rule()
    def agent_crashes(self) -> None:
        self.connection_breaks()
        self.agent.restart()

    @invariant()
    def no_command_is_carried_out_twice(self) -> None:
        assert len(set(self.agent.executed)) == len(self.agent.executed)

    @invariant()
    def each_object_is_seen_in_its_order(self) -> None:
        for versions in self.hub.seen.values():
            assert versions == sorted(versions)

    @invariant()
    def agent_finds_no_fault_with_the_hub(self) -> None:
        assert self.agent.closes == []

    def teardown(self) -> None:
        """After the faults, one quiet session makes everything agree."""
        self.connection_breaks()
        self.agent_connects()
        for _ in range(500):
            self.agent.poll()
            while self.agent.outgoing:
                self.hub.receive(self.agent.outgoing.popleft())
            while self.hub.outgoing:
                self.agent.receive(self.hub.outgoing.popleft())
            for command in list(self.agent.running):
                self.agent.finish(command)
        expected = {
            place: int(found.resource_version)
            for place in self.agent.store.keys("Pod")
            if (found := self.agent.store.find("Pod", *place)) is not None
        }
        assert self.hub.live == expected
        assert set(self.hub.results) == {command.id for command in self.hub.commands}
        assert sorted(self.agent.executed) == sorted(self.hub.results)
        assert self.agent.outbox.is_idle
        assert self.agent.memory.unacknowledged == []


TestBrokenLink = BrokenLink.TestCase
TestBrokenLink.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
