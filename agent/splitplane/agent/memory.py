"""What the agent remembers of commands over all sessions of the process.

Pure. `accepted_seq` is what the hub need not send again: on a restart it begins at the ledger's
mark, up to which every command has a result, so that what was accepted but not finished comes
again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from splitplane.contract.commands import CommandResult, SignedCommand

REMEMBERED: Final = 256
"""Finished commands that are remembered, as many as the ledger keeps."""


@dataclass
class CommandMemory:
    """Commands that run, their results, and which results the hub has not acknowledged.

    Attributes:
        accepted_seq: highest number accepted so far.
    """

    accepted_seq: int = 0
    _running: dict[str, int] = field(default_factory=dict[str, int])
    _results: OrderedDict[str, CommandResult] = field(
        default_factory=OrderedDict[str, CommandResult]
    )
    _unacknowledged: OrderedDict[str, CommandResult] = field(
        default_factory=OrderedDict[str, CommandResult]
    )

    def recall(self, result: CommandResult, *, is_acknowledged: bool) -> None:
        """A result from the ledger is known again."""
        self._store(result)
        if not is_acknowledged:
            self._unacknowledged[result.command_id] = result

    def begin(self, command: SignedCommand) -> bool:
        """Whether the command is new and is to be carried out; it then counts as running."""
        self.accepted_seq = max(self.accepted_seq, command.seq)
        if command.id in self._running or command.id in self._results:
            return False
        self._running[command.id] = command.seq
        return True

    def finish(self, result: CommandResult) -> None:
        """The command has its result, which waits for the hub's acknowledgement."""
        self._running.pop(result.command_id, None)
        self._store(result)
        self._unacknowledged[result.command_id] = result

    def result_of(self, command_id: str) -> CommandResult | None:
        """The result of a command that is remembered as finished."""
        return self._results.get(command_id)

    def acknowledge(self, command_ids: list[str]) -> None:
        """The hub has stored these results."""
        for command_id in command_ids:
            self._unacknowledged.pop(command_id, None)

    @property
    def unacknowledged(self) -> list[CommandResult]:
        """Results to be sent in each new session, oldest first."""
        return list(self._unacknowledged.values())

    def finished_seq_after(self, command_id: str) -> int:
        """Highest number up to which every command has a result, once `command_id` has one."""
        others = (seq for key, seq in self._running.items() if key != command_id)
        return min(others, default=self.accepted_seq + 1) - 1

    @property
    def running_count(self) -> int:
        """Commands that are being carried out."""
        return len(self._running)

    def _store(self, result: CommandResult) -> None:
        self._results[result.command_id] = result
        while len(self._results) > REMEMBERED:
            self._results.popitem(last=False)
