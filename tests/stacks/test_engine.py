from __future__ import annotations

import asyncio
from pathlib import Path

import pulumi
import pytest

from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools


def program() -> None:
    pulumi.export("answer", 42)


def test_a_state_file_has_no_sidecar_that_a_killed_engine_leaves_half_written(
    tmp_path: Path,
) -> None:
    with Engine(tmp_path, passphrase="x") as engine:
        stack = engine.stack("dev", program)
        outputs = stack.up().outputs

    written = {path.name for path in engine.backend.rglob("*") if path.is_file()}
    assert outputs["answer"].value == 42
    assert "dev.json" in written
    assert [name for name in written if name.endswith(".attrs")] == []


def test_an_engine_closes_although_what_a_program_left_stops_its_loop(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(asyncio.sleep(3600)) for _ in range(3)]
    for task in tasks:
        task.add_done_callback(lambda _: loop.stop())
    engine = Engine(tmp_path, passphrase="x")
    engine._loops.append(loop)

    engine.close()

    assert loop.is_closed()
    assert all(task.cancelled() for task in tasks)
