"""Lists: keyset pages in the order of names, limited in SQL to what the caller may read."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from splitplane.contract.nouns import Kind
from splitplane.contract.permissions import read_verb
from splitplane.contract.views import ObjectView, Page
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.references import bad_field
from splitplane.controlplane.nouns.registry import HOOKS
from splitplane.controlplane.nouns.views import to_views
from splitplane.controlplane.permissions.targets import TABLES
from splitplane.controlplane.tables import ObjectRow

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
"""Rows of a page; more would make one answer slow for all others."""


async def list_objects(
    ctx: Context, kind: Kind, *, filters: Mapping[str, str], limit: int, cursor: str | None
) -> Page[ObjectView]:
    """One page of the objects that the caller may read, in the order of their names.

    Raises:
        UserError: an unknown filter, or a cursor that this list did not give.
    """
    table, hooks = TABLES[kind], HOOKS[kind]
    statement = select(table).where(
        table.tenant_id == ctx.tenant_id,
        await ctx.access.allowed(read_verb(kind), kind),
    )
    for name, value in filters.items():
        if name == "name":
            statement = statement.where(table.name == value)
        elif name in hooks.filters:
            statement = statement.where(await hooks.filter(ctx, name, value))
        else:
            raise bad_field(
                name,
                value,
                f"unknown filter {name!r}",
                allowed=", ".join(("name", *hooks.filters, "limit", "cursor")),
                hint="remove it",
            )
    if cursor is not None:
        statement = statement.where(table.fqn > decode_cursor(cursor, kind))
    rows: list[ObjectRow] = list(
        await ctx.session.scalars(statement.order_by(table.fqn).limit(limit + 1))
    )
    page = rows[:limit]
    more = len(rows) > limit
    return Page[ObjectView](
        items=await to_views(ctx.session, kind, page),
        next_cursor=encode_cursor(page[-1].fqn, kind) if more else None,
    )


def encode_cursor(after: str, kind: str) -> str:
    """An opaque cursor that continues after this key in lists of this kind."""
    text = json.dumps({"a": after, "k": kind}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, kind: str) -> str:
    """The key to continue after; raises UserError for a cursor of another list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
        if value["k"] != kind or not isinstance(value["a"], str) or "\0" in value["a"]:
            raise ValueError
        return str(value["a"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise bad_field(
            "cursor",
            cursor[:64],
            "is not a cursor of this list",
            hint="send the next_cursor of the page before, or none for the first page",
        ) from error
