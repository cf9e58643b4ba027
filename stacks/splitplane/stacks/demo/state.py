"""The demo's state folder: made, locked, and complete or anew, never half."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from splitplane.controlplane.postgres.account import server_account
from splitplane.controlplane.postgres.layout import plan_layout
from splitplane.stacks.demo.errors import DemoError


def control_plane_directory(state: Path) -> Path:
    """Where the demo's control plane keeps its key and, if it can, its database."""
    return state / "control-plane"


def make_state(state: Path) -> None:
    """The folder exists; a database that outlived a deleted folder is gone.

    PostgreSQL may run under another account, which must be able to pass through. Where it cannot,
    its data lies elsewhere, and deleting the folder would not make the demo start anew.
    """
    missing = [folder for folder in (state, *state.parents) if not folder.exists()]
    state.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        folder.chmod(0o711)
    control_plane = control_plane_directory(state)
    if not control_plane.exists():
        data = plan_layout(control_plane, server_account()).base
        shutil.rmtree(data, ignore_errors=True)
        control_plane.mkdir(mode=0o711)


def lock(state: Path) -> ExitStack:
    """Held until closed: two demos in one folder would end each other's processes.

    Raises:
        DemoError: another one runs there.
    """
    descriptor = os.open(state / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    stack = ExitStack()
    stack.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stack.close()
        raise DemoError(
            f"a demo runs already with the state {str(state)!r}: end it, or set DEMO_STATE to "
            "another folder"
        ) from None
    return stack
