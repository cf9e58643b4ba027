"""Kubeconfigs whose user signs in by a command, as those of clouds do.

No cloud answers here, so the environment names the cluster that stands for it; the kubeconfig is
still held against what the official plugin would need of it.
"""

from __future__ import annotations

import os
from typing import Any

from splitplane.provider.errors import BadInput

VARIABLE = "SPLITPLANE_STANDIN_KUBECONFIG"
"""File of the kubeconfig of the cluster that stands for the clouds'."""
_KEYS = {
    "apiVersion",
    "args",
    "command",
    "env",
    "installHint",
    "interactiveMode",
    "provideClusterInfo",
}
_VERSIONS = {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}
_MODES = {"Never", "IfAvailable", "Always"}


def standing_for(server: str, plugin: dict[str, Any]) -> str:
    """The file that stands for a cluster whose user signs in by this command.

    Raises:
        BadInput: the stanza is wrong, or nothing stands for clouds here.
    """
    unknown = sorted(set(plugin) - _KEYS)
    if unknown:
        raise BadInput(f"kubeconfig user: exec has unknown field {unknown[0]!r}")
    if plugin.get("apiVersion") not in _VERSIONS:
        raise BadInput(f"kubeconfig user: exec.apiVersion {plugin.get('apiVersion')!r} is unknown")
    if plugin.get("interactiveMode") not in _MODES:
        raise BadInput("kubeconfig user: exec.interactiveMode is Never, IfAvailable or Always")
    arguments = plugin.get("args") or []
    if not plugin.get("command") or not all(isinstance(item, str) for item in arguments):
        raise BadInput("kubeconfig user: exec needs a command and arguments that are text")
    if not server.startswith("https://"):
        raise BadInput(f"kubeconfig cluster: server {server!r} is not https")
    file = os.environ.get(VARIABLE)
    if not file:
        raise BadInput(f"kubeconfig user has 'exec', but {VARIABLE} names no cluster to stand in")
    return file
