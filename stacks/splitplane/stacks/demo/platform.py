"""The demo's parts while they run, started step by step and ended in reverse order."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from splitplane.client import Client
from splitplane.stacks.argocd_local import ArgoCd
from splitplane.stacks.demo.account import AgentAccount
from splitplane.stacks.demo.agents import AgentProcess, DemoAgent, Installation, InstalledAgent
from splitplane.stacks.demo.cluster_view import ClusterView
from splitplane.stacks.demo.processes import ControlPlaneProcess
from splitplane.stacks.demo.registration import RESOURCES, Registration
from splitplane.stacks.demo.settings import DemoSettings
from splitplane.stacks.demo.signin import sign_in
from splitplane.stacks.demo.state import lock, make_state
from splitplane.stacks.demo.story import Story
from splitplane.stacks.demo.waiting import wait_for
from splitplane.stacks.local import LocalConfig
from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.tools import missing, resolve

CLUSTER: Final = "local"
WORKSPACE: Final = "team1"
SERVICE: Final = f"{CLUSTER}:{WORKSPACE}:hello"

_TOOLS: Final = (
    "pulumi",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
)
_CONNECT_SECONDS: Final = 60.0
_AVAILABLE_SECONDS: Final = 180.0
"""A real cluster may have to pull the image first; the local one needs two seconds."""


class Platform:
    """Everything that runs for the demo. A context manager that ends it all."""

    cluster_view: ClusterView
    control_plane: ControlPlaneProcess
    client: Client
    registration: Registration
    agent: DemoAgent
    _guard: Guard

    def __init__(self, settings: DemoSettings, story: Story) -> None:
        """Nothing runs yet."""
        self.settings = settings
        self.story = story
        self.local_cluster: LocalCluster | None = None
        self._argocd: ArgoCd | None = None
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """The state folder is ours alone."""
        state = self.settings.state
        make_state(state)
        self._cleanup.enter_context(lock(state))
        self._guard = Guard()
        self._cleanup.callback(self._guard.dismiss)
        return self

    def __exit__(self, *details: object) -> None:
        """No process of the demo is left."""
        self._cleanup.close()

    def start(self) -> None:
        """The whole platform runs and the sample service is available."""
        self._find_tools()
        self._start_cluster()
        self._start_argocd()
        self._start_control_plane()
        self._sign_in()
        self._register()
        self._start_agent()
        self._wait_for_service()

    def pods(self) -> list[str]:
        """Names of the sample service's pods as the control plane sees them."""
        found = self.client.live_objects(application=SERVICE, kind="Pod")
        return sorted(item.name for item in found if not item.is_stale)

    def wait_connected(self) -> None:
        """The agent holds its socket; raises CheckFailed when it does not within a minute."""
        wait_for(
            lambda: self.client.session(CLUSTER).is_connected,
            what="the agent's connection",
            seconds=_CONNECT_SECONDS,
            explain=self.agent.last_words,
            check=self.agent.check_alive,
        )

    def remove_agent(self) -> None:
        """The agent has ended, and its rights and its own namespace are gone from the cluster."""
        from splitplane.agent.commands import agent_uninstall

        with self.story.step("agent removed") as step:
            self.agent.stop()
            agent_uninstall(kubeconfig=self._kubeconfig, context=self.settings.context)
            wait_for(
                lambda: not self.cluster_view.agent_objects(),
                what="the end of the agent's objects",
                seconds=_CONNECT_SECONDS,
                explain=lambda: f"still there: {', '.join(self.cluster_view.agent_objects())}",
            )
            step.detail = "with its rights and its namespace (splitplane agent uninstall)"

    def start_control_plane(self) -> None:
        """It runs and answers, and ends with this process even if this one is killed."""
        self.control_plane.start()
        identity = self.control_plane.process.identity
        if identity is not None:
            self._guard.add(identity)

    def _find_tools(self) -> None:
        wanted = _TOOLS if self.settings.context is None else ("pulumi",)
        if self.settings.context is None and self.settings.delivery == "argocd":
            wanted = (*wanted, "argocd", "helm")
        with self.story.step("tools", is_live=False) as step:
            absent = missing(wanted)
            for name in wanted:
                resolve(name)
            step.detail = f"fetched {', '.join(absent)}" if absent else "all there"

    def _start_cluster(self) -> None:
        settings = self.settings
        if settings.kubeconfig is not None:
            with self.story.step("existing cluster") as step:
                self.cluster_view = ClusterView(settings.kubeconfig, settings.context)
                self._cleanup.callback(self.cluster_view.close)
                self.cluster_view.pods("default")
                step.detail = f"{self.cluster_view.server}, context {settings.context}"
            return
        with self.story.step("local cluster") as step:
            self.local_cluster = LocalCluster.start(settings.state / "cluster")
            self._cleanup.callback(self.local_cluster.stop)
            self.cluster_view = ClusterView(self.local_cluster.kubeconfig)
            self._cleanup.callback(self.cluster_view.close)
            step.detail = f"a real Kubernetes API at {self.local_cluster.server}"

    def _start_argocd(self) -> None:
        if self.local_cluster is None or self.settings.delivery != "argocd":
            return
        with self.story.step("Argo CD") as step:
            self._argocd = ArgoCd.start(self.local_cluster, self.settings.state / "argocd")
            self._cleanup.callback(self._argocd.stop)
            step.detail = "a real one: repo server and application controller as processes"

    def _start_control_plane(self) -> None:
        with self.story.step("control plane") as step:
            self.control_plane = ControlPlaneProcess(self.settings.state, self.settings.public_url)
            self._cleanup.callback(self.control_plane.stop)
            self.start_control_plane()
            step.detail = f"{self.control_plane.endpoint}, with its own PostgreSQL"

    def _sign_in(self) -> None:
        with self.story.step("sign in") as step:
            endpoint = self.control_plane.endpoint
            token, step.detail = sign_in(endpoint, self.settings.state)
            self.client = Client(endpoint, token)
            self._cleanup.callback(self.client.close)
            config = LocalConfig(
                storage_path=str(self.settings.state / "storage"),
                cluster=CLUSTER,
                provider_kind="local" if self.settings.context is None else "attached",
                delivery=self.settings.delivery,
            )
            self.registration = Registration(self.settings.state, endpoint, token, config)
            self._cleanup.callback(self.registration.close)

    def _register(self) -> None:
        with self.story.step("pulumi up") as step:
            changes = self.registration.up()
            done = ", ".join(f"{count} {name}" for name, count in sorted(changes.items()))
            step.detail = f"{RESOURCES} resources and their stack: {done}"

    def _start_agent(self) -> None:
        with self.story.step("agent") as step:
            self.agent = self._choose_agent()
            self._cleanup.callback(self.agent.stop)
            self.agent.start(self._guard)
            self.wait_connected()
            step.detail = f"connected; {self.agent.way}"

    @property
    def _kubeconfig(self) -> Path:
        """That of the person, who may do everything in the cluster."""
        if self.local_cluster is not None:
            return self.local_cluster.kubeconfig
        assert self.settings.kubeconfig is not None  # an existing cluster comes with its file
        return self.settings.kubeconfig

    def _choose_agent(self) -> DemoAgent:
        settings = self.settings
        common = {
            "hub_url": settings.public_url or self.control_plane.endpoint,
            "delivery": settings.delivery,
            # An agent that is enrolled already does not look at the token.
            "join_token": self.client.rotate_join_token(CLUSTER).token,
        }
        installation = Installation(self._kubeconfig, settings.context, common)
        if settings.public_url is not None:
            return InstalledAgent(installation)
        account = AgentAccount(self.cluster_view, settings.state)
        if self._argocd is not None:
            common["argocd_destination"] = self._argocd.destination_server
        return AgentProcess(settings.state, installation, account)

    def _wait_for_service(self) -> None:
        with self.story.step("service available") as step:
            wait_for(
                lambda: self.client.get("application", SERVICE).status == "available",
                what=f"status available of {SERVICE}",
                seconds=_AVAILABLE_SECONDS,
                explain=self._explain_service,
                check=self.agent.check_alive,
            )
            pods = wait_for(self.pods, what=f"a pod of {SERVICE}", seconds=_CONNECT_SECONDS)
            step.detail = f"{SERVICE}, pod {', '.join(pods)} seen through the control plane"

    def _explain_service(self) -> str:
        view = self.client.get("application", SERVICE)
        conditions = (f"{c.type}={c.status} {c.reason} {c.message}" for c in view.conditions)
        return f"{view.status}; {'; '.join(conditions)}"
