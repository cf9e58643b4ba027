from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_the_client_loads_no_command_line_libraries() -> None:
    code = (
        "from splitplane.client import Client; import sys; "
        "print(sorted({'click', 'rich', 'pygments', 'httpx._main'} & set(sys.modules)))"
    )

    assert run(code) == "[]"


def test_the_command_line_program_of_httpx_stays_importable() -> None:
    assert run("import splitplane.client.lean; import httpx._main; print('found')") == "found"
