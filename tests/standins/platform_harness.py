"""The whole platform on loopback for end-to-end tests: cluster, control plane, agent, client.

Every part is the real program in its own process. Between agent and hub stands a proxy that can
break the link. What one part must know of another is written down here and nowhere in the tests.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import asyncpg
import httpx
from agent_account import agent_kubeconfig
from fault_proxy import FaultProxy
from platform_processes import Program

from splitplane.client import ApiError, Client
from splitplane.contract.manifests.cluster import Delivery
from splitplane.contract.views import CommandView, LiveObjectView, ObjectView
from splitplane.controlplane.postgres.account import server_account
from splitplane.controlplane.postgres.layout import DATABASE, Layout, plan_layout
from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.ports import choose_free

T = TypeVar("T")
Json = dict[str, Any]  # Any: JSON

CLUSTER: Final = "e2e"
_PREFIXES: Final = {
    "deployments": "/apis/apps/v1",
    "jobs": "/apis/batch/v1",
    "pods": "/api/v1",
    "replicasets": "/apis/apps/v1",
    "serviceaccounts": "/api/v1",
    "services": "/api/v1",
}
_POLL_SECONDS: Final = 0.02
_READY_SECONDS: Final = 60.0
_NUMBERS: Final = count(1)
"""Of workspaces: two platforms may share a cluster, and a workspace's name is a namespace's."""
IMAGE: Final = "registry.example.com/ranker:1"
_GOOD_REQUEST: Final = re.compile(r'"status": [23].*"event": "request"')
_SIGN_IN_CODE: Final = re.compile(r"with the one-time code (\S+)")
SPLITPLANE: Final = str(Path(sys.executable).with_name("splitplane"))


def wait_for(get: Callable[[], T | None], *, what: str, seconds: float = 30.0) -> T:
    """The first true value of `get`; fails naming `what` when there is none within `seconds`.

    An error of the client counts as not yet: the server may be away.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    last: object = None
    while True:
        try:
            value = get()
            if value:
                return value
            last = value
        except (ApiError, httpx.HTTPError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}; last seen: {last!r}")
        pause.wait(_POLL_SECONDS)


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, random, so that parallel runs rarely meet."""
    return choose_free(1)[0]


@dataclass
class Workspace:
    """A workspace of its own for one test."""

    platform: Platform
    name: str

    @property
    def fqn(self) -> str:
        """Fully qualified name."""
        return f"{CLUSTER}:{self.name}"

    def service(self, name: str, **fields: Any) -> Json:  # Any: fields of the manifest
        """The manifest of a small service here."""
        manifest = {"type": "service", "name": name, "workspace": self.fqn, "image": IMAGE}
        return {**manifest, "ports": [{"port": 8000}], **fields}

    def apply(self, manifest: Json) -> ObjectView:
        """The object after the manifest was applied; fails when it was refused."""
        response = self.platform.client.apply([manifest])
        (result,) = response.results
        assert result.object is not None, result
        return result.object

    def application(self, name: str) -> ObjectView:
        """The application as the control plane shows it."""
        return self.platform.client.get("application", f"{self.fqn}:{name}")

    def wait_status(
        self, name: str, status: str, *, version: int | None = None, seconds: float = 30.0
    ) -> ObjectView:
        """The application once it has the status; then `version` must be the current one."""

        def reached() -> ObjectView | None:
            view = self.application(name)
            return view if view.status == status else None

        view = wait_for(reached, what=f"{self.fqn}:{name} to be {status}", seconds=seconds)
        if version is not None:
            (current,) = [d for d in self.platform.client.deployments(view.fqn) if d.is_current]
            assert current.version == version, current
        return view

    def deployment(self, name: str) -> Json | None:
        """The Kubernetes Deployment of a service, straight from the cluster."""
        path = f"{_PREFIXES['deployments']}/namespaces/{self.name}/deployments/{name}"
        return self.platform.get_kubernetes(path)

    def objects(self, resource: str) -> list[Json]:
        """All objects of a kind in the namespace, straight from the cluster."""
        path = f"{_PREFIXES[resource]}/namespaces/{self.name}/{resource}"
        found = self.platform.get_kubernetes(path)
        return [] if found is None else found["items"]

    def names(self, resource: str) -> set[str]:
        """Names of all objects of a kind in the namespace."""
        return {item["metadata"]["name"] for item in self.objects(resource)}

    def pods_seen(self, name: str) -> list[LiveObjectView]:
        """The application's pods as the control plane shows them."""
        fqn = f"{self.fqn}:{name}"
        return list(self.platform.client.live_objects(application=fqn, kind="Pod"))


