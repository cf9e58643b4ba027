"""Command lines and configuration files of the cluster's five programs. Pure: nothing is started.

Every flag that is not obvious says why it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from splitplane.stacks.local_cluster.certificates import KeyPair
from splitplane.stacks.local_cluster.ports import Ports

ISSUER = "https://kubernetes.default.svc.cluster.local"
"""Issuer of service-account tokens: what kubeadm clusters use; independent of the port."""

CONTROL_PLANE = ("etcd", "kube-apiserver")
CONTROLLERS = ("kube-controller-manager", "kube-scheduler", "kwok")
PROGRAMS = (*CONTROL_PLANE, *CONTROLLERS)
"""In the order in which they are started; stopped in reverse."""

_SERVICE_RANGE = "10.96.0.0/16"
_QPS, _BURST = 200, 400  # the defaults (20/30, 50/100) are for shared servers; here they only delay


@dataclass(frozen=True, kw_only=True)
class Files:
    """The files that the command lines point to."""

    directory: Path
    authority: KeyPair
    apiserver: KeyPair
    etcd: KeyPair
    etcd_client: KeyPair
    service_account_key: Path
    kubeconfigs: dict[str, Path]
    """Program → its own kubeconfig, for the three CONTROLLERS."""


def etcd_arguments(files: Files, ports: Ports) -> list[str]:
    """Return etcd's flags: one member, mutual TLS, since any local user can reach loopback."""
    client, peer = f"https://127.0.0.1:{ports.etcd}", f"https://127.0.0.1:{ports.etcd_peer}"
    arguments: dict[str, str | int | bool] = {
        "name": "local",
        "data-dir": str(files.directory / "etcd"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"local={peer}",
        "unsafe-no-fsync": True,  # a local cluster may lose its last second in a power cut
        "log-level": "warn",
    }
    for prefix in ("", "peer-"):
        arguments |= {
            f"{prefix}cert-file": str(files.etcd.certificate),
            f"{prefix}key-file": str(files.etcd.key),
            f"{prefix}trusted-ca-file": str(files.authority.certificate),
            f"{prefix}client-cert-auth": True,
        }
    return _flags(arguments)


def apiserver_arguments(files: Files, ports: Ports) -> list[str]:
    """Return the API server's flags and write its authentication file."""
    authentication = files.directory / "authentication.yaml"
    authentication.write_text(yaml.safe_dump(_AUTHENTICATION), encoding="utf-8")
    return _flags(
        {
            "etcd-servers": f"https://127.0.0.1:{ports.etcd}",
            "etcd-cafile": str(files.authority.certificate),
            "etcd-certfile": str(files.etcd_client.certificate),
            "etcd-keyfile": str(files.etcd_client.key),
            "bind-address": "127.0.0.1",
            # Without it the server looks for a default route and fails where there is none.
            "advertise-address": "127.0.0.1",
            "secure-port": ports.apiserver,
            # The Service `kubernetes` refuses loopback endpoints; nothing in here would use them.
            "endpoint-reconciler-type": "none",
            "service-cluster-ip-range": _SERVICE_RANGE,
            "client-ca-file": str(files.authority.certificate),
            "tls-cert-file": str(files.apiserver.certificate),
            "tls-private-key-file": str(files.apiserver.key),
            "authorization-mode": "Node,RBAC",
            "authentication-config": str(authentication),
            "enable-admission-plugins": "NodeRestriction",
            "service-account-issuer": ISSUER,
            "service-account-signing-key-file": str(files.service_account_key),
            "service-account-key-file": str(files.service_account_key),
            "allow-privileged": True,
            "profiling": False,
        }
    )


def controller_manager_arguments(files: Files, ports: Ports) -> list[str]:
    """Return the controller manager's flags: every default controller, each with its own rights."""
    del ports
    return _flags(
        {
            "kubeconfig": str(files.kubeconfigs["kube-controller-manager"]),
            "use-service-account-credentials": True,
            "service-account-private-key-file": str(files.service_account_key),
            "root-ca-file": str(files.authority.certificate),
            "cluster-signing-cert-file": str(files.authority.certificate),
            "cluster-signing-key-file": str(files.authority.key),
            "leader-elect": False,
            "secure-port": 0,  # nobody reads its metrics
            "kube-api-qps": _QPS,
            "kube-api-burst": _BURST,
        }
    )


def scheduler_arguments(files: Files, ports: Ports) -> list[str]:
    """Return the scheduler's flags and write its configuration file."""
    del ports
    configuration = files.directory / "scheduler.yaml"
    document = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "leaderElection": {"leaderElect": False},
        "clientConnection": {
            "kubeconfig": str(files.kubeconfigs["kube-scheduler"]),
            "qps": _QPS,
            "burst": _BURST,
        },
        "enableProfiling": False,
    }
    configuration.write_text(yaml.safe_dump(document), encoding="utf-8")
    return _flags({"config": str(configuration), "secure-port": 0})


def kwok_arguments(files: Files, ports: Ports) -> list[str]:
    """Return kwok's flags: it plays the kubelet of every node."""
    del ports
    # An own, empty configuration: the default is the user's ~/.kwok/kwok.yaml.
    configuration = files.directory / "kwok.yaml"
    document = {"apiVersion": "config.kwok.x-k8s.io/v1alpha1", "kind": "KwokConfiguration"}
    configuration.write_text(yaml.safe_dump(document), encoding="utf-8")
    return _flags(
        {
            "kubeconfig": str(files.kubeconfigs["kwok"]),
            "config": str(configuration),
            "manage-all-nodes": True,
            "node-lease-duration-seconds": 40,  # as the kubelet's
        }
    )


ARGUMENTS = {
    "etcd": etcd_arguments,
    "kube-apiserver": apiserver_arguments,
    "kube-controller-manager": controller_manager_arguments,
    "kube-scheduler": scheduler_arguments,
    "kwok": kwok_arguments,
}
"""Program → the function that returns its flags."""

_AUTHENTICATION = {
    "apiVersion": "apiserver.config.k8s.io/v1",
    "kind": "AuthenticationConfiguration",
    "anonymous": {
        "enabled": True,
        "conditions": [{"path": "/livez"}, {"path": "/readyz"}, {"path": "/healthz"}],
    },
}


def _flags(values: dict[str, str | int | bool]) -> list[str]:
    return [
        f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in values.items()
    ]
