"""The demo's `pulumi up`: the sample program on a real engine, with its state on disk."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pulumi import automation

from splitplane.stacks.demo.errors import DemoError
from splitplane.stacks.engine import Engine
from splitplane.stacks.local import LocalConfig, deploy

RESOURCES: Final = 10
"""Resources that the sample program registers, without the stack itself."""
_STACK: Final = "demo"
_SHOWN_LINES: Final = 20

ResultT = TypeVar("ResultT")


class Registration:
    """The stack with the sample program; `config` may be replaced between operations."""

    def __init__(self, state: Path, endpoint: str, token: str, config: LocalConfig) -> None:
        """The stack exists, with the control plane as its provider's configuration."""
        self.config = config
        self._log = state / "logs" / "pulumi.log"
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log.touch(mode=0o600)
        self._engine = Engine(state / "pulumi", _passphrase(state))
        self._stack = self._engine.stack(
            _STACK,
            lambda: deploy(self.config),
            {"splitplane:endpoint": endpoint, "splitplane:token": token},
        )

    def close(self) -> None:
        """Nothing of the programs that ran is left in this process."""
        self._engine.close()

    def up(self, *, expect_no_changes: bool = False) -> Mapping[str, int]:
        """What was done, operation → number of resources; fails on changes if none are expected."""
        result = self._run(
            lambda: self._stack.up(on_output=self._write, expect_no_changes=expect_no_changes)
        )
        return _counts(result.summary.resource_changes)

    def preview(self) -> Mapping[str, int]:
        """What would be done, operation → number of resources."""
        result = self._run(lambda: self._stack.preview(on_output=self._write))
        return _counts(result.change_summary)

    def refresh(self) -> Mapping[str, int]:
        """The state holds what is really there: how many resources differed from it."""
        result = self._run(lambda: self._stack.refresh(on_output=self._write))
        return _counts(result.summary.resource_changes)

    def destroy(self) -> Mapping[str, int]:
        """Every resource is gone; the stack stays, empty."""
        result = self._run(lambda: self._stack.destroy(on_output=self._write))
        return _counts(result.summary.resource_changes)

    def join_token(self) -> str | None:
        """The cluster's one-time join token, as it was when the cluster was made."""
        found = self._run(self._stack.outputs).get("join_token")
        return None if found is None else found.value

    def _run(self, operation: Callable[[], ResultT]) -> ResultT:
        try:
            return operation()
        except automation.CommandError as exc:
            lines = str(exc).strip().splitlines()
            shown = "\n".join(lines[-_SHOWN_LINES:])
            raise DemoError(
                f"pulumi failed; its output is in {self._log}; delete the state folder to start "
                f"anew\n{shown}"
            ) from exc

    def _write(self, line: str) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(line + "\n")


def _counts(changes: Mapping[Any, int] | None) -> dict[str, int]:  # Any: text or an enumeration
    return {str(getattr(key, "value", key)): count for key, count in (changes or {}).items()}


def _passphrase(state: Path) -> str:
    """What encrypts the secrets of this state; made once, readable by its owner only."""
    path = state / "passphrase"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32) + "\n")
    return path.read_text().strip()