@dataclass
class Platform:
    """Cluster, control plane, agent and a signed-in client. Made by `start`."""

    directory: Path
    cluster: LocalCluster
    kubernetes: httpx.Client
    port: int
    guard: Guard
    server: Program
    proxy: FaultProxy
    agent: Program
    client: Client = field(init=False)
    token: str = field(init=False, default="")

    @classmethod
    def start(
        cls,
        cluster: LocalCluster,
        *,
        delivery: Delivery = "direct",
        agent_namespace: str = "splitplane-agent",
        server_environment: Mapping[str, str] | None = None,
        agent_environment: Mapping[str, str] | None = None,
    ) -> Self:
        """A platform whose agent is connected; `stop` ends and removes everything of it.

        Two platforms on one cluster need agents in two namespaces.
        """
        directory = Path(tempfile.mkdtemp(prefix="splitplane-e2e-"))
        directory.chmod(0o711)  # the embedded PostgreSQL runs as another account when we are root
        guard = Guard(remove_directory=directory)
        kubernetes = cluster.open_client()
        port = free_port()
        proxy = FaultProxy(port)
        server = Program(
            "server",
            [SPLITPLANE, "server", "--port", str(port), "--state-dir", str(directory / "state")],
            log=directory / "server.log",
            guard=guard,
            environment=server_environment,
        )
        agent = Program(
            "agent",
            [sys.executable, "-m", "splitplane.agent"],
            log=directory / "agent.log",
            guard=guard,
            environment={
                "SPLITPLANE_AGENT_HUB_URL": f"http://127.0.0.1:{proxy.port}",
                "SPLITPLANE_AGENT_KUBECONFIG": str(
                    agent_kubeconfig(
                        cluster,
                        kubernetes,
                        directory / "agent.kubeconfig",
                        namespace=agent_namespace,
                        delivery=delivery,
                    )
                ),
                "SPLITPLANE_AGENT_NAMESPACE": agent_namespace,
                # Faults follow each other closer here than a minute, which resets the backoff.
                "SPLITPLANE_AGENT_RECONNECT_WAIT_SECONDS": "1",
                "SPLITPLANE_AGENT_STATUS_PORT": str(free_port()),
                "SPLITPLANE_AGENT_LOG_LEVEL": "debug",
                **(agent_environment or {}),
            },
        )
        self = cls(directory, cluster, kubernetes, port, guard, server, proxy, agent)
        try:
            self.start_server()
            self._sign_in()
            self._connect(delivery)
        except BaseException as error:
            error.add_note(self.logs())
            self.stop()
            raise
        return self

    @property
    def endpoint(self) -> str:
        """Address of the control plane, past the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Agent, control plane with its database, proxy and files are gone."""
        self.agent.kill()
        self.server.stop()
        self.proxy.close()
        self.kubernetes.close()
        if hasattr(self, "client"):
            self.client.close()
        self.guard.dismiss()
        wait_for(self._is_removed, what=f"{self.directory} to be removed")

    def start_server(self) -> None:
        """The control plane runs and is ready."""
        self.server.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Returns once the control plane says that it is ready."""

        def is_ready() -> bool:
            self.server.check_alive()
            return httpx.get(f"{self.endpoint}/readyz", trust_env=False).is_success

        wait_for(is_ready, what="the control plane's readiness", seconds=_READY_SECONDS)

    def restart_server(self) -> None:
        """The control plane was killed by SIGKILL and is ready again."""
        self.server.kill()
        self.start_server()

    def wait_connected(self, is_connected: bool = True, *, seconds: float = 30.0) -> None:
        """Returns once the control plane shows the agent as connected, or as not connected."""
        wait_for(
            lambda: self.client.session(CLUSTER).is_connected is is_connected,
            what=f"the agent's session, connected: {is_connected}",
            seconds=seconds,
        )

    def new_workspace(self, prefix: str = "team") -> Workspace:
        """A workspace that no other test uses, whose namespace is in the cluster."""
        name = f"{prefix}-{next(_NUMBERS)}"
        manifest = {"type": "workspace", "name": name, "cluster": CLUSTER, "environment": "dev"}
        self.client.create(manifest)
        workspace = Workspace(self, name)
        wait_for(
            lambda: self.client.get("workspace", workspace.fqn).status == "ready",
            what=f"{workspace.fqn} to be ready",
        )
        return workspace

    def command_ids(self) -> set[str]:
        """Ids of every order to the cluster's agent so far."""
        return {command.id for command in self.client.commands(CLUSTER)}

    def commands_since(self, known: set[str]) -> list[CommandView]:
        """The orders that are not among the known ones, oldest first."""
        fresh = [item for item in self.client.commands(CLUSTER) if item.id not in known]
        return sorted(fresh, key=lambda item: item.seq)

    def agent_metric(self, name: str) -> dict[str, float]:
        """Values of a metric of the agent by its only label's value; by "" without a label."""
        port = self.agent.environment["SPLITPLANE_AGENT_STATUS_PORT"]
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        found = re.findall(
            rf'^splitplane_agent_{name}(?:{{\w+="([^"]*)"}})? (\S+)$', text, re.MULTILINE
        )
        return {label: float(value) for label, value in found}

    def get_kubernetes(self, path: str) -> Json | None:
        """What the API server answers; None when there is no such object."""
        response = self.kubernetes.get(path)
        if response.status_code == 404:
            return None
        found: Json = response.raise_for_status().json()
        return found

    def database(self) -> Layout:
        """Where the embedded PostgreSQL of the control plane has its files."""
        return plan_layout(self.directory / "state", server_account())

    def postmaster_pid(self) -> int:
        """Process id of the embedded PostgreSQL; 0 while there is none."""
        try:
            return int(self.database().pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return 0

    def execute(self, statement: str, *values: object) -> None:
        """One SQL statement was carried out in the control plane's database."""

        async def run() -> None:
            connection = await asyncpg.connect(
                user=DATABASE, database=DATABASE, host=str(self.database().run)
            )
            try:
                await connection.execute(statement, *values)
            finally:
                await connection.close()

        asyncio.run(run())

    def logs(self) -> str:
        """The ends of the logs of control plane and agent."""
        return "\n".join(
            f"--- {program.name} ---\n{program.tail(without=_GOOD_REQUEST)}"
            for program in (self.server, self.agent)
        )

    def _is_removed(self) -> bool:
        """A database that was killed may still be writing its last file: then once more."""
        shutil.rmtree(self.directory, ignore_errors=True)
        return not self.directory.exists()

    def _sign_in(self) -> None:
        match = wait_for(
            lambda: _SIGN_IN_CODE.search(self.server.log.read_text(errors="replace")),
            what="the sign-in code in the control plane's output",
        )
        with Client(self.endpoint) as stranger:
            self.token = stranger.sign_in(match.group(1)).token
        self.client = Client(self.endpoint, self.token, timeout_seconds=10)

    def _connect(self, delivery: Delivery) -> None:
        cluster = self.client.create(
            {
                "type": "cluster",
                "name": CLUSTER,
                "provider_kind": "local",
                "environments": ["dev", "prod"],
                "delivery": delivery,
            }
        )
        self.agent.environment["SPLITPLANE_AGENT_JOIN_TOKEN"] = cluster.observed["join_token"]
        self.agent.start()
        self.wait_connected()
