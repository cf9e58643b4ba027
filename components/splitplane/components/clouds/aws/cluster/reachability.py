"""Whether this machine reaches an API server, before the first object waits for it in vain."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from splitplane.components.clouds.aws.parts import Text
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import ClusterUnreachable

ATTEMPTS: Final = 6
"""The name of an endpoint that has just been made is not known everywhere at once: with the pauses
and what a silent host takes, about a minute. pulumi-eks 4.3.0 asks for five minutes
(nodejs/eks/cluster/cluster.ts, checked 2026-11-21), but to see an API server that is ready."""
PAUSE_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 5.0
"""A host that takes longer to accept is behind a firewall that drops."""

Connect = Callable[[str, int], str | None]


def reached(endpoint: Text, settings: EksSettings) -> Text:
    """The endpoint, known once this machine reaches it.

    Looked at when the engine makes things: a preview works without, a destroy runs no program, and
    under mocks there is no API server. Nor is it where the cluster is gone. The output fails with
    ClusterUnreachable otherwise.

    Args:
        endpoint: URL of the API server.
        settings: those of its compute plane.
    """
    if settings.is_cluster_gone or not _makes_things():
        return endpoint
    cidrs = None if settings.is_adopted else settings.public_access_cidrs

    async def check(url: str) -> str:
        await check_reachable(url, public_access_cidrs=cidrs, connects=connect)
        return url

    found: Text = endpoint.apply(check)
    return found


async def check_reachable(
    url: str,
    *,
    public_access_cidrs: tuple[str, ...] | None,
    connects: Connect,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Raises ClusterUnreachable when no TCP connection can be made within about a minute.

    Where a proxy is used for the host, as the Kubernetes plugin does too, nothing is looked at.

    Args:
        url: of the API server.
        public_access_cidrs: ranges that the endpoint is open to beside the VPC; unknown when None.
        connects: why a connection to host and port cannot be made; None when it can. Runs in a
            thread.
        pause: waits for some seconds.
    """
    host, port = address_of(url)
    if uses_proxy(host, port):
        return
    why: str | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            await pause(PAUSE_SECONDS)
        why = await asyncio.to_thread(connects, host, port)
        if why is None:
            return
    raise ClusterUnreachable(
        f"the API server {host}:{port} cannot be reached from here: {why}; "
        f"{_advice(public_access_cidrs)}"
    )


def connect(host: str, port: int) -> str | None:
    """Why a TCP connection cannot be made, None when it can; nothing is sent."""
    try:
        with socket.create_connection((host, port), _CONNECT_SECONDS):
            return None
    except TimeoutError:
        return f"no answer within {_CONNECT_SECONDS:g} s"
    except socket.gaierror:
        return "the name is not known here"
    except OSError as exc:
        return (exc.strerror or str(exc)).lower()


def address_of(url: str) -> tuple[str, int]:
    """Host and port of an https URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443


def uses_proxy(host: str, port: int) -> bool:
    """Whether HTTPS_PROXY is set, and NO_PROXY does not name the host."""
    return "https" in getproxies_environment() and not proxy_bypass(f"{host}:{port}")


def _makes_things() -> bool:
    return not pulumi.runtime.is_dry_run() and not isinstance(get_monitor(), MockMonitor)


def _advice(public_access_cidrs: tuple[str, ...] | None) -> str:
    inside = (
        "run on a machine in its VPC, or one that a VPN or the proxy in HTTPS_PROXY takes there"
    )
    if public_access_cidrs is None:
        return f"{inside}, or open its endpoint to this machine"
    if not public_access_cidrs:
        return (
            f"its endpoint is private: {inside}, or name the range of this machine in "
            "public_access_cidrs"
        )
    return (
        f"beside its VPC it is open to {', '.join(public_access_cidrs)}: add the range of this "
        f"machine to public_access_cidrs, or {inside}"
    )
