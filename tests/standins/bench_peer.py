"""Peers in virtual environments of their own, made at bench time: none is a dependency of ours."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench_report import ROOT

PEERS = ROOT / "build" / "bench" / "peers"
_UV = ROOT / ".venv" / "uv" / "bin" / "uv"
_INSTALL_SECONDS = 900
_STAMP = "installed.txt"


class PeerUnavailable(Exception):
    """The peer cannot be installed here; the message goes into the result."""


@dataclass(frozen=True)
class PeerEnvironment:
    """A virtual environment that holds one peer."""

    directory: Path

    @property
    def python(self) -> Path:
        """Its interpreter: the same Python as ours."""
        return self.directory / "bin" / "python"

    def script(self, name: str) -> Path:
        """A program that the peer installed."""
        return self.directory / "bin" / name

    def version(self, distribution: str) -> str:
        """Installed version of a distribution."""
        code = f"from importlib.metadata import version; print(version({distribution!r}))"
        done = subprocess.run(
            [str(self.python), "-c", code], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def install(name: str, requirements: Sequence[str]) -> PeerEnvironment:
    """The environment with these requirements; made on the first call, then reused.

    Raises:
        PeerUnavailable: no installer, no package registry, or no such version.
    """
    directory = PEERS / name
    wanted = "\n".join([sys.version, *requirements])
    PEERS.mkdir(parents=True, exist_ok=True)
    with (PEERS / f"{name}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = directory / _STAMP
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return PeerEnvironment(directory)
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(directory))
        python = str(directory / "bin" / "python")
        _uv("pip", "install", "--quiet", "--python", python, *requirements)
        stamp.write_text(wanted, encoding="utf-8")
    return PeerEnvironment(directory)


def _uv(*arguments: str) -> None:
    try:
        done = subprocess.run(
            [str(_UV), *arguments],
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as exc:
        raise PeerUnavailable(f"uv {arguments[0]}: {exc}") from exc
    if done.returncode:
        raise PeerUnavailable(f"uv {' '.join(arguments)}: {done.stderr.strip()[-500:]}")
