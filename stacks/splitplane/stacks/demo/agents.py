"""The two ways in which the demo's agent runs: as a process here, or as a pod of the cluster."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

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


class AgentProcess:
    """`splitplane agent run` as a process beside the cluster."""

    way = "runs as a process beside the cluster (splitplane agent run)"

    def __init__(self, state: Path, settings: Mapping[str, str]) -> None:
        """Knows the process of this state folder; `settings` are those of the agent by name."""
        self._settings = settings
        self._process = ManagedProcess("agent", state)

    def start(self, guard: Guard) -> None:
        """It runs, and ends with this process even if this one is killed."""
        command = [sys.executable, "-m", "splitplane.cli", "agent", "run"]
        environment = {
            f"SPLITPLANE_AGENT_{name.upper()}": value for name, value in self._settings.items()
        }
        guard.add(self._process.start(command, environment=environment))

    def stop(self) -> None:
        """It has ended."""
        end(self._process)

    def check_alive(self) -> None:
        """Raises ProcessFailed when it has ended."""
        self._process.check_alive()

    def last_words(self) -> str:
        """The end of its log."""
        return self._process.last_log_lines()


class InstalledAgent:
    """The agent as a Deployment of the cluster, by what `splitplane agent install` does."""

    way = "installed in the cluster (splitplane agent install)"

    def __init__(self, kubeconfig: Path, context: str | None, settings: Mapping[str, str]) -> None:
        """Knows where to install it; `settings` are those of the agent by name."""
        self._kubeconfig = kubeconfig
        self._context = context
        self._settings = settings

    def start(self, guard: Guard) -> None:
        """Its objects are in the cluster."""
        from splitplane.agent.commands import agent_install

        agent_install(
            kubeconfig=self._kubeconfig, context=self._context, environment={}, **self._settings
        )

    def stop(self) -> None:
        """It stays, as everything in the cluster does; removing its namespace ends it."""

    def check_alive(self) -> None:
        """Whether it lives, the control plane says."""

    def last_words(self) -> str:
        """Where its log is."""
        return "see: kubectl -n splitplane-agent logs deployment/splitplane-agent"
