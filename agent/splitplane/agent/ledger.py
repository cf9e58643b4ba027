"""Results of the last commands, kept in the cluster so that they outlive the process.

One ConfigMap in the agent's namespace. A repeated command finds its result here; numbers below the
oldest that was dropped are refused, so that no old order can be replayed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from splitplane.agent.errors import AgentError
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.resources import CONFIG_MAP
from splitplane.contract import labels
from splitplane.contract.agent_rbac import LEDGER
from splitplane.contract.commands import CommandResult

log = logging.getLogger(__name__)

KEPT: Final = 256
"""Results kept; with messages of 512 characters they stay far below an object's 1.5 MiB."""
MESSAGE_CHARACTERS: Final = 512


@dataclass
class Entry:
    """One result and whether the hub is known to have it."""

    result: CommandResult
    is_acknowledged: bool = False


class Ledger:
    """The stored results of one enrolment; `load` before use."""

    def __init__(self, client: KubeClient, *, namespace: str, cluster_id: str) -> None:
        self._client = client
        self._namespace = namespace
        self._cluster_id = cluster_id
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = asyncio.Lock()
        self._revision = 0
        self._written = 0
        self.floor_seq = 0
        """Highest number whose result was dropped to make room."""
        self.finished_seq = 0
        """Up to this number every accepted command has its result."""

    async def load(self) -> None:
        """The entries are those of the cluster; of another enrolment or unreadable ones, none."""
        found = await self._client.find(CONFIG_MAP, self._namespace, LEDGER)
        if found is None:
            return
        try:
            content = json.loads((found.get("data") or {}).get("ledger.json", "{}"))
            if content.get("cluster_id") != self._cluster_id:
                return
            self.floor_seq = int(content["floor_seq"])
            self.finished_seq = int(content["finished_seq"])
            for item in content["entries"]:
                result = CommandResult.model_validate(item["result"])
                self._entries[result.command_id] = Entry(result, bool(item["acknowledged"]))
        except (ValueError, KeyError, TypeError):
            log.exception("the ledger cannot be read and starts anew", extra={"name_": LEDGER})
            self._entries.clear()
            self.floor_seq = self.finished_seq = 0

    def find(self, command_id: str) -> CommandResult | None:
        """The stored result of the command, if any."""
        entry = self._entries.get(command_id)
        return entry.result if entry else None

    def entries(self) -> list[Entry]:
        """All entries, oldest first."""
        return list(self._entries.values())

    async def store(
        self, result: CommandResult, *, finished_seq: int, unacknowledged: Iterable[str]
    ) -> None:
        """The result is in the cluster, or the failure is logged: idempotency does not need it.

        Results that arrive while a write is under way share the next one.

        Args:
            result: the new result.
            finished_seq: up to this number every accepted command has its result.
            unacknowledged: ids of the older results that the hub has not acknowledged.
        """
        short = result.model_copy(update={"message": result.message[:MESSAGE_CHARACTERS]})
        waiting = set(unacknowledged)
        for command_id, entry in self._entries.items():
            entry.is_acknowledged = command_id not in waiting
        self._entries[result.command_id] = Entry(short)
        self.finished_seq = max(self.finished_seq, finished_seq)
        while len(self._entries) > KEPT:
            _, dropped = self._entries.popitem(last=False)
            self.floor_seq = max(self.floor_seq, dropped.result.seq)
        self._revision += 1
        wanted = self._revision
        async with self._lock:
            if self._written >= wanted:
                return
            revision = self._revision
            try:
                await self._client.apply(CONFIG_MAP, self._document())
                self._written = revision
            except AgentError as error:
                log.warning("the ledger could not be written", extra={"reason": str(error)})

    def _document(self) -> dict[str, Any]:
        content = {
            "cluster_id": self._cluster_id,
            "floor_seq": self.floor_seq,
            "finished_seq": self.finished_seq,
            "entries": [
                {
                    "result": entry.result.model_dump(mode="json"),
                    "acknowledged": entry.is_acknowledged,
                }
                for entry in self._entries.values()
            ],
        }
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": LEDGER,
                "namespace": self._namespace,
                "labels": {labels.MANAGED_BY: labels.MANAGED_BY_VALUE},
            },
            "data": {"ledger.json": json.dumps(content, separators=(",", ":"))},
        }
