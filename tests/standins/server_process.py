"""The control plane as a child process that can be killed at any moment and started again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from hub_harness import database_environment

Json = dict[str, Any]  # Any: JSON

_START_SECONDS = 60.0
_URL = re.compile(r"control plane: (http://\S+)")
_CODE = re.compile(r"one-time code ([A-Z0-9-]+)")


@dataclass
class ServerProcess:
    """`python -m splitplane.controlplane.main` on a given database."""

    database_url: str
    state_dir: Path
    url: str = ""
    code: str | None = None
    output: list[str] = field(default_factory=list[str])
    _process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """The server listens; `url` is its address, `code` the sign-in code if it printed one."""
        environment = {
            **database_environment(self.database_url),
            "SPLITPLANE_SERVER_PORT": "0",
            "SPLITPLANE_SERVER_STATE_DIR": str(self.state_dir),
        }
        self.url = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "splitplane.controlplane.main"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self._process, ready), daemon=True).start()
        assert ready.wait(_START_SECONDS), "".join(self.output)
        return self

    def kill(self) -> None:
        """The process is gone, without a chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """The process has ended by itself after SIGTERM; nothing happens when it is gone."""
        self._end(signal.SIGTERM)

    def api(self, token: str | None = None) -> httpx.Client:
        """A client of its REST API."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers=headers, trust_env=False, timeout=10
        )

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line)
            if found := _URL.search(line):
                self.url = found.group(1)
            if found := _CODE.search(line):
                self.code = found.group(1)
            # The code comes after the address, and only until somebody has signed in.
            if self.url and self.code:
                ready.set()
        process.stdout.close()
        ready.set()

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        process.wait(30)
