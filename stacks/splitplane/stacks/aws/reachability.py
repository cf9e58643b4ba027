"""Whether a host answers on a port, and why not."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 5.0
"""A host that takes longer to accept is behind a firewall that drops."""

Connect = Callable[[str, int], str | None]


def connect(host: str, port: int) -> str | None:
    """Why a TCP connection cannot be made, None when it can; nothing is sent."""
    try:
        with socket.create_connection((host, port), _SECONDS):
            return None
    except TimeoutError:
        return f"no answer within {_SECONDS:g} s"
    except socket.gaierror:
        return "the name is not known here"
    except OSError as exc:
        return (exc.strerror or str(exc)).lower()


def address_of(url: str) -> tuple[str, int]:
    """Host and port of an https URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443
