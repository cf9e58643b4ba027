"""A kubeconfig, as text or as a file, and the cluster and user that it makes active."""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from k8s_plugin.exec_user import standing_for
from splitplane.provider.errors import BadInput

_USER_KEYS = {
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "token",
    "tokenFile",
}


@dataclass(frozen=True)
class Connection:
    """The active cluster and how to reach it."""

    server: str
    authority: str | None
    """PEM of the certificates to trust; the system's when None."""
    proxy_url: str | None
    namespace: str
    certificate: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def identity(self) -> tuple[str, str | None, str | None]:
        """What makes it the same cluster: server, certificates, proxy."""
        return self.server, self.authority, self.proxy_url

    def ssl_context(self) -> ssl.SSLContext:
        """Verifies the server and shows the client's certificate."""
        context = ssl.create_default_context(cadata=self.authority)
        if self.certificate and self.key:
            with tempfile.TemporaryDirectory() as folder:
                certificate, key = Path(folder, "crt"), Path(folder, "key")
                for path, text in ((certificate, self.certificate), (key, self.key)):
                    path.touch(mode=0o600)
                    path.write_text(text)
                context.load_cert_chain(certificate, key)
        return context


def connect(kubeconfig: str | None, context: str | None, cluster: str | None) -> Connection:
    """The active connection; a kubeconfig is a path, its content, or the environment's.

    Raises:
        BadInput: it cannot be read, or names no such context, cluster or user.
    """
    document, folder = _load(kubeconfig)
    context_name = context or document.get("current-context")
    chosen = _named(document, "contexts", "context", context_name) if context_name else {}
    cluster_name = cluster or chosen.get("cluster")
    if not cluster_name:
        raise BadInput("kubeconfig has no current context: set context or cluster")
    target = _named(document, "clusters", "cluster", cluster_name)
    user = _named(document, "users", "user", chosen["user"]) if chosen.get("user") else {}
    if "exec" in user:
        return connect(standing_for(str(target["server"]), user["exec"]), None, None)
    unknown = sorted(set(user) - _USER_KEYS)
    if unknown:
        raise BadInput(f"kubeconfig user has {unknown[0]!r}, which this stand-in does not do")
    token_file = user.get("tokenFile")
    return Connection(
        server=str(target["server"]).rstrip("/"),
        authority=_text(target, "certificate-authority", folder),
        proxy_url=target.get("proxy-url"),
        namespace=chosen.get("namespace") or "default",
        certificate=_text(user, "client-certificate", folder),
        key=_text(user, "client-key", folder),
        token=user.get("token") or (Path(folder, token_file).read_text() if token_file else None),
    )


def _load(kubeconfig: str | None) -> tuple[dict[str, Any], Path]:
    text = kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    folder = Path.cwd()
    try:
        if "\n" not in text and not text.lstrip().startswith("{"):
            folder = Path(text).parent
            text = Path(text).read_text()
        document = yaml.safe_load(text)
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"kubeconfig cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise BadInput("kubeconfig is not a mapping")
    return document, folder


def _named(document: dict[str, Any], plural: str, singular: str, name: str) -> dict[str, Any]:
    for item in document.get(plural) or []:
        if item.get("name") == name:
            found: dict[str, Any] = item[singular]
            return found
    raise BadInput(f"kubeconfig has no {singular} {name!r}")


def _text(mapping: dict[str, Any], key: str, folder: Path) -> str | None:
    data = mapping.get(f"{key}-data")
    if data:
        return base64.b64decode(data).decode()
    path = mapping.get(key)
    return Path(folder, path).read_text() if path else None
