"""The REST API in process on a real PostgreSQL, with callers of every kind.

The database server is started once a session; each test gets a fresh database made from a template
that has the schema and the first tenant.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import structlog
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.engine import make_url

from splitplane.contract.manifests import parse_manifest
from splitplane.contract.nouns import fqn_of
from splitplane.controlplane import tables
from splitplane.controlplane.app import create_app, prepare_database
from splitplane.controlplane.db import make_engine, make_sessions
from splitplane.controlplane.identity.bootstrap import ensure_tenant, find_admin
from splitplane.controlplane.identity.tokens import issue_token
from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.controlplane.settings import Settings
from splitplane.controlplane.state import AppState

Json = dict[str, Any]  # Any: JSON

TEMPLATE = "api_template"
_numbers = itertools.count(1)

ENVIRONMENT: Json = {"type": "environment", "name": "qa"}
CLUSTER: Json = {
    "type": "cluster",
    "name": "prod-eu",
    "provider_kind": "local",
    "environments": ["dev", "prod"],
    "delivery": "direct",
}
STORAGE: Json = {
    "type": "storage-integration",
    "name": "local",
    "storage": {"kind": "local", "path": "/srv/ml"},
}
ML_REPO: Json = {"type": "ml-repo", "name": "fraud", "storage_integration": "local"}
WORKSPACE: Json = {
    "type": "workspace",
    "name": "team1",
    "cluster": "prod-eu",
    "environment": "dev",
}
SERVICE: Json = {
    "type": "service",
    "name": "ranker",
    "workspace": "prod-eu:team1",
    "image": "nginx:1.29",
    "ports": [{"port": 8000}],
}
USER: Json = {"type": "user", "name": "ann@example.com"}
SERVICE_ACCOUNT: Json = {"type": "service-account", "name": "ci"}
ROLE: Json = {
    "type": "role",
    "name": "releaser",
    "scope": "workspace",
    "verbs": ["application:read", "application:deploy"],
}
SECRET_STORE: Json = {
    "type": "secret-store",
    "name": "aws",
    "store": {"kind": "aws-secrets-manager", "region": "eu-west-1"},
}
SECRET_GROUP: Json = {
    "type": "secret-group",
    "name": "db",
    "secret_store": "aws",
    "secrets": {"password": {"path": "fraud/db", "field": "password"}},
}
REGISTRY: Json = {
    "type": "container-registry",
    "name": "ecr",
    "registry": {"kind": "ecr", "account_id": "123456789012", "region": "eu-west-1"},
}
TEAM: Json = {"type": "team", "name": "fraud", "members": ["user:ann@example.com"]}
TOKEN: Json = {"type": "service-account-token", "name": "deploy", "service_account": "ci"}
ROLE_BINDING: Json = {
    "type": "role-binding",
    "name": "ann-views",
    "subject": "user:ann@example.com",
    "role": "viewer",
    "object": "prod-eu",
}
MANIFESTS: dict[str, Json] = {
    "environments": ENVIRONMENT,
    "clusters": CLUSTER,
    "storage-integrations": STORAGE,
    "ml-repos": ML_REPO,
    "workspaces": WORKSPACE,
    "applications": SERVICE,
    "users": USER,
    "service-accounts": SERVICE_ACCOUNT,
    "roles": ROLE,
    "secret-stores": SECRET_STORE,
    "secret-groups": SECRET_GROUP,
    "container-registries": REGISTRY,
    "teams": TEAM,
    "service-account-tokens": TOKEN,
    "role-bindings": ROLE_BINDING,
}
"""Plural → a manifest of each noun, in an order in which they can be made."""


def start_database(*, is_durable: bool = False) -> Iterator[EmbeddedPostgres]:
    """A running server with the template database, until the end of the session.

    Writes are not flushed to disk unless `is_durable`, which halves the time of a test.
    """
    # The default prints every local variable of a traceback, which takes seconds.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )
    directory = Path(tempfile.mkdtemp(prefix="splitplane-api-", dir="/var/tmp"))
    directory.chmod(0o711)  # the server runs as another account when we are root
    server = EmbeddedPostgres.start(directory)
    try:
        if not is_durable:
            asyncio.run(
                administrate(server.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            )
        asyncio.run(_make_template(server.url))
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def fresh_database(server: EmbeddedPostgres, template: str = TEMPLATE) -> str:
    """URL of a new database made from the template."""
    name = f"api_{next(_numbers)}"
    await administrate(server.url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return named(server.url, name)


async def administrate(url: str, *statements: str) -> None:
    """The statements were carried out, each by itself."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def named(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


