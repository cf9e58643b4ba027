"""What is to be done about one application, from a snapshot of what is known: a pure function.

The same snapshot gives the same plan, and carrying a plan out twice is harmless: the database
allows one living command for each deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from splitplane.contract.commands import Bundle
from splitplane.contract.conditions import DEPLOYMENT_CONDITIONS, ConditionType
from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.controlplane.delivery.observe import Fact, Seen, available
from splitplane.controlplane.rendering import (
    RenderContext,
    RenderError,
    build_bundle,
    manifests_digest,
    render,
)
from splitplane.controlplane.rendering.pod import KubernetesObject

RETRY_SECONDS: Final = (5.0, 30.0, 120.0)
"""Waits before a failed command is given anew. The agent has tried for minutes by itself before it
reports a failure, so a few more times over some minutes is enough."""


@dataclass(frozen=True)
class CommandSeen:
    """The newest command of one purpose.

    Attributes:
        state: state of its row.
        reason: the agent's word for the result.
        message: the agent's sentence for the result.
        failed_count: commands of that purpose that have failed so far.
        finished_seconds_ago: time since its result.
    """

    state: str
    reason: str = ""
    message: str = ""
    failed_count: int = 0
    finished_seconds_ago: float = 0.0


@dataclass(frozen=True)
class Snapshot:
    """What is known about an application and its wanted deployment.

    Attributes:
        fqn: name of the application.
        deployment_id: the wanted deployment.
        manifest: its manifest.
        context: where it is rendered.
        rendered_sha256: digest of what was rendered; None before.
        workspace_labels: labels of the workspace.
        has_agent: whether an agent has enrolled for the cluster.
        agent_capabilities: what the agent said that it can do; empty before it first connected.
        command: newest command that delivers the deployment.
        seen: live objects of the application.
        conditions: facts so far.
        delivered_deployment_id: the deployment that the agent applied last.
    """

    fqn: str
    deployment_id: str
    manifest: ServiceManifest | JobManifest
    context: RenderContext
    rendered_sha256: str | None
    workspace_labels: dict[str, str]
    has_agent: bool
    command: CommandSeen | None
    seen: tuple[Seen, ...] = ()
    conditions: Mapping[ConditionType, Fact] = field(default_factory=dict[ConditionType, Fact])
    delivered_deployment_id: str | None = None
    agent_capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What to write.

    Attributes:
        facts: the conditions as they are now.
        rendered: objects and digest to store with the deployment.
        bundle: what to make a new command of.
        is_delivered: whether the agent has applied the deployment.
        retry_after_seconds: when to look again although nothing happened.
    """

    facts: Mapping[ConditionType, Fact]
    rendered: tuple[list[KubernetesObject], str] | None = None
    bundle: Bundle | None = None
    is_delivered: bool = False
    retry_after_seconds: float | None = None


def plan_deployment(snapshot: Snapshot) -> Plan:
    """The plan for an application that is to run."""
    facts: dict[ConditionType, Fact] = {
        "Built": Fact("true", "ImageGiven", "the manifest names an image"),
        "Rendered": Fact("true", "Rendered"),
    }
    delivered, is_command_due, retry_after = _delivery(snapshot)
    rendered: tuple[list[KubernetesObject], str] | None = None
    bundle: Bundle | None = None
    if is_command_due or snapshot.rendered_sha256 is None:
        try:
            objects = render(snapshot.manifest, snapshot.context)
            bundle = build_bundle(
                objects,
                snapshot.context,
                application_fqn=snapshot.fqn,
                workspace_labels=snapshot.workspace_labels,
            )
        except RenderError as error:
            facts["Rendered"] = Fact("false", "RenderFailed", str(error))
            return Plan(_with_waiting(facts, "the manifest could not be rendered"))
        rendered = (objects, manifests_digest(objects))
    facts["Delivered"] = delivered
    is_delivered = delivered.status == "true"
    if is_delivered:
        facts["Available"] = available(
            snapshot.manifest,
            version=snapshot.context.version,
            delivery=snapshot.context.delivery,
            seen=snapshot.seen,
            previous=_previous_availability(snapshot),
        )
    return Plan(
        _with_waiting(facts, "the version is not in the cluster yet"),
        rendered=rendered,
        bundle=bundle if is_command_due else None,
        is_delivered=is_delivered,
        retry_after_seconds=retry_after,
    )


def _delivery(snapshot: Snapshot) -> tuple[Fact, bool, float | None]:
    """Condition Delivered, whether a command is due, and when to look again."""
    if not snapshot.has_agent:
        message = f"no agent has enrolled for cluster {snapshot.context.cluster} yet"
        return Fact("false", "NeverConnected", message), False, None
    fact, is_due, retry_after = judge_command(snapshot.command)
    delivery = snapshot.context.delivery
    can = snapshot.agent_capabilities
    if is_due and can and f"delivery:{delivery}" not in can:
        message = (
            f"the agent of cluster {snapshot.context.cluster} does not deliver by {delivery}; "
            "install it anew for that, or change the cluster's delivery"
        )
        return Fact("false", "DeliveryMissing", message), False, None
    return fact, is_due, retry_after


def judge_command(command: CommandSeen | None) -> tuple[Fact, bool, float | None]:
    """Condition Delivered after that command, whether one is due, and when to look again."""
    queued = Fact("false", "Queued", "the command waits for the agent")
    if command is None or command.state == "superseded":
        return queued, True, None
    match command.state:
        case "queued":
            return queued, False, None
        case "sent" | "accepted":
            return Fact("false", "Applying", "the agent has the command"), False, None
        case "succeeded":
            return Fact("true", command.reason or "Applied", command.message), False, None
        case "refused":
            return Fact("false", "Refused", _result_text(command)), False, None
        case "expired":
            # The agent was away for the command's whole life; the next one waits as long.
            return queued, True, None
        case _:
            return _failed_delivery(command)


def _failed_delivery(command: CommandSeen) -> tuple[Fact, bool, float | None]:
    """A failed command is given anew a few times, unless the objects themselves are wrong."""
    text = _result_text(command)
    if command.reason == "Invalid" or command.failed_count > len(RETRY_SECONDS):
        return Fact("false", "ApplyFailed", text), False, None
    wait = RETRY_SECONDS[max(command.failed_count, 1) - 1] - command.finished_seconds_ago
    fact = Fact("false", "Retrying", text)
    return (fact, True, None) if wait <= 0 else (fact, False, wait)


def _result_text(command: CommandSeen) -> str:
    parts = (command.reason, command.message)
    return ": ".join(part for part in parts if part) or "the agent gave no reason"


def _previous_availability(snapshot: Snapshot) -> Fact | None:
    if snapshot.delivered_deployment_id != snapshot.deployment_id:
        return None
    return snapshot.conditions.get("Available")


def _with_waiting(facts: dict[ConditionType, Fact], message: str) -> dict[ConditionType, Fact]:
    """All four conditions: those that are still to come wait for the ones before."""
    waiting = Fact("unknown", "Waiting", message)
    return {name: facts.get(name, waiting) for name in DEPLOYMENT_CONDITIONS}
