"""Puts the namespaces of workspaces back to what was ordered last, whoever changed them.

The order lies in the cluster, with its signature, so that this needs neither the control plane nor
memory. A namespace that somebody deleted is not made again here: what was in it is gone too, and
the next order or deployment makes it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from splitplane.agent.errors import AgentError, Refused
from splitplane.agent.guards import GuardRails
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import NAMESPACE
from splitplane.agent.namespaces import restore_namespace
from splitplane.agent.verify import CommandVerifier
from splitplane.contract import labels
from splitplane.contract.commands import SPEC_KINDS, NamespaceBundle, SignedCommand

log = logging.getLogger(__name__)

PERIOD_SECONDS: Final = 300.0
"""Mean time between two rounds. A round costs two calls for each limit, so a thousand workspaces
with a quota make a dozen calls a second."""


@dataclass
class Keeper:
    """Goes through all namespaces from time to time.

    Attributes:
        client: Kubernetes client.
        verifier: decides whether an order is genuine.
        rails: what no order may do, as it is now.
        lock: held between reading a namespace and writing it.
        wait: sleeps so many seconds between rounds.
        healed: objects that were put back so far.
    """

    client: KubeClient
    verifier: CommandVerifier
    rails: Callable[[], GuardRails]
    lock: Callable[[str], asyncio.Lock]
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    healed: int = 0

    async def run(self) -> None:
        """Goes on until it is cancelled; the first round comes after a part of the period."""
        await self.wait(random.uniform(0.1, 1.0) * PERIOD_SECONDS)  # noqa: S311 - jitter
        while True:
            try:
                await self.heal_all()
            except AgentError as error:
                log.warning("namespaces could not be checked", extra={"reason": str(error)})
            await self.wait(random.uniform(0.75, 1.25) * PERIOD_SECONDS)  # noqa: S311 - jitter

    async def heal_all(self) -> None:
        """Every namespace with an order has its state; those that cannot be healed are logged.

        Raises:
            AgentError: the namespaces cannot be listed.
        """
        found = await self.client.list_all(
            NAMESPACE, Partial, label_selector=labels.WORKSPACE, is_metadata_only=True
        )
        for item in found:
            text = (item.metadata.annotations or {}).get(labels.ORDER)
            if text is None or item.metadata.deletion_timestamp is not None:
                continue
            try:
                await self._heal(item.metadata.name, text)
            except AgentError as error:
                log.warning(
                    "namespace is not kept",
                    extra={"namespace": item.metadata.name, "reason": str(error)},
                )

    async def _heal(self, namespace: str, text: str) -> None:
        order, bundle = self._read(namespace, text)
        async with self.lock(namespace):
            changed = await restore_namespace(self.client, bundle, order=order)
        if changed:
            self.healed += len(changed)
            log.warning(
                "drift healed",
                extra={"namespace": namespace, "objects": changed, "command": order.id},
            )

    def _read(self, namespace: str, text: str) -> tuple[SignedCommand, NamespaceBundle]:
        """The order and its spec; raises Refused unless it is genuine and for this namespace."""
        try:
            order = SignedCommand.model_validate_json(text)
            self.verifier.check_genuine(order)
            bundle = NamespaceBundle.model_validate_json(order.spec)
        except ValidationError as error:
            raise Refused(f"the annotation {labels.ORDER} is no order", reason="Invalid") from error
        rails = self.rails()
        rails.check_verb(order.kind)
        if order.kind != SPEC_KINDS[NamespaceBundle] or bundle.namespace != namespace:
            raise Refused(
                f"the annotation {labels.ORDER} holds a {order.kind} for namespace "
                f"{bundle.namespace!r}",
                reason="NotAllowed",
            )
        rails.check_limits(namespace, bundle.objects)
        return order, bundle
