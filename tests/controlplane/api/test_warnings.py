"""A caller whose token is about to end hears of it with every answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from api_harness import Api
from sqlalchemy import update

from splitplane.controlplane import tables
from splitplane.controlplane.identity.actor import Actor
from splitplane.controlplane.web.warnings import token_warning

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(days=90), None),
        (timedelta(days=7, seconds=1), None),
        (timedelta(days=7), "ends in 7 days (2026-01-08)"),
        (timedelta(hours=48), "ends in 2 days (2026-01-03)"),
        (timedelta(hours=47), "ends in 47 hours (2026-01-02)"),
        (timedelta(seconds=-1), "ends in 0 hours (2025-12-31)"),
    ],
)
def test_a_token_warns_a_week_before_its_end(left: timedelta, shown: str | None) -> None:
    actor = Actor("t", "default", "user", "u", "user:ann@example.com", "k", None, NOW + left)

    found = token_warning(actor, NOW)

    expected = f'299 splitplane "the token of user:ann@example.com {shown}: make a new one"'
    assert found == (None if shown is None else expected)


async def test_the_warning_comes_with_the_answer(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    before = await bob.get("/api/v1/whoami")
    async with api.state.sessions.begin() as session:
        await session.execute(
            update(tables.Token).values(expires_at=datetime.now(UTC) + timedelta(days=3, hours=1))
        )

    after = await bob.get("/api/v1/whoami")

    assert "warning" not in before.headers
    assert re.fullmatch(
        r'299 splitplane "the token of user:bob@example\.com ends in 3 days '
        r'\(\d{4}-\d\d-\d\d\): make a new one"',
        after.headers["warning"],
    )
