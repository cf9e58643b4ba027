"""Hub and worker on a real PostgreSQL and a real socket, for a scripted agent to talk to.

The database server is started once a session; each test gets a fresh database made from a migrated
template. Rows that the REST API would write are written here directly.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url

from splitplane.contract.manifests import parse_manifest
from splitplane.controlplane import tables
from splitplane.controlplane.db import make_engine, make_sessions
from splitplane.controlplane.delivery.worker import run_worker
from splitplane.controlplane.hub.routes import router
from splitplane.controlplane.hub.sessions import run_hub
from splitplane.controlplane.identity.secrets import JOIN, digest, new_secret
from splitplane.controlplane.migrate import migrate
from splitplane.controlplane.postgres.embedded import EmbeddedPostgres
from splitplane.controlplane.settings import Settings
from splitplane.controlplane.state import AppState
from splitplane.controlplane.web.problems import install_handlers

Json = dict[str, Any]  # Any: JSON

_TEMPLATE = "hub_template"
_numbers = itertools.count(1)


def start_database() -> Iterator[EmbeddedPostgres]:
    """A running server with a migrated template database, until the end of the session."""
    directory = Path(tempfile.mkdtemp(prefix="splitplane-hub-", dir="/var/tmp"))
    server = EmbeddedPostgres.start(directory)
    try:
        asyncio.run(_make_template(server.url))
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.data_dir.parent, ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)


async def fresh_database(server: EmbeddedPostgres) -> str:
    """URL of a new empty database with the current schema."""
    name = f"hub_{next(_numbers)}"
    await _administrate(server.url, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    return _named(server.url, name)


async def _make_template(url: str) -> None:
    await _administrate(url, f"CREATE DATABASE {_TEMPLATE}")
    engine = make_engine(_named(url, _TEMPLATE), pool_size=1, statement_timeout_seconds=30)
    await migrate(engine)
    await engine.dispose()


async def _administrate(url: str, statement: str) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def make_state(url: str, state_dir: Path, *, replica: str = "replica-a", port: int = 0) -> AppState:
    """The shared parts of one replica; dispose of its engine afterwards."""
    settings = Settings(state_dir=state_dir, replica=replica, database_url=url, port=port)
    engine = make_engine(url, pool_size=5, statement_timeout_seconds=5)
    return AppState(settings=settings, engine=engine, sessions=make_sessions(engine))


async def until(check: Any, *, what: str, seconds: float = 15.0) -> Any:
    """The first true value of the coroutine function; fails naming `what` after the time."""
    deadline = time.monotonic() + seconds
    never = asyncio.Event()
    while True:
        value = await check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(never.wait(), 0.02)


class RunningHub:
    """One replica with hub and worker, on a free port of loopback."""

    def __init__(self, state: AppState, *, has_worker: bool = True) -> None:
        self.state = state
        self._has_worker = has_worker
        app = FastAPI()
        app.state.core = state
        install_handlers(app)
        app.include_router(router)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=state.settings.port,
                log_level="warning",
                ws="websockets-sansio",
                lifespan="off",
            )
        )
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        [server] = self._server.servers
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
        self._tasks.append(asyncio.create_task(self._server.serve()))
        self._tasks.append(asyncio.create_task(run_hub(self.state)))
        if self._has_worker:
            self._tasks.append(asyncio.create_task(run_worker(self.state)))

        async def is_up() -> bool:
            for task in self._tasks:
                if task.done():
                    task.result()
            return self._server.started and (not self._has_worker or await self._has_key())

        try:
            await until(is_up, what="the hub to listen")
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """The replica has shut down cleanly."""
        for task in self._tasks[1:]:
            task.cancel()
        await asyncio.gather(*self._tasks[1:], return_exceptions=True)
        self._server.should_exit = True
        await self._tasks[0]
        await self.state.engine.dispose()

    async def _has_key(self) -> bool:
        async with self.state.sessions() as session:
            return bool(await session.scalar(select(func.count()).select_from(tables.SigningKey)))


@dataclass
class World:
    """Rows of one tenant with a cluster and a workspace on it."""

    state: AppState
    tenant_id: str = ""
    cluster_id: str = ""
    workspace_id: str = ""

    async def build(self) -> Self:
        """The tenant, an environment, cluster `prod-eu` and workspace `team1` exist."""
        async with self.state.sessions.begin() as session:
            tenant = tables.Tenant(name="default")
            session.add(tenant)
            await session.flush()
            self.tenant_id = tenant.id
            environment = tables.Environment(**self._row({"type": "environment", "name": "dev"}))
            cluster = tables.Cluster(
                **self._row(
                    {
                        "type": "cluster",
                        "name": "prod-eu",
                        "provider_kind": "local",
                        "environments": ["dev"],
                        "delivery": "direct",
                    }
                )
            )
            session.add_all([environment, cluster])
            await session.flush()
            self.cluster_id = cluster.id
            session.add(
                tables.ClusterEnvironment(
                    tenant_id=tenant.id, cluster_id=cluster.id, environment_id=environment.id
                )
            )
            await session.flush()
            workspace = tables.Workspace(
                cluster_id=cluster.id,
                environment_id=environment.id,
                next_check_at=None,
                **self._row(
                    {
                        "type": "workspace",
                        "name": "team1",
                        "cluster": "prod-eu",
                        "environment": "dev",
                    },
                    fqn="prod-eu:team1",
                ),
            )
            session.add(workspace)
            await session.flush()
            self.workspace_id = workspace.id
        return self

    async def join_token(self, **changes: Any) -> str:
        """A new join token for the cluster; the changes are columns of its row."""
        token = new_secret(JOIN)
        fields: Json = {
            "tenant_id": self.tenant_id,
            "cluster_id": self.cluster_id,
            "token_sha256": digest(token),
            "created_by": "user:ann@example.com",
            "expires_at": datetime.now(UTC) + timedelta(hours=1),
        }
        async with self.state.sessions.begin() as session:
            session.add(tables.JoinToken(**{**fields, **changes}))
        return token

    async def apply(self, **manifest: Any) -> str:
        """A new version of an application is wanted; its id."""
        parsed = parse_manifest(
            {
                "type": "service",
                "name": "ranker",
                "workspace": "prod-eu:team1",
                "image": "nginx:1.29",
                **manifest,
            }
        )
        document = parsed.model_dump(mode="json")
        fqn = f"prod-eu:team1:{parsed.name}"
        async with self.state.sessions.begin() as session:
            row = await session.scalar(
                select(tables.Application).where(tables.Application.fqn == fqn)
            )
            if row is None:
                row = tables.Application(
                    workspace_id=self.workspace_id,
                    cluster_id=self.cluster_id,
                    type=parsed.type,
                    **self._row(document, fqn=fqn),
                )
                session.add(row)
                await session.flush()
                await session.refresh(row)
            row.last_deployment_version += 1
            deployment = tables.Deployment(
                tenant_id=self.tenant_id,
                application_id=row.id,
                version=row.last_deployment_version,
                manifest=document,
                created_by="user:ann@example.com",
            )
            session.add(deployment)
            await session.flush()
            row.desired_deployment_id = deployment.id
            row.next_check_at = func.now()
            application_id = row.id
        self.state.wakeups.notify("applications")
        return application_id

    async def change_workspace(self, **manifest: Any) -> None:
        """The workspace's manifest has these fields, as the API would write it."""
        async with self.state.sessions.begin() as session:
            row = await session.get(tables.Workspace, self.workspace_id)
            assert row is not None
            row.manifest = json.loads(
                parse_manifest({**row.manifest, **manifest}).model_dump_json()
            )
            row.version += 1
            row.next_check_at = func.now()
        self.state.wakeups.notify("applications")

    async def delete(self, table: Any, object_id: str) -> None:
        """The application or workspace is to go."""
        async with self.state.sessions.begin() as session:
            await session.execute(
                update(table)
                .where(table.id == object_id)
                .values(is_deleting=True, next_check_at=func.now())
            )
        self.state.wakeups.notify("applications")

    async def conditions(self, object_id: str) -> dict[str, tuple[str, str]]:
        """Status and reason by type."""
        async with self.state.sessions() as session:
            rows = await session.scalars(
                select(tables.ObjectCondition).where(tables.ObjectCondition.object_id == object_id)
            )
            return {row.type: (row.status, row.reason) for row in rows}

    async def has_condition(self, object_id: str, kind: str, status: str, reason: str) -> None:
        """Waits until the condition has that status and reason."""

        async def check() -> bool:
            return (await self.conditions(object_id)).get(kind) == (status, reason)

        try:
            await until(check, what=f"{kind} to be {status} ({reason})")
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {await self.conditions(object_id)}") from error

    async def commands(self) -> list[tuple[int, str, str]]:
        """Number, kind and state of every command."""
        async with self.state.sessions() as session:
            rows = await session.scalars(select(tables.Command).order_by(tables.Command.seq))
            return [(row.seq, row.kind, row.state) for row in rows]

    async def events(self) -> list[str]:
        """Types of all events in order."""
        async with self.state.sessions() as session:
            return list(await session.scalars(select(tables.Event.type).order_by(tables.Event.id)))

    async def exists(self, table: Any, object_id: str) -> bool:
        """Whether the row is there."""
        async with self.state.sessions() as session:
            return await session.get(table, object_id) is not None

    async def is_gone(self, table: Any, object_id: str) -> None:
        """Waits until the row is not there."""

        async def check() -> bool:
            return not await self.exists(table, object_id)

        await until(check, what=f"{table.__tablename__} {object_id} to be gone")

    def _row(self, document: Json, *, fqn: str | None = None) -> Json:
        return {
            "tenant_id": self.tenant_id,
            "name": document["name"],
            "fqn": fqn or document["name"],
            "manifest": json.loads(parse_manifest(document).model_dump_json()),
            "created_by": "user:ann@example.com",
        }


@contextlib.asynccontextmanager
async def running(state: AppState, *, has_worker: bool = True) -> AsyncIterator[RunningHub]:
    """A replica that runs until the end of the block."""
    async with RunningHub(state, has_worker=has_worker) as hub:
        yield hub


def database_environment(url: str) -> dict[str, str]:
    """Environment of a child process that uses the database."""
    return {**os.environ, "DATABASE_URL": url}
