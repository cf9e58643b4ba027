"""Carrying out the plan for an application that is to run, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.conditions import ConditionType
from splitplane.controlplane.delivery.claims import Claim, hold_claim, release
from splitplane.controlplane.delivery.conditions import write_condition
from splitplane.controlplane.delivery.observe import Fact
from splitplane.controlplane.delivery.orders import Target, give_command, supersede_queued
from splitplane.controlplane.delivery.plan import Plan, Snapshot
from splitplane.controlplane.delivery.snapshot import Loaded
from splitplane.controlplane.signing import CommandSigner
from splitplane.controlplane.tables import Application, Deployment

_log = structlog.get_logger(__name__)


async def carry_out(
    session: AsyncSession, claim: Claim, loaded: Loaded, plan: Plan, signer: CommandSigner
) -> bool:
    """Writes what the plan says; whether there is a new command. The row is released with it.

    Nothing is written when the claim was lost or something else is wanted by now.
    """
    snapshot = loaded.snapshot
    assert snapshot is not None, "a plan follows from a snapshot"
    if not await hold_claim(session, claim):
        return False
    if not await _is_current(session, loaded, snapshot):
        await release(session, claim, retry_after_seconds=0)
        return False
    if plan.rendered is not None:
        objects, digest = plan.rendered
        await session.execute(
            update(Deployment)
            .where(Deployment.id == snapshot.deployment_id)
            .values(rendered=objects, manifests_sha256=digest)
        )
    is_given = plan.bundle is not None and loaded.target is not None
    if plan.bundle is not None and loaded.target is not None:
        await supersede_queued(
            session,
            application_id=loaded.application.id,
            below_version=snapshot.context.version,
        )
        await _give(session, signer, plan, loaded.target, snapshot)
    if plan.is_delivered and snapshot.delivered_deployment_id != snapshot.deployment_id:
        await session.execute(
            update(Application)
            .where(Application.id == loaded.application.id)
            .values(delivered_deployment_id=snapshot.deployment_id)
        )
    await write_facts(session, loaded.application, plan.facts, before=snapshot.conditions)
    await release(session, claim, retry_after_seconds=plan.retry_after_seconds)
    return is_given


async def write_facts(
    session: AsyncSession,
    application: Application,
    facts: Mapping[ConditionType, Fact],
    *,
    before: Mapping[ConditionType, Fact],
) -> None:
    """The conditions hold the facts; an event for each whose status or reason changed."""
    for name, fact in facts.items():
        former = before.get(name)
        if former == fact:
            continue
        await write_condition(session, "application", application, name, fact, former=former)


async def _is_current(session: AsyncSession, loaded: Loaded, snapshot: Snapshot) -> bool:
    row = (
        await session.execute(
            select(Application.desired_deployment_id, Application.is_deleting).where(
                Application.id == loaded.application.id
            )
        )
    ).one()
    return row[0] == snapshot.deployment_id and not row[1]


async def _give(
    session: AsyncSession, signer: CommandSigner, plan: Plan, target: Target, snapshot: Snapshot
) -> None:
    assert plan.bundle is not None, "checked by the caller"
    command_id = await give_command(session, signer, plan.bundle, target)
    await session.execute(
        update(Deployment)
        .where(Deployment.id == snapshot.deployment_id)
        .values(command_id=command_id)
    )
    _log.info("command given", fqn=snapshot.fqn, version=snapshot.context.version)
