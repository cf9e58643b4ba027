"""What is to be done about a workspace's namespace, from what is known of it: a pure function.

The newest order tells whether the wanted state was ordered already: equal states are one order,
however often the worker looks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from splitplane.contract.commands import APPLY_NAMESPACE, NamespaceBundle
from splitplane.controlplane.delivery.observe import Fact
from splitplane.controlplane.delivery.plan import CommandSeen, judge_command

GIVEN_UP_RETRY_SECONDS: Final = 3600.0
"""Wait after a refusal, or after the last of several failures. The cause lies in the cluster (a
right that the agent lacks, a name on its deny list), where nobody tells when it is gone; an hour is
seldom enough not to fill the list of commands."""

_GIVEN_UP: Final = frozenset({"Refused", "ApplyFailed"})


@dataclass(frozen=True)
class NamespaceSnapshot:
    """What is known about a workspace's namespace.

    Attributes:
        cluster: name of the cluster.
        wanted: the state that should be there, numbered as if it were new.
        capabilities: what the cluster's agent can do; None before the first connection.
        ordered: the newest order's state; None when there is no order.
        command: the newest order.
    """

    cluster: str
    wanted: NamespaceBundle
    capabilities: Collection[str] | None
    ordered: NamespaceBundle | None
    command: CommandSeen | None


@dataclass(frozen=True)
class NamespacePlan:
    """What to write.

    Attributes:
        fact: the condition Delivered as it is now.
        bundle: what to make a new command of.
        retry_after_seconds: when to look again although nothing happened.
    """

    fact: Fact
    bundle: NamespaceBundle | None = None
    retry_after_seconds: float | None = None


def plan_namespace(snapshot: NamespaceSnapshot) -> NamespacePlan:
    """The plan for the namespace of a workspace that is to be there."""
    if snapshot.capabilities is None:
        message = f"no agent of cluster {snapshot.cluster} has connected yet"
        return NamespacePlan(Fact("unknown", "NeverConnected", message))
    if APPLY_NAMESPACE not in snapshot.capabilities:
        return NamespacePlan(_too_old(snapshot))
    if snapshot.ordered is None or not is_same_state(snapshot.ordered, snapshot.wanted):
        return NamespacePlan(
            Fact("false", "Queued", "the command waits for the agent"), snapshot.wanted
        )
    fact, is_due, retry_after = judge_command(snapshot.command)
    command = snapshot.command
    if command is not None and fact.reason in _GIVEN_UP and command.reason != "Invalid":
        retry_after = GIVEN_UP_RETRY_SECONDS - command.finished_seconds_ago
        is_due = retry_after <= 0
    # Ordered again with its number, so that the failures of one state count together.
    return NamespacePlan(
        fact, snapshot.ordered if is_due else None, None if is_due else retry_after
    )


def is_same_state(one: NamespaceBundle, other: NamespaceBundle) -> bool:
    """Whether both say the same, whatever their numbers."""
    return one.model_copy(update={"generation": other.generation}) == other


def _too_old(snapshot: NamespaceSnapshot) -> Fact:
    remedy = "upgrade it, or add apply-namespace to its verbs"
    if snapshot.wanted.objects:
        message = (
            f"the agent of cluster {snapshot.cluster} does not know quotas and network policies, "
            f"so they are not in force: {remedy}"
        )
        return Fact("false", "AgentTooOld", message)
    message = (
        f"the agent of cluster {snapshot.cluster} sets labels with the next deployment only: "
        f"{remedy}"
    )
    return Fact("unknown", "AgentTooOld", message)
