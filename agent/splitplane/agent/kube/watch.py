"""Follows one kind: a first snapshot, then each change, over restarts of the API server.

The first state comes by WatchList where the API server offers it, else by pages. A watch that ends
goes on from the last resource version; only an answer of 410 causes a new list, after a random
wait, so that a restarted API server is listed once and not by everybody at once.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import aiohttp
import msgspec

from splitplane.agent.errors import (
    AgentError,
    Broken,
    Gone,
    NotFound,
    Refused,
    RetryLater,
    UserError,
)
from splitplane.agent.kube.client import KubeClient, error_of
from splitplane.agent.kube.objects import Partial, RawEvent, Status
from splitplane.agent.kube.resources import Resource

log = logging.getLogger(__name__)

T = TypeVar("T")

TIMEOUT_SECONDS: Final = (300, 600)
"""Range of the random length of one watch, so that many agents do not renew in step."""
RELIST_WAIT_SECONDS: Final = 5.0
"""Longest random wait before a list that 410 asked for."""
RENEWAL_WAIT_SECONDS: Final = 0.5
"""Longest wait before a watch that ended in order goes on, so that failing ones are no storm."""
SLOWEST_RETRY_SECONDS: Final = 30.0
"""Cap of the wait after failures; it starts at 0.5 s and doubles, with full jitter."""
DENIED_RETRY_SECONDS: Final = 60.0
"""Cap of the wait while RBAC refuses the kind or the kind is not served. It starts at 2 s, since an
API server that has just started refuses everybody until it has read its roles."""
_END_OF_INITIAL: Final = "k8s.io/initial-events-end"


@dataclass(frozen=True)
class Snapshot(Generic[T]):
    """Everything that matches now; what was known before and is not in it is gone."""

    items: list[T]


@dataclass(frozen=True)
class Change(Generic[T]):
    """One object changed, or is gone."""

    item: T
    is_deleted: bool


@dataclass(frozen=True)
class Trouble:
    """The kind cannot be followed at the moment; it goes on by itself when that ends."""

    error: AgentError


@dataclass
class Watcher(Generic[T]):
    """Follows what matches of one kind, in one namespace or in all.

    Attributes:
        client: client to call with.
        resource: the kind.
        item_type: msgspec Struct with the wanted fields; has `metadata`.
        namespace: only this one; all when None.
        label_selector: only what matches.
        field_selector: only what matches.
        choose: random number between two bounds; tests pin it.
        wait: sleeps so many seconds; tests shorten it.
        lists: how often the whole state was asked for.
    """

    client: KubeClient
    resource: Resource
    item_type: type[T]
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""
    choose: Callable[[float, float], float] = random.uniform
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    lists: int = field(default=0, init=False)
    _version: str = field(default="", init=False)
    _has_watch_list: bool = field(default=True, init=False)

    async def follow(self) -> AsyncIterator[Snapshot[T] | Change[T] | Trouble]:
        """Yields without end; a `Snapshot` first, and again after each new list."""
        failures = 0
        while True:
            try:
                if not self._version and not self._has_watch_list:
                    yield await self._list()
                    failures = 0
                async for step in self._watch():
                    failures = 0
                    yield step
                await self.wait(self.choose(0.0, RENEWAL_WAIT_SECONDS))
            except Gone:
                log.info("listing anew", extra={"kind": self.resource.kind})
                self._version = ""
                await self.wait(self.choose(0.0, RELIST_WAIT_SECONDS))
            except (Refused, NotFound) as error:
                failures += 1
                yield Trouble(error)
                await self.wait(self.choose(0.5, min(DENIED_RETRY_SECONDS, 2.0**failures)))
            except (RetryLater, UserError, Broken) as error:
                if not self._version and self._has_watch_list and not _is_unreachable(error):
                    # Asked for the initial events and was refused: an older API server or etcd.
                    self._has_watch_list = False
                    continue
                failures += 1
                yield Trouble(error)
                await self.wait(self._delay(error, failures))

    def _delay(self, error: AgentError, failures: int) -> float:
        asked = error.delay_seconds if isinstance(error, RetryLater) else 0.0
        cap = min(SLOWEST_RETRY_SECONDS, 0.5 * 2.0 ** min(failures, 10))
        return asked + self.choose(0.1, cap)

    async def _list(self) -> Snapshot[T]:
        self.lists += 1
        items: list[T] = []
        version = ""
        async for page, version in self.client.pages(  # noqa: B007 - the last version counts
            self.resource,
            self.item_type,
            namespace=self.namespace,
            label_selector=self.label_selector,
            field_selector=self.field_selector,
        ):
            items += page
        self._version = version
        return Snapshot(items)

    async def _watch(self) -> AsyncIterator[Snapshot[T] | Change[T]]:
        is_initial = not self._version
        query = self._query(is_initial)
        if is_initial:
            self.lists += 1
        initial: list[T] = []
        decoder = msgspec.json.Decoder(self.item_type)
        async with self.client.stream(self.resource.path(self.namespace), query) as stream:
            async for line in _lines(stream):
                event = _decode(line)
                if event.type == "ERROR":
                    raise error_of(msgspec.json.decode(event.object, type=Status))
                metadata = msgspec.json.decode(event.object, type=Partial).metadata
                if event.type == "BOOKMARK":
                    self._version = "" if is_initial else metadata.resource_version
                    if (metadata.annotations or {}).get(_END_OF_INITIAL) == "true":
                        is_initial = False
                        self._version = metadata.resource_version
                        yield Snapshot(initial)
                        initial = []
                    continue
                try:
                    item = decoder.decode(event.object)
                except msgspec.ValidationError:
                    # An object of a kind that another program defines may have any shape.
                    log.exception("object cannot be read", extra={"object": metadata.name})
                    continue
                if is_initial:
                    initial.append(item)
                    continue
                self._version = metadata.resource_version
                yield Change(item, is_deleted=event.type == "DELETED")
        if is_initial:
            raise RetryLater("the watch ended before the first state was complete")

    def _query(self, is_initial: bool) -> dict[str, str]:
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(int(self.choose(*TIMEOUT_SECONDS))),
        }
        if self.label_selector:
            query["labelSelector"] = self.label_selector
        if self.field_selector:
            query["fieldSelector"] = self.field_selector
        if is_initial:
            query |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        else:
            query["resourceVersion"] = self._version
        return query


async def _lines(stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    while True:
        try:
            line = await stream.readline()
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise RetryLater(
                f"the watch broke off ({type(error).__name__})", reason="Unreachable"
            ) from error
        except ValueError as error:
            raise Gone("a watch line is longer than an object may be") from error
        if not line.endswith(b"\n"):
            return
        yield line


def _decode(line: bytes) -> RawEvent:
    try:
        return msgspec.json.decode(line, type=RawEvent)
    except msgspec.DecodeError as error:
        raise RetryLater("a watch line is not JSON", reason="Unreachable") from error


def _is_unreachable(error: AgentError) -> bool:
    return error.reason == "Unreachable"
