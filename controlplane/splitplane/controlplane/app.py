"""The application: routes, middleware, and what starts and ends with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import APIRouter, FastAPI

from splitplane.contract.version import API_VERSION, VERSION
from splitplane.controlplane.api import (
    applications,
    apply,
    capabilities,
    clusters,
    events,
    grants,
    identity,
    render,
    service_account_tokens,
    system,
)
from splitplane.controlplane.api.nouns import noun_routers
from splitplane.controlplane.background import find_attribute, start_background
from splitplane.controlplane.db import check_server, make_engine, make_sessions
from splitplane.controlplane.errors import StartError
from splitplane.controlplane.identity.bootstrap import ensure_tenant
from splitplane.controlplane.identity.tokens import LastUsed
from splitplane.controlplane.migrate import migrate
from splitplane.controlplane.nouns.registry import check_registry
from splitplane.controlplane.openapi import describe
from splitplane.controlplane.permissions.declare import check_routes
from splitplane.controlplane.settings import Settings
from splitplane.controlplane.state import AppState
from splitplane.controlplane.web.metrics import Metrics
from splitplane.controlplane.web.middleware import BodyLimit, DenyUndecided, Surround
from splitplane.controlplane.web.problems import install_handlers
from splitplane.controlplane.web.rates import SIGN_IN_LIMIT, RateLimit

API_PREFIX: Final = f"/api/{API_VERSION}"


def create_app(settings: Settings, database_url: str) -> FastAPI:
    """The application; it connects to the database when it starts, not here.

    Args:
        settings: the server's settings.
        database_url: where the database is; the embedded one's when the settings name none.

    Raises:
        StartError: a route declares no permission, or a noun has no rules.
    """
    check_registry()
    engine = make_engine(
        database_url,
        pool_size=settings.database_pool_size,
        statement_timeout_seconds=settings.statement_timeout_seconds,
    )
    state = AppState(settings=settings, engine=engine, sessions=make_sessions(engine))
    metrics = Metrics(engine)
    app = FastAPI(
        title="Splitplane",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(database_url),
        redirect_slashes=False,
    )
    app.state.core = state
    app.state.metrics = metrics
    app.state.last_used = LastUsed(state.sessions)
    app.state.sign_in_limit = RateLimit(SIGN_IN_LIMIT)
    install_handlers(app)
    _include_routes(app, settings)
    check_routes(app)
    describe(app)
    app.add_middleware(DenyUndecided)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Surround, observe=metrics.observe)
    return app


async def prepare_database(state: AppState) -> None:
    """The database has the schema of this version, and the tenant of the settings.

    Raises:
        StartError: the server is older than PostgreSQL 14.
    """
    await check_server(state.engine)
    await migrate(state.engine)
    async with state.sessions.begin() as session:
        await ensure_tenant(session, state.settings.tenant, state.settings.admin_email)


def _include_routes(app: FastAPI, settings: Settings) -> None:
    app.include_router(system.root_router)
    if "api" in settings.roles:
        modules = (
            applications,
            apply,
            capabilities,
            clusters,
            events,
            grants,
            identity,
            render,
            service_account_tokens,
            system,
        )
        routers = [*noun_routers(), *(module.router for module in modules)]
        # Not by way of a router of their own: each level builds every route again.
        for router in (*routers, identity.open_router, system.open_router):
            app.include_router(router, prefix=API_PREFIX)
    if "hub" in settings.roles:
        hub = find_attribute("splitplane.controlplane.hub.routes", "router")
        if hub is not None:
            if not isinstance(hub, APIRouter):
                raise StartError("splitplane.controlplane.hub.routes.router is not a router")
            app.include_router(hub)


def _lifespan(database_url: str) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        state = app.state.core
        assert isinstance(state, AppState)
        await prepare_database(state)

        async def relay(state: AppState) -> None:
            await state.wakeups.relay(state.sessions, database_url)

        async def write_last_used(_state: AppState) -> None:
            await app.state.last_used.run()

        async with start_background(state, relay, write_last_used):
            yield
        await state.engine.dispose()

    return lifespan
