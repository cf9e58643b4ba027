from __future__ import annotations

import socket
from pathlib import Path

import pytest

from splitplane.stacks.demo.errors import DemoError
from splitplane.stacks.demo.processes import choose_port
from splitplane.stacks.demo.state import lock, make_state


def test_a_second_demo_in_the_folder_is_refused(tmp_path: Path) -> None:
    with lock(tmp_path), pytest.raises(DemoError, match="a demo runs already with the state"):
        lock(tmp_path)

    lock(tmp_path).close()


def test_the_folder_can_be_passed_through_but_not_listed(tmp_path: Path) -> None:
    state = tmp_path / "a" / "b"

    make_state(state)

    assert state.stat().st_mode & 0o777 == 0o711
    assert (state / "control-plane").is_dir()


def test_a_kept_state_is_not_touched(tmp_path: Path) -> None:
    make_state(tmp_path)
    note = tmp_path / "control-plane" / "note"
    note.touch()

    make_state(tmp_path)

    assert note.exists()


def test_the_port_of_the_last_run_is_taken_again(tmp_path: Path) -> None:
    port = choose_port(tmp_path)

    assert choose_port(tmp_path) == port


def test_another_port_is_taken_when_somebody_has_it(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        (tmp_path / "port").write_text(f"{taken}\n")

        assert choose_port(tmp_path) != taken
