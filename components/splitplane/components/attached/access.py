"""An HTTP client of the API server that a kubeconfig names, with the rights of its user.

Knows certificates, tokens and exec plugins, as kubectl does; nothing of what is read through it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from splitplane.components.errors import ClusterUnreachable, WrongArgument

# The HTTP client and YAML take as long to import as a third of the SDK, and a program may never
# get as far as a cluster: they are imported where they are used.
if TYPE_CHECKING:
    import ssl

    import httpx

_TIMEOUT_SECONDS: Final = 30.0
_PLUGIN_SECONDS: Final = 60
"""Longest run of a sign-in program; a cloud's takes a second or two."""

Entry = Mapping[str, Any]  # Any: YAML


@dataclass(frozen=True)
class Access:
    """One context of a kubeconfig.

    Attributes:
        context: name of the context.
        cluster: its cluster entry.
        user: its user entry.
        folder: where relative file names in the kubeconfig start.
    """

    context: str
    cluster: Entry
    user: Entry
    folder: Path

    @property
    def server(self) -> str:
        """URL of the API server."""
        return str(self.cluster["server"])

    def open_client(self) -> httpx.Client:
        """A client with the user's rights; close it.

        Raises:
            ClusterUnreachable: the sign-in program of the context failed.
        """
        import httpx

        user = _with_plugin(self.user)
        headers = {"authorization": f"Bearer {token}"} if (token := self._token(user)) else {}
        host = httpx.URL(self.server).host
        return httpx.Client(
            base_url=self.server,
            verify=self._tls(user),
            headers=headers,
            timeout=_TIMEOUT_SECONDS,
            trust_env=host not in ("127.0.0.1", "::1", "localhost"),
        )

    def authority(self) -> str | None:
        """The certificates that the server's is checked against, PEM; the system's when None."""
        content = self._content(self.cluster, "certificate-authority")
        return content.decode() if content else None

    def _token(self, user: Entry) -> str | None:
        if token := user.get("token"):
            return str(token)
        if file := user.get("tokenFile"):
            return (self.folder / str(file)).read_text(encoding="utf-8").strip()
        return None

    def _tls(self, user: Entry) -> ssl.SSLContext:
        import ssl

        context = ssl.create_default_context(cadata=self.authority())
        if self.cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        certificate = self._content(user, "client-certificate")
        key = self._content(user, "client-key")
        if certificate and key:
            # ssl reads key pairs from files only; the folder is 0700.
            with tempfile.TemporaryDirectory() as folder:
                pair = Path(folder) / "crt", Path(folder) / "key"
                for path, content in zip(pair, (certificate, key), strict=True):
                    path.write_bytes(content)
                context.load_cert_chain(*pair)
        return context

    def _content(self, entry: Entry, name: str) -> bytes | None:
        if data := entry.get(f"{name}-data"):
            return base64.b64decode(str(data))
        if file := entry.get(name):
            return (self.folder / str(file)).read_bytes()
        return None


def read_kubeconfig(text: str, context: str | None = None, folder: Path | None = None) -> Access:
    """The access that the kubeconfig's text gives by the context, by its current one when None.

    Raises:
        WrongArgument: the text is not a kubeconfig, or has no such context.
    """
    import yaml

    try:
        data = yaml.safe_load(text)
        names = {
            section: {item["name"]: item[key] for item in data.get(section) or []}
            for section, key in (
                ("contexts", "context"),
                ("clusters", "cluster"),
                ("users", "user"),
            )
        }
        chosen = context or data.get("current-context") or ""
    except (yaml.YAMLError, AttributeError, TypeError, KeyError) as exc:
        # Without the text: it may hold keys.
        raise WrongArgument(
            "kubeconfig is not the text of a kubeconfig: pass the content of the file, "
            "such as Path('~/.kube/config').expanduser().read_text()"
        ) from exc
    if chosen not in names["contexts"]:
        known = ", ".join(map(repr, names["contexts"])) or "none"
        raise WrongArgument(f"context {chosen!r} is not in the kubeconfig, which has {known}")
    entry = names["contexts"][chosen]
    cluster = names["clusters"].get(entry.get("cluster"))
    if not cluster or not cluster.get("server"):
        raise WrongArgument(
            f"context {chosen!r} names cluster {entry.get('cluster')!r}, "
            "which has no server in the kubeconfig"
        )
    user = names["users"].get(entry.get("user")) or {}
    return Access(chosen, cluster, user, folder or Path.cwd())


def _with_plugin(user: Entry) -> Entry:
    """The user with the credential that its sign-in program gives, if it has one."""
    plugin = user.get("exec")
    if not plugin:
        return user
    environment = dict(os.environ)
    environment |= {item["name"]: item["value"] for item in plugin.get("env") or []}
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(
        {
            "apiVersion": plugin.get("apiVersion", "client.authentication.k8s.io/v1"),
            "kind": "ExecCredential",
            "spec": {"interactive": False},
        }
    )
    command = [str(plugin["command"]), *map(str, plugin.get("args") or [])]
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PLUGIN_SECONDS,
            check=True,
        )
        status = json.loads(done.stdout)["status"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as exc:
        stderr = str(getattr(exc, "stderr", "") or "")
        raise ClusterUnreachable(
            f"sign-in program {command[0]!r} of the kubeconfig failed: "
            f"{stderr.strip()[:256] or exc}"
        ) from exc
    found = {"token": status.get("token")}
    for name, key in (
        ("client-certificate-data", "clientCertificateData"),
        ("client-key-data", "clientKeyData"),
    ):
        if status.get(key):
            found[name] = base64.b64encode(str(status[key]).encode()).decode()
    return found
