"""`splitplane local up|down|status|kubeconfig` as plain functions for the command line."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from rich.console import Console

from splitplane.stacks.interrupt import sleep_until_interrupted
from splitplane.stacks.local_cluster.cluster import LocalCluster
from splitplane.stacks.local_cluster.errors import ClusterStopped

STATUS_RUNNING = 0
STATUS_STOPPED = 3
"""Nothing runs: as `systemctl status` answers for an inactive service."""
STATUS_PARTIAL = 1
"""Some of the programs have ended: `splitplane local up` starts all of them anew."""


def default_directory() -> Path:
    """Return where the local cluster lives when no directory is named.

    splitplane/local under XDG_STATE_HOME or ~/.local/state.
    """
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "splitplane" / "local"


def local_up(directory: Path | None = None, *, detached: bool = True) -> None:
    """A local cluster runs and the terminal says how to reach it; nothing happens if one runs.

    Detached (the default) it stays until `local_down`; else the call blocks until Ctrl-C and stops
    the cluster then.

    Raises:
        ProcessFailed, ToolError: as `LocalCluster.start`.
    """
    console = Console(stderr=True)
    directory = directory or default_directory()
    try:
        running = LocalCluster.attach(directory)
    except ClusterStopped:
        pass
    else:
        _print_access(console, running, "already runs")
        return
    started = time.monotonic()
    with console.status("starting etcd, API server, controllers, scheduler and kwok"):
        cluster = LocalCluster.start(directory, detached=detached)
    _print_access(console, cluster, f"ready in {time.monotonic() - started:.1f} s")
    if not detached:
        with cluster:
            _wait_for_interrupt(console)


def local_down(directory: Path | None = None) -> None:
    """No process of the local cluster is left; its objects stay for the next `local_up`."""
    console = Console(stderr=True)
    directory = directory or default_directory()
    LocalCluster.load(directory).stop()
    console.print(f"the local cluster in {directory} is stopped; its objects are kept there")


def local_status(directory: Path | None = None) -> int:
    """Print each program and whether it runs; return one of the STATUS_ numbers."""
    console = Console()
    cluster = LocalCluster.load(directory or default_directory())
    identifiers = cluster.process_ids()
    for name in cluster.running():
        state = f"running, process {identifiers[name]}" if name in identifiers else "stopped"
        console.print(f"{name:<25}{state}", highlight=False)
    if cluster.is_running():
        console.print(f"{'API server':<25}{cluster.server}", highlight=False)
        console.print(f"{'kubeconfig':<25}{cluster.kubeconfig}", highlight=False, soft_wrap=True)
        return STATUS_RUNNING
    return STATUS_PARTIAL if identifiers else STATUS_STOPPED


def local_kubeconfig(directory: Path | None = None) -> str:
    """Return the path of the kubeconfig, for `export KUBECONFIG=$(splitplane local kubeconfig)`.

    Raises:
        ClusterStopped: nothing runs in the directory.
    """
    return str(LocalCluster.attach(directory or default_directory()).kubeconfig)


def _print_access(console: Console, cluster: LocalCluster, state: str) -> None:
    console.print(f"local cluster {state}: {cluster.server}", highlight=False)
    console.print(f"export KUBECONFIG={cluster.kubeconfig}", highlight=False, soft_wrap=True)


def _wait_for_interrupt(console: Console) -> None:
    console.print("Ctrl-C stops it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same clean end as Ctrl-C
    try:
        sleep_until_interrupted()
    except KeyboardInterrupt:
        console.print("stopping")
