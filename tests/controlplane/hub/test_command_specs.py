from datetime import UTC, datetime, timedelta

from hub_harness import RunningHub, World
from sqlalchemy import select

from splitplane.controlplane import tables
from splitplane.controlplane.hub.sessions import clean

NOW = datetime.now(UTC)


def command(world: World, seq: int, *, kind: str, state: str, days: int | None) -> tables.Command:
    """A command that was finished that many days ago; never when None."""
    return tables.Command(
        tenant_id=world.tenant_id,
        cluster_id=world.cluster_id,
        seq=seq,
        kind=kind,
        cluster_uid="uid",
        spec='{"objects":[]}',
        spec_sha256="0" * 64,
        signature="AAAA",
        key_id="0" * 16,
        not_before=NOW,
        expires_at=NOW + timedelta(days=30),
        actor="system",
        state=state,
        finished_at=None if days is None else NOW - timedelta(days=days),
    )


async def test_a_finished_command_carries_nothing_after_a_week(
    hub: RunningHub, world: World
) -> None:
    async with hub.state.sessions.begin() as session:
        session.add_all(
            [
                command(world, 1, kind="apply-bundle", state="succeeded", days=8),
                command(world, 2, kind="delete-bundle", state="failed", days=8),
                command(world, 3, kind="apply-bundle", state="succeeded", days=6),
                command(world, 4, kind="apply-bundle", state="queued", days=None),
                command(world, 5, kind="apply-namespace", state="succeeded", days=8),
            ]
        )

    await clean(hub.state)

    async with hub.state.sessions() as session:
        rows = await session.scalars(select(tables.Command).order_by(tables.Command.seq))
        kept = [(row.seq, row.spec != "", row.spec_sha256) for row in rows]
    assert kept == [
        (1, False, "0" * 64),
        (2, False, "0" * 64),
        (3, True, "0" * 64),
        (4, True, "0" * 64),
        (5, True, "0" * 64),
    ]