async def _make_template(url: str) -> None:
    await administrate(url, f"CREATE DATABASE {TEMPLATE}")
    engine = make_engine(named(url, TEMPLATE), pool_size=1, statement_timeout_seconds=30)
    settings = Settings(state_dir=Path("/nonexistent"), replica="template")
    await prepare_database(AppState(settings, engine, make_sessions(engine)))
    await engine.dispose()


@dataclass
class Api:
    """The running application and its callers."""

    app: FastAPI
    anonymous: httpx.AsyncClient
    admin: httpx.AsyncClient
    clients: list[httpx.AsyncClient] = field(default_factory=list[httpx.AsyncClient])

    @property
    def state(self) -> AppState:
        """The application's parts."""
        found = self.app.state.core
        assert isinstance(found, AppState)
        return found

    async def caller(self, email: str, *, tenant_role: str = "member") -> httpx.AsyncClient:
        """A signed-in user of the first tenant; made unless it exists."""
        manifest = {"type": "user", "name": email, "tenant_role": tenant_role}
        made = await self.admin.post("/api/v1/users", json=manifest)
        assert made.status_code in (201, 409), made.text
        async with self.state.sessions.begin() as session:
            user = await session.scalar(
                select(tables.User).where(
                    tables.User.name == email, tables.User.tenant_id == await self.tenant_id()
                )
            )
            assert user is not None
            return self._client(await _token(session, user))

    async def stranger(self) -> httpx.AsyncClient:
        """The administrator of another tenant."""
        async with self.state.sessions.begin() as session:
            await ensure_tenant(session, "other", "eve@example.com")
            user = await find_admin(session, "other")
            assert user is not None
            return self._client(await _token(session, user))

    async def tenant_id(self) -> str:
        """Id of the first tenant."""
        async with self.state.sessions() as session:
            found = await session.scalar(
                select(tables.Tenant.id).where(tables.Tenant.name == "default")
            )
            assert found is not None
            return found

    async def make(self, *plurals: str) -> dict[str, Json]:
        """Objects of these nouns, made by the administrator in the given order."""
        made: dict[str, Json] = {}
        for plural in plurals:
            answer = await self.admin.post(f"/api/v1/{plural}", json=MANIFESTS[plural])
            assert answer.status_code == 201, answer.text
            made[plural] = answer.json()
        return made

    async def grant(self, subject: str, role: str, target: str) -> Json:
        """The subject has the role on the target."""
        body = {"subject": subject, "role": role, "object": target}
        answer = await self.admin.post("/api/v1/grants", json=body)
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    async def enrol_agent(self, cluster_id: str) -> None:
        """The cluster has an agent, so that deletions wait for it."""
        async with self.state.sessions.begin() as session:
            session.add(
                tables.Agent(
                    tenant_id=await self.tenant_id(),
                    cluster_id=cluster_id,
                    public_key="AAAA",
                    cluster_uid="uid",
                    agent_version="0.1.0",
                    kubernetes_version="v1.36.1",
                )
            )

    async def events(self, **parameters: str) -> list[Json]:
        """Events as the administrator sees them, newest first."""
        answer = await self.admin.get("/api/v1/events", params={"limit": "200", **parameters})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["items"]
        return found

    def _client(self, token: str) -> httpx.AsyncClient:
        client = make_client(self.app, token)
        self.clients.append(client)
        return client


def make_client(app: FastAPI, token: str | None = None) -> httpx.AsyncClient:
    """A client that calls the application in process."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://controlplane.test",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )


@asynccontextmanager
async def run_api(url: str, state_dir: Path, **changes: Any) -> AsyncIterator[Api]:
    """The application runs on the database with its first administrator signed in."""
    settings = Settings.model_validate(
        {"state_dir": state_dir, "replica": "test", "roles": {"api"}, **changes}
    )
    app = create_app(settings, url)
    async with app.router.lifespan_context(app):
        async with app.state.core.sessions.begin() as session:
            user = await find_admin(session, settings.tenant)
            assert user is not None
            token = await _token(session, user)
        api = Api(app, make_client(app), make_client(app, token))
        try:
            yield api
        finally:
            for client in (api.anonymous, api.admin, *api.clients):
                await client.aclose()


def fqn_of_manifest(manifest: Json) -> str:
    """The name of the object that the manifest describes."""
    return str(fqn_of(parse_manifest(manifest)))


async def _token(session: Any, user: tables.User) -> str:
    _, text = await issue_token(
        session,
        tenant_id=user.tenant_id,
        subject_kind="user",
        subject_id=user.id,
        name="test",
        created_by="system",
    )
    return text
