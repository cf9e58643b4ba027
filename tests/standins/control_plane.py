"""A real control plane with its embedded database as a process, and a signed-in client."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from platform_processes import Program
from polling import wait_for

from splitplane.client import Client
from splitplane.controlplane.db import make_engine, make_sessions
from splitplane.controlplane.identity.bootstrap import (
    ensure_tenant,
    find_admin,
    issue_signin_code,
)
from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.stacks.local_cluster.guard import Guard

_READY_SECONDS = 60.0
_URL = re.compile(r"^control plane: (http://\S+)$", re.MULTILINE)
_CODE = re.compile(r"one-time code (\S+) ")


@dataclass(frozen=True)
class ControlPlane:
    """Where it is and who may use it."""

    endpoint: str
    token: str
    client: Client
    state_dir: Path

    def is_listed(self, kind: str, name: str) -> bool:
        """Whether an object of this name exists."""
        return any(item.name == name for item in self.client.list(kind))

    def count(self, kind: str, name: str) -> int:
        """How many objects have this name."""
        return sum(item.name == name for item in self.client.list(kind))

    @contextmanager
    def other_tenant(self) -> Iterator[ControlPlane]:
        """The same control plane as the administrator of another tenant has it."""
        code = asyncio.run(_code_of_tenant(self.state_dir, "other"))
        with _signed_in(self.endpoint, code, self.state_dir) as found:
            yield found


@contextmanager
def running_control_plane() -> Iterator[ControlPlane]:
    """A control plane on a free port with an empty database; everything of it goes at the end."""
    directory = Path(tempfile.mkdtemp(prefix="splitplane-provider-"))
    directory.chmod(0o711)  # the embedded PostgreSQL runs as another account when we are root
    guard = Guard(remove_directory=directory)
    server = Program(
        "server",
        [sys.executable, "-m", "splitplane.controlplane.main"],
        log=directory / "server.log",
        guard=guard,
        environment={
            "SPLITPLANE_SERVER_PORT": "0",
            "SPLITPLANE_SERVER_STATE_DIR": str(directory / "state"),
        },
    )
    try:
        server.start()

        def is_ready() -> bool:
            server.check_alive()
            text = server.log.read_text()
            found = _URL.search(text)
            return (
                found is not None
                and _CODE.search(text) is not None
                and httpx.get(f"{found[1]}/readyz", trust_env=False).is_success
            )

        wait_for(is_ready, what="the control plane", seconds=_READY_SECONDS)
        text = server.log.read_text()
        (endpoint,), (code,) = _URL.findall(text), _CODE.findall(text)
        with _signed_in(endpoint, code, directory / "state") as found:
            yield found
    finally:
        server.stop()
        guard.dismiss()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _signed_in(endpoint: str, code: str, state_dir: Path) -> Iterator[ControlPlane]:
    with Client(endpoint) as stranger:
        token = stranger.sign_in(code).token
    with Client(endpoint, token) as client:
        yield ControlPlane(endpoint, token, client, state_dir)


async def _code_of_tenant(state_dir: Path, name: str) -> str:
    """A sign-in code for the administrator of the tenant, which is made unless it exists."""
    engine = make_engine(
        EmbeddedPostgres.find_running(state_dir), pool_size=1, statement_timeout_seconds=5
    )
    try:
        async with make_sessions(engine).begin() as session:
            await ensure_tenant(session, name, f"admin@{name}.example.com")
            admin = await find_admin(session, name)
            assert admin is not None
            return await issue_signin_code(session, admin)
    finally:
        await engine.dispose()
