"""A real Kubernetes on loopback: etcd, API server, controllers, scheduler, and kwok as kubelets.

Only wires: certificates, command lines, processes and probes live in their own files.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from splitplane.stacks.local_cluster import api, nodes, programs
from splitplane.stacks.local_cluster.certificates import (
    APISERVER_ADDRESSES,
    APISERVER_NAMES,
    Authority,
    KeyPair,
)
from splitplane.stacks.local_cluster.errors import ClusterRunning, ClusterStopped
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.kubeconfig import CONTEXT, write_kubeconfig
from splitplane.stacks.local_cluster.ports import Ports, is_listening
from splitplane.stacks.local_cluster.process import ManagedProcess
from splitplane.stacks.tools import resolve

_READY_SECONDS = 60.0
"""Longest wait for one step; 2.5 s is normal, ten times that on a loaded machine."""
_PORTS_FILE = "ports.json"


class LocalCluster:
    """A cluster in one directory. Made by `start`, `attach` or `load`.

    Objects outlive `stop`: the next `start` in the directory finds them, with the same authority
    and, while they are free, the same ports. Also a context manager, which stops at its end.
    """

    context = CONTEXT
    """Name of the kubeconfig's context."""

    def __init__(self, directory: Path, ports: Ports) -> None:
        """Know the cluster of this directory; nothing is started."""
        self.directory = directory
        self.ports = ports
        self._processes = {name: ManagedProcess(name, directory) for name in programs.PROGRAMS}
        self._guard: Guard | None = None
        self._is_ephemeral = False

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        ports: Ports | None = None,
        detached: bool = False,
        ephemeral: bool = False,
    ) -> Self:
        """Return a cluster that is ready: API served, controllers on, both nodes schedulable.

        Takes about 4 s with the binaries in the cache; else they are fetched or built first.
        Whatever an earlier run left running in the directory is stopped first.

        Args:
            directory: holds keys, etcd's data, logs and the kubeconfig; made (0700) if missing.
            ports: loopback ports; None takes those of the last run, or free ones.
            detached: the cluster outlives this process; else it ends with it, even by kill -9.
            ephemeral: `stop` (and the death of this process) deletes the directory too.

        Raises:
            ClusterRunning: a complete cluster already runs in the directory.
            ProcessFailed: a program did not start; the message has its last log lines.
            ToolError: a binary cannot be had.
        """
        binaries = {name: resolve(name) for name in programs.PROGRAMS}
        directory = directory.resolve()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _directory_lock(directory):
            cluster = cls(directory, _choose_ports(directory, ports))
            if cluster.is_running():
                raise ClusterRunning(
                    f"a cluster already runs in {str(directory)!r}; attach to it or stop it first"
                )
            cluster._stop_processes(graceful=True)
            if ports is None and not cluster.ports.are_free():
                cluster.ports = Ports.choose()
            cluster._is_ephemeral = ephemeral
            if not detached:
                cluster._guard = Guard(remove_directory=directory if ephemeral else None)
            try:
                cluster._start(binaries)
            except BaseException:  # Ctrl-C included: nothing half-started may stay
                cluster.stop()
                raise
        return cluster

    @classmethod
    def ephemeral(cls) -> Self:
        """Return a started cluster in a temporary directory that `stop` deletes."""
        directory = Path(tempfile.mkdtemp(prefix="splitplane-cluster-"))
        return cls.start(directory, ephemeral=True)

    @classmethod
    def attach(cls, directory: Path) -> Self:
        """Return the cluster that another run started in this directory.

        Raises:
            ClusterStopped: none runs there.
        """
        cluster = cls.load(directory)
        if not cluster.is_running():
            raise ClusterStopped(
                f"no cluster runs in {str(directory)!r}; start one by `splitplane local up`"
            )
        return cluster

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Return the cluster of this directory, whether it runs, ran once or never did."""
        directory = directory.resolve()
        return cls(directory, _choose_ports(directory, None))

    @property
    def kubeconfig(self) -> Path:
        """Self-contained kubeconfig of a cluster administrator."""
        return self.directory / "kubeconfig"

    @property
    def server(self) -> str:
        """URL of the API server."""
        return f"https://127.0.0.1:{self.ports.apiserver}"

    @property
    def authority_certificate(self) -> Path:
        """Certificate file of the authority that signed the API server's certificate."""
        return self.directory / "pki" / "ca.crt"

    def open_client(self) -> httpx.Client:
        """Return an HTTP client of the API server with an administrator's rights; close it."""
        pki = self.directory / "pki"
        return api.open_client(
            self.server,
            authority=KeyPair(pki / "ca.crt", pki / "ca.key"),
            client=KeyPair(pki / "admin.crt", pki / "admin.key"),
        )

    def is_running(self) -> bool:
        """Whether every process of the cluster is alive."""
        return all(process.is_running() for process in self._processes.values())

    def running(self) -> dict[str, bool]:
        """Return for each program whether it is alive, in start order."""
        return {name: process.is_running() for name, process in self._processes.items()}

    def process_ids(self) -> dict[str, int]:
        """Return the process id of each program that is alive."""
        return {
            name: process.identity.pid
            for name, process in self._processes.items()
            if process.is_running() and process.identity is not None
        }

    def stop(self) -> None:
        """End every process in reverse start order; an ephemeral directory is gone afterwards.

        Idempotent. Objects stay in the directory unless it is ephemeral.
        """
        self._stop_processes(graceful=not self._is_ephemeral)
        if self._is_ephemeral:
            shutil.rmtree(self.directory, ignore_errors=True)
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def kill_apiserver(self) -> None:
        """End the API server by SIGKILL, as a crash would; everything else goes on."""
        self._stop_one("kube-apiserver", graceful=False)

    def restart_apiserver(self) -> None:
        """Have a new API server ready on the same port and data; the old one ends first if it runs.

        Raises:
            ProcessFailed: it did not get ready; the message has its last log lines.
        """
        self._stop_one("kube-apiserver", graceful=True)
        self._launch("kube-apiserver", resolve("kube-apiserver"), self._write_files())
        with self.open_client() as client:
            self._wait_for_apiserver(client)

    def __enter__(self) -> Self:
        """Return the cluster itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the cluster."""
        self.stop()

    def _start(self, binaries: dict[str, Path]) -> None:
        (self.directory / _PORTS_FILE).write_text(json.dumps(asdict(self.ports)), encoding="utf-8")
        files = self._write_files()
        # The API server waits for etcd by itself, but looks only once a second.
        self._launch("etcd", binaries["etcd"], files)
        api.wait_until(
            lambda: is_listening(self.ports.etcd),
            what="etcd's listening on its port",
            seconds=_READY_SECONDS,
            check=self._processes["etcd"].check_alive,
        )
        self._launch("kube-apiserver", binaries["kube-apiserver"], files)
        with self.open_client() as client:
            self._wait_for_apiserver(client)
            api.forget_node_leases(client)
            # Not earlier: against a server that is not ready they back off for seconds.
            for name in programs.CONTROLLERS:
                self._launch(name, binaries[name], files)
            manifests = nodes.node_manifests()
            for manifest in manifests:
                api.apply_node(client, manifest)
            names = {manifest["metadata"]["name"] for manifest in manifests}
            api.wait_until(
                lambda: (
                    api.are_nodes_ready(client, names) and api.has_default_service_account(client)
                ),
                what="the readiness of the nodes and of the default service account",
                seconds=_READY_SECONDS,
                check=self._check_all_alive,
            )

    def _write_files(self) -> programs.Files:
        authority = Authority(self.directory / "pki")
        admin = authority.issue(
            "admin", common_name="splitplane-local-admin", organization="system:masters"
        )
        write_kubeconfig(
            self.kubeconfig, server=self.server, authority=authority.pair.certificate, client=admin
        )
        return programs.Files(
            directory=self.directory,
            authority=authority.pair,
            apiserver=authority.issue(
                "apiserver",
                common_name="kube-apiserver",
                names=APISERVER_NAMES,
                addresses=APISERVER_ADDRESSES,
            ),
            etcd=authority.issue("etcd", common_name="etcd", addresses=("127.0.0.1",)),
            etcd_client=authority.issue("etcd-client", common_name="kube-apiserver"),
            service_account_key=authority.service_account_key(),
            kubeconfigs={
                name: write_kubeconfig(
                    self.directory / f"{name}.kubeconfig",
                    server=self.server,
                    authority=authority.pair.certificate,
                    client=authority.issue(name, common_name=user, organization=group),
                )
                for name, (user, group) in _CONTROLLER_IDENTITIES.items()
            },
        )

    def _launch(self, name: str, binary: Path, files: programs.Files) -> None:
        arguments = programs.ARGUMENTS[name](files, self.ports)
        identity = self._processes[name].start([str(binary), *arguments])
        if self._guard is not None:
            self._guard.add(identity)

    def _wait_for_apiserver(self, client: httpx.Client) -> None:
        api.wait_until(
            lambda: api.is_ready(client),
            what="the API server's readiness",
            seconds=_READY_SECONDS,
            check=self._check_control_plane_alive,
        )

    def _check_control_plane_alive(self) -> None:
        for name in programs.CONTROL_PLANE:
            self._processes[name].check_alive()

    def _check_all_alive(self) -> None:
        for process in self._processes.values():
            process.check_alive()

    def _stop_one(self, name: str, *, graceful: bool) -> None:
        process = self._processes[name]
        identity = process.identity
        process.stop(graceful=graceful)
        if self._guard is not None and identity is not None:
            self._guard.remove(identity)

    def _stop_processes(self, *, graceful: bool) -> None:
        for name in reversed(programs.PROGRAMS):
            self._stop_one(name, graceful=graceful)


_CONTROLLER_IDENTITIES: dict[str, tuple[str, str | None]] = {
    "kube-controller-manager": ("system:kube-controller-manager", None),
    "kube-scheduler": ("system:kube-scheduler", None),
    # It plays every kubelet at once, which no built-in role allows.
    "kwok": ("kwok-controller", "system:masters"),
}
"""Program → (user, group); RBAC's built-in bindings know the first two users."""


@contextmanager
def _directory_lock(directory: Path) -> Generator[None]:
    with (directory / ".lock").open("w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ClusterRunning(
                f"another run is starting a cluster in {str(directory)!r}; wait for it"
            ) from exc
        yield


def _choose_ports(directory: Path, ports: Ports | None) -> Ports:
    return ports or _recorded_ports(directory) or Ports.choose()


def _recorded_ports(directory: Path) -> Ports | None:
    try:
        return Ports(**json.loads((directory / _PORTS_FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
