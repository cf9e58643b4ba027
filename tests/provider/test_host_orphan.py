"""The plugin ends by itself when the engine that started it was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
from polling import wait_for

STARTER = """
import subprocess, sys
plugin = subprocess.Popen([sys.argv[1], "127.0.0.1:1"], stdout=subprocess.PIPE)
plugin.stdout.readline()
print(plugin.pid, flush=True)
sys.stdin.read()
"""


def test_a_plugin_ends_when_its_engine_was_killed() -> None:
    plugin = Path(sys.executable).parent / "pulumi-resource-splitplane"
    engine = subprocess.Popen(
        [sys.executable, "-c", STARTER, plugin],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with engine:
        assert engine.stdout is not None
        process = psutil.Process(int(engine.stdout.readline()))
        engine.kill()

    wait_for(lambda: not is_alive(process), what="the end of the plugin")


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
