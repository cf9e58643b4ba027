"""The Pulumi engine in this process's hands: stacks of inline programs with a backend on disk.

Inline programs need no language host, only the `pulumi` binary: the engine calls back into this
process. Everything that the engine keeps lies in one directory, nothing is downloaded, and no
account is needed. The demo and the tests use the same code.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pulumi import automation
from pulumi.automation import LocalWorkspaceOptions, ProjectBackend, ProjectSettings, PulumiFn

from splitplane.stacks.tools import resolve

PROJECT: Final = "splitplane"

# Calls of a program to an engine that has ended fail at once.
_STOP_SECONDS: Final = 10.0
_STILL_SECONDS: Final = 0.2
_POLL_SECONDS: Final = 0.02

# The state file is replaced atomically, its sidecar with metadata is not: an engine killed while it
# writes one leaves it empty, and the next run ends with "failed to load checkpoint: EOF" (seen with
# 3.259.0; gocloud.dev/blob/fileblob, setAttrs). Nothing reads the metadata, so none is written.
_BACKEND_QUERY: Final = "?metadata=skip"

_QUIET: Final = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    # Plugins come from PATH; a missing one is an error and not a download.
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    # One state file is enough: a copy of it at every step would double what is written.
    "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
}


@dataclass(frozen=True)
class Engine:
    """Where an engine keeps its things, and with what it runs; a context manager.

    Attributes:
        directory: holds state, plugins and settings; made when missing, may be reused.
        passphrase: encrypts the secrets in the state.
        environment: further variables of the engine and its plugins.
        plugin_directories: folders that are searched for plugins before PATH.
        project: name of the project, part of every URN.
    """

    directory: Path
    passphrase: str = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    plugin_directories: tuple[Path, ...] = ()
    project: str = PROJECT
    _loops: list[asyncio.AbstractEventLoop] = field(
        default_factory=list[asyncio.AbstractEventLoop], init=False, repr=False, compare=False
    )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing of the programs that ran is left; not to be called while one runs.

        The SDK leaves the event loop of a failed program open, tasks and all
        (pulumi/automation/_server.py, 3.272.0).
        """
        while self._loops:
            loop = self._loops.pop()
            if not _has_stopped(loop) or loop.is_closed():
                continue
            _cancel_all(loop)
            loop.close()

    def stack(
        self, name: str, program: PulumiFn, config: Mapping[str, str] | None = None
    ) -> automation.Stack:
        """The stack with this program, made when missing; configuration is set, never removed.

        Args:
            name: the stack's name.
            program: registers the resources when an operation runs.
            config: `namespace:key` → value; a value whose key ends in `:token` is kept secret.
        """
        for folder in (self.backend, self.home, self.work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = LocalWorkspaceOptions(
            work_dir=str(self.work),
            pulumi_home=str(self.home),
            env_vars=self.variables(),
            pulumi_command=automation.PulumiCommand(root=str(self._root())),
            project_settings=ProjectSettings(
                name=self.project,
                runtime="python",
                backend=ProjectBackend(self._backend_url()),
            ),
        )
        stack = automation.create_or_select_stack(
            name, project_name=self.project, program=self._tracked(program), opts=options
        )
        values = {
            key: automation.ConfigValue(value, secret=key.endswith(":token"))
            for key, value in (config or {}).items()
        }
        if values:
            stack.set_all_config(values)
        return stack

    @property
    def backend(self) -> Path:
        """Folder of the state files."""
        return self.directory / "state"

    @property
    def home(self) -> Path:
        """Folder of the engine's own settings and plugins."""
        return self.directory / "home"

    @property
    def work(self) -> Path:
        """Folder of the project and stack settings."""
        return self.directory / "work"

    def _backend_url(self) -> str:
        return f"file://{self.backend}{_BACKEND_QUERY}"

    def variables(self) -> dict[str, str]:
        """The variables that the engine and its plugins get beside this process's own."""
        folders = [*map(str, self.plugin_directories), str(Path(sys.executable).parent)]
        return {
            **_QUIET,
            "PULUMI_BACKEND_URL": self._backend_url(),
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_HOME": str(self.home),
            "PATH": os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)]),
            **self.environment,
        }

    def _tracked(self, program: PulumiFn) -> PulumiFn:
        def run() -> Any:  # Any: what a program may return, see PulumiFn
            self._loops.append(asyncio.get_running_loop())
            return program()

        return run

    def _root(self) -> Path:
        """A folder whose `bin/pulumi` is the engine, as the Automation API wants it."""
        binary = resolve("pulumi")
        link = self.directory / "engine" / "bin" / "pulumi"
        if not (link.is_symlink() and link.resolve() == binary.resolve()):
            link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(binary)
        return link.parent.parent


def _has_stopped(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether the loop has come to its end; a failed program's may outlive the engine a little.

    Between two tasks that the SDK cleans up the loop stands still for a moment, so it has to stand
    still for longer.
    """
    deadline = time.monotonic() + _STOP_SECONDS
    still_since = time.monotonic()
    pause = threading.Event()
    while not loop.is_closed() and time.monotonic() < deadline:
        if loop.is_running():
            still_since = time.monotonic()
        elif time.monotonic() - still_since > _STILL_SECONDS:
            return True
        pause.wait(_POLL_SECONDS)
    return loop.is_closed()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    """No task is left; one that ends may stop the loop before the others have."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    for _ in range(len(tasks) + 1):
        waiting = {task for task in tasks if not task.done()}
        if not waiting:
            return
        with suppress(RuntimeError):
            loop.run_until_complete(_finished(waiting))


async def _finished(tasks: set[asyncio.Task[Any]]) -> None:  # Any: results are not looked at
    await asyncio.gather(*tasks, return_exceptions=True)
