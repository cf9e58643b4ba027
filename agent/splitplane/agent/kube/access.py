"""How to reach a Kubernetes API: read from a kubeconfig, or from inside a pod.

Client certificates and tokens are understood. Sign-in programs (`exec`) only where the caller runs
them (people.py): inside a cluster the agent has its service account, and an administrator's program
has no place in its image.
"""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from splitplane.agent.errors import UserError

SERVICE_ACCOUNT_DIRECTORY: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True)
class ClusterAccess:
    """Address and credentials of one Kubernetes API.

    Attributes:
        server: base URL without a trailing slash.
        tls: context with the cluster's authority and any client certificate; None for http.
        token: bearer token that does not change, or None.
        token_path: file with the current bearer token (the kubelet rotates it), or None.
    """

    server: str
    tls: ssl.SSLContext | None = None
    token: str | None = None
    token_path: Path | None = None

    def bearer(self) -> str | None:
        """The bearer token to send now, or None when the client certificate is the identity."""
        if self.token_path is not None:
            return self.token_path.read_text(encoding="utf-8").strip()
        return self.token


SignIn = Callable[[Mapping[str, Any]], Mapping[str, Any]]  # Any: YAML
"""Runs the sign-in program of a user entry's `exec`; gives the entry to use in its place."""


def load_access(
    kubeconfig: Path | None, context: str | None, *, sign_in: SignIn | None = None
) -> ClusterAccess:
    """The access that `kubeconfig` and `context` describe; the pod's own when `kubeconfig` is None.

    Args:
        kubeconfig: file to read.
        context: context in it; its current one when None.
        sign_in: runs sign-in programs; they are not supported when None.

    Raises:
        UserError: the file, the context or a field of it is missing or not supported.
    """
    if kubeconfig is None:
        return in_cluster_access(os.environ, SERVICE_ACCOUNT_DIRECTORY)
    try:
        document = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"kubeconfig {str(kubeconfig)!r} cannot be read: {error.strerror}"
        ) from error
    except yaml.YAMLError as error:
        raise UserError(f"kubeconfig {str(kubeconfig)!r} is not YAML") from error
    if not isinstance(document, dict):
        raise UserError(f"kubeconfig {str(kubeconfig)!r} is not a mapping")
    return access_from_kubeconfig(document, context, base=kubeconfig.parent, sign_in=sign_in)


def in_cluster_access(environment: Mapping[str, str], directory: Path) -> ClusterAccess:
    """The access of the pod that this process runs in.

    Raises:
        UserError: this is no pod, or its service account token is not mounted.
    """
    host = environment.get("KUBERNETES_SERVICE_HOST")
    port = environment.get("KUBERNETES_SERVICE_PORT", "443")
    token_path = directory / "token"
    if not host or not token_path.exists():
        raise UserError(
            "no kubeconfig was given and this process does not run in a pod with a service "
            "account; give --kubeconfig or set SPLITPLANE_AGENT_KUBECONFIG"
        )
    address = f"[{host}]" if ":" in host else host
    tls = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    return ClusterAccess(server=f"https://{address}:{port}", tls=tls, token_path=token_path)


def access_from_kubeconfig(
    document: Mapping[str, Any],  # Any: YAML
    context: str | None,
    *,
    base: Path,
    sign_in: SignIn | None = None,
) -> ClusterAccess:
    """The access of one context of a parsed kubeconfig; file names in it are relative to `base`.

    Raises:
        UserError: a context, cluster or user is missing, or asks for something not supported.
    """
    name = context or document.get("current-context")
    if not name:
        raise UserError("kubeconfig has no current-context; name one of its contexts")
    chosen = _entry(document, "contexts", "context", str(name))
    cluster = _entry(document, "clusters", "cluster", str(chosen.get("cluster")))
    user = _entry(document, "users", "user", str(chosen.get("user")))
    server = str(cluster.get("server", "")).rstrip("/")
    if urlsplit(server).scheme not in ("https", "http"):
        raise UserError(f"server {server!r} of context {name!r} is not an http or https URL")
    if sign_in is not None and user.get("exec"):
        user = sign_in(user["exec"])
    for unsupported in ("exec", "auth-provider"):
        if unsupported in user:
            raise UserError(
                f"user {chosen.get('user')!r} of the kubeconfig signs in by {unsupported!r}, which "
                "the agent does not run; use a context with a client certificate or a token"
            )
    token_file = user.get("tokenFile")
    return ClusterAccess(
        server=server,
        tls=_tls(cluster, user, base) if server.startswith("https") else None,
        token=user.get("token"),
        token_path=base / token_file if token_file else None,
    )


def _entry(document: Mapping[str, Any], listing: str, key: str, name: str) -> Mapping[str, Any]:
    entries = document.get(listing) or []
    for entry in entries:
        if entry.get("name") == name:
            return entry.get(key) or {}
    known = ", ".join(sorted(repr(entry.get("name")) for entry in entries)) or "none"
    raise UserError(f"kubeconfig has no {key} {name!r}; it has {known}")


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], base: Path) -> ssl.SSLContext:
    if cluster.get("insecure-skip-tls-verify"):
        raise UserError(
            "the kubeconfig's cluster sets insecure-skip-tls-verify; give "
            "certificate-authority-data, the agent always verifies"
        )
    authority = _content(cluster, "certificate-authority", base)
    context = ssl.create_default_context(cadata=authority.decode("ascii") if authority else None)
    certificate = _content(user, "client-certificate", base)
    key = _content(user, "client-key", base)
    if certificate is not None and key is not None:
        _load_client_certificate(context, certificate, key)
    return context


def _content(mapping: Mapping[str, Any], field: str, base: Path) -> bytes | None:
    data = mapping.get(f"{field}-data")
    if data:
        try:
            return base64.b64decode(str(data), validate=True)
        except ValueError as error:
            raise UserError(f"{field}-data of the kubeconfig is not base64") from error
    path = mapping.get(field)
    if not path:
        return None
    try:
        return Path(base / str(path)).read_bytes()
    except OSError as error:
        raise UserError(
            f"{field} {path!r} of the kubeconfig cannot be read: {error.strerror}"
        ) from error


def _load_client_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # The ssl module reads the pair from a file only; the file is private and gone at once.
    with tempfile.NamedTemporaryFile(prefix="splitplane-", suffix=".pem") as pair:
        pair.write(certificate + b"\n" + key)
        pair.flush()
        try:
            context.load_cert_chain(pair.name)
        except ssl.SSLError as error:
            raise UserError("client certificate and key of the kubeconfig do not load") from error
