"""Free loopback ports for one cluster, kept over stop and start so that kubeconfigs stay valid."""

from __future__ import annotations

import random
import socket
from dataclasses import asdict, dataclass

# Below the range that Linux and macOS take source ports from (32768 and 49152 upwards): otherwise
# an outgoing connection could take the API server's port while it restarts.
_LOWEST, _HIGHEST = 20_000, 32_000


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one cluster."""

    apiserver: int
    etcd: int
    etcd_peer: int

    @classmethod
    def choose(cls) -> Ports:
        """Return three ports that are free at this moment."""
        return cls(*choose_free(3))

    def are_free(self) -> bool:
        """Whether nobody listens on any of them."""
        return all(is_free(port) for port in asdict(self).values())


def choose_free(count: int) -> list[int]:
    """Return that many different ports of 127.0.0.1 that are free at this moment."""
    chosen: set[int] = set()
    while len(chosen) < count:
        # Random, so that servers that start at the same time rarely meet.
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - no secret hangs on it
        if is_free(port):
            chosen.add(port)
    return sorted(chosen)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    """Whether a server takes connections on this port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
