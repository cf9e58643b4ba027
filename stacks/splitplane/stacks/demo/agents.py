"""The two ways in which the demo's agent runs: as a pod of the cluster, or as a process here.

Either way `splitplane agent install` puts its objects into the cluster, and it has just the rights
of its service account.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from splitplane.stacks.demo.account import AgentAccount
from splitplane.stacks.demo.processes import end
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.process import ManagedProcess


class DemoAgent(Protocol):
    """An agent that can be started and ended."""

    way: str
    """How it runs, for people."""

    def start(self, guard: Guard) -> None:
        """It runs; whether it is connected the control plane says."""
        ...

    def stop(self) -> None:
        """It has ended, where it is ours to end; safe to call twice."""
        ...

    def check_alive(self) -> None:
        """Raises with its last words when it has ended."""
        ...

    def last_words(self) -> str:
        """The end of its log, where it is at hand."""
        ...


@dataclass(frozen=True)
class Installation:
    """Where the agent's objects go, and with which settings.

    Attributes:
        kubeconfig: kubeconfig of the person, who may make them.
        context: context of it; its current one when None.
        settings: settings of the agent by name.
    """

    kubeconfig: Path
    context: str | None
    settings: Mapping[str, str]

    def apply(self, *, replicas: int) -> int:
        """The objects are in the cluster; how many they are. Idempotent."""
        from splitplane.agent.commands import agent_install

        done = agent_install(
            kubeconfig=self.kubeconfig,
            context=self.context,
            environment={},
            replicas=replicas,
            **self.settings,
        )
        return len(done)


class AgentProcess:
    """The agent's objects in the cluster without a pod, and `splitplane agent run` beside it."""

    way = "not run yet"

    def __init__(self, state: Path, installation: Installation, account: AgentAccount) -> None:
        """Knows the process of this state folder, and the account that it will run with."""
        self._installation = installation
        self._account = account
        self._process = ManagedProcess("agent", state)

    def start(self, guard: Guard) -> None:
        """It runs, and ends with this process even if this one is killed."""
        installed = self._installation.apply(replicas=0)
        self._account.start()
        command = [sys.executable, "-m", "splitplane.cli", "agent", "run"]
        settings = {**self._installation.settings, "kubeconfig": str(self._account.kubeconfig)}
        environment = {
            f"SPLITPLANE_AGENT_{name.upper()}": value for name, value in settings.items()
        }
        guard.add(self._process.start(command, environment=environment))
        self.way = (
            f"its {installed} objects by splitplane agent install, itself as a process beside the "
            "cluster with the rights of its service account"
        )

    def stop(self) -> None:
        """It has ended."""
        end(self._process)
        self._account.stop()

    def check_alive(self) -> None:
        """Raises ProcessFailed when it has ended."""
        self._process.check_alive()

    def last_words(self) -> str:
        """The end of its log."""
        return self._process.last_log_lines()


class InstalledAgent:
    """The agent as a Deployment of the cluster, by what `splitplane agent install` does."""

    way = "not run yet"

    def __init__(self, installation: Installation) -> None:
        """Knows where to install it."""
        self._installation = installation

    def start(self, guard: Guard) -> None:
        """Its objects are in the cluster."""
        installed = self._installation.apply(replicas=1)
        self.way = f"its {installed} objects by splitplane agent install, itself as a pod"

    def stop(self) -> None:
        """It stays, as everything in the cluster does; removing its namespace ends it."""

    def check_alive(self) -> None:
        """Whether it lives, the control plane says."""

    def last_words(self) -> str:
        """Where its log is."""
        return "see: kubectl -n splitplane-agent logs deployment/splitplane-agent"
