"""Idempotency-Key on POSTs that make no object: the answer is kept for 24 hours.

Objects keep their own key (see `nouns.service`). Answers that hold a secret are not kept: the
repeated request is refused instead, and the caller asks anew with another key.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Final, TypeVar

from pydantic import BaseModel
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from splitplane.contract.errors import ErrorCode
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.tables import Idempotency

LIFE: Final = timedelta(hours=24)
"""Time for which a key is remembered."""

ViewT = TypeVar("ViewT", bound=BaseModel)


async def find_replay(
    ctx: Context, key: str | None, route: str, body: object, model: type[ViewT]
) -> ViewT | None:
    """The kept answer of the same request; None when it is new.

    Raises:
        UserError: `idempotency_key_reused`: the key belongs to another request, or to one whose
            answer held a secret.
    """
    if key is None:
        return None
    row = await ctx.session.scalar(
        select(Idempotency).where(
            Idempotency.tenant_id == ctx.tenant_id,
            Idempotency.subject == ctx.actor.subject,
            Idempotency.key == key,
            Idempotency.created_at > func.now() - LIFE,
        )
    )
    if row is None:
        return None
    if row.route != route or row.body_sha256 != _digest(body):
        raise _reused("the Idempotency-Key was used before, for another request")
    if not row.response:
        raise _reused("the request was carried out; its answer held a secret and was not kept")
    return model.model_validate_json(row.response)


async def keep_answer(
    ctx: Context, key: str | None, route: str, body: object, status: int, answer: BaseModel | None
) -> None:
    """The answer is kept with the transaction; None keeps only that the request was carried out."""
    if key is None:
        return
    await ctx.session.execute(
        delete(Idempotency).where(
            Idempotency.tenant_id == ctx.tenant_id,
            Idempotency.created_at <= func.now() - LIFE,
        )
    )
    done = await ctx.session.execute(
        insert(Idempotency)
        .values(
            tenant_id=ctx.tenant_id,
            subject=ctx.actor.subject,
            key=key,
            route=route,
            body_sha256=_digest(body),
            status=status,
            response="" if answer is None else answer.model_dump_json(),
        )
        .on_conflict_do_nothing()
        .returning(Idempotency.key)
    )
    if done.first() is None:
        raise _reused("the same request is being carried out at this moment")


def _reused(detail: str) -> UserError:
    return UserError(ErrorCode.IDEMPOTENCY_KEY_REUSED, detail, hint="send a new key")


def _digest(body: object) -> str:
    plain = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
