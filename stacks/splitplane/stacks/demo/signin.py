"""Signing in to the demo's control plane, with a one-time code as a person would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from splitplane.client import Client, Refused
from splitplane.stacks.demo.errors import DemoError
from splitplane.stacks.demo.state import control_plane_directory

_TOKEN_FILE: Final = "token"  # noqa: S105 - name of a file
_CODE_SECONDS: Final = 30.0


def sign_in(endpoint: str, state: Path) -> tuple[str, str]:
    """A token that works, and how it was had; the one of the last run if it still does."""
    path = state / _TOKEN_FILE
    if path.exists():
        token = path.read_text().strip()
        try:
            with Client(endpoint, token) as client:
                return token, f"still signed in as {client.whoami().subject}"
        except Refused:
            path.unlink()
    with Client(endpoint) as client:
        signed_in = client.sign_in(_one_time_code(state))
    path.touch(mode=0o600)
    path.write_text(signed_in.token + "\n")
    return signed_in.token, f"{signed_in.subject}, by a one-time code"


def _one_time_code(state: Path) -> str:
    """A new one-time code for the administrator; works once, within an hour."""
    command = [sys.executable, "-m", "splitplane.cli", "server", "sign-in-code"]
    command += ["--state-dir", str(control_plane_directory(state))]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_CODE_SECONDS, check=False
    )
    lines = done.stdout.split()
    if done.returncode != 0 or not lines:
        raise DemoError(f"no sign-in code could be made: {done.stderr.strip()[-1000:]}")
    return lines[-1]
