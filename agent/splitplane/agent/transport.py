"""TLS and addresses of the way to the hub, shared by enrolment and the control socket."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from splitplane.agent.errors import UserError
from splitplane.contract.frames import CONNECT_PATH


def client_tls(hub_url: str, ca_bundle: Path | None) -> ssl.SSLContext | None:
    """A context that verifies the hub; None for plain http.

    Raises:
        UserError: the CA bundle cannot be read.
    """
    if urlsplit(hub_url).scheme != "https":
        return None
    try:
        return ssl.create_default_context(cafile=str(ca_bundle) if ca_bundle else None)
    except OSError as error:
        raise UserError(f"ca_bundle {str(ca_bundle)!r} cannot be read: {error}") from error


def socket_url(hub_url: str) -> str:
    """The WebSocket URL of the control socket."""
    return "ws" + hub_url.removeprefix("http") + CONNECT_PATH


def audience_of(hub_url: str) -> str:
    """Host and port as dialled, with the scheme's port when the URL names none."""
    parts = urlsplit(hub_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname}:{port}"
