"""The database: engine, sessions, and telling an outage from a mistake."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from splitplane.controlplane.errors import StartError

MINIMUM_SERVER_VERSION: Final = 140000
"""PostgreSQL 14: the oldest that its project maintained in 2026 (postgresql.org/support)."""

_CONNECT_SECONDS: Final = 3.0
# A request that waits longer for a connection is better told to come back.
_POOL_WAIT_SECONDS: Final = 3.0
# Asking takes three round trips, a third of a short request's statements; a database that restarts
# is away for longer than this, and whoever meets it within is told to come back.
_TRUSTED_SECONDS: Final = 1.0
_RETURNED_AT: Final = "splitplane_returned_at"

Sessions = async_sessionmaker[AsyncSession]

# SQLSTATE classes (PostgreSQL appendix A): 08 connection, 53 resources, 57 operator intervention
# (statement timeout included), 40 rollback by serialisation or deadlock, 55 object not in state.
_PASSING_CLASSES: Final = frozenset({"08", "53", "57", "40", "55"})


def normal_url(url: str) -> str:
    """The URL with the driver named: `postgres://` and `postgresql://` mean asyncpg.

    Raises:
        StartError: it is no URL of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StartError("DATABASE_URL is not a URL: write postgresql://USER@HOST/NAME") from error
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+asyncpg"):
        raise StartError(
            f"DATABASE_URL names {parsed.drivername!r}; allowed is postgresql://USER@HOST/NAME"
        )
    return parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def make_engine(
    url: str,
    *,
    pool_size: int,
    statement_timeout_seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncEngine:
    """An engine whose statements time out, and whose connections are checked after a pause.

    Args:
        url: of the database.
        pool_size: connections that are kept; as many more are made when needed.
        statement_timeout_seconds: longest time of one statement.
        clock: seconds that only grow.
    """
    engine = create_async_engine(
        normal_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=_POOL_WAIT_SECONDS,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "server_settings": {
                "application_name": "splitplane",
                "statement_timeout": str(int(statement_timeout_seconds * 1000)),
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
                # Compiling plans costs more than it saves on queries of this size.
                "jit": "off",
            },
        },
    )
    _check_after_pause(engine, clock)
    return engine


def _check_after_pause(engine: AsyncEngine, clock: Callable[[], float]) -> None:
    """A connection that lay idle is asked whether it lives; when not, all idle ones are dropped."""
    pool, dialect = engine.sync_engine.pool, engine.dialect

    # Any: the driver's connection and SQLAlchemy's record of it, typed by neither
    def note(_connection: Any, record: Any) -> None:
        record.info[_RETURNED_AT] = clock()

    def check(connection: Any, record: Any, _proxy: Any) -> None:
        returned_at = record.info.get(_RETURNED_AT)
        if returned_at is None or clock() - returned_at < _TRUSTED_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(pool, "checkin", note)
    event.listen(pool, "checkout", check)


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def check_server(engine: AsyncEngine) -> None:
    """Raises StartError when the server is older than PostgreSQL 14."""
    async with engine.connect() as connection:
        number = int((await connection.execute(text("SHOW server_version_num"))).scalar_one())
    if number < MINIMUM_SERVER_VERSION:
        raise StartError(
            f"the database runs PostgreSQL {number // 10000}, needed is 14 or newer: "
            "upgrade it or choose another DATABASE_URL"
        )


def is_outage(error: BaseException) -> bool:
    """Whether the same request may succeed later: no connection, shutdown, timeout, deadlock."""
    if isinstance(error, TimeoutError | OSError | InterfaceError | OperationalError):
        return True
    if isinstance(error, asyncpg.PostgresError):  # while connecting, before SQLAlchemy wraps it
        return str(getattr(error, "sqlstate", None))[:2] in _PASSING_CLASSES
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = sqlstate(error)
    return state is not None and state[:2] in _PASSING_CLASSES


def sqlstate(error: DBAPIError) -> str | None:
    """The SQLSTATE of the error, if the server gave one."""
    found = getattr(error.orig, "sqlstate", None)
    return found if isinstance(found, str) else None


def violated_constraint(error: DBAPIError) -> str | None:
    """Name of the constraint that the statement broke."""
    cause = error.orig.__cause__ if error.orig is not None else None
    name = getattr(cause, "constraint_name", None)
    return name if isinstance(name, str) else None
