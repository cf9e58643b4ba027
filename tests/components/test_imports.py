"""What importing the components costs a program."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("httpx", "kubernetes", "pulumi_kubernetes", "pydantic", "yaml")


def test_a_program_loads_no_more_than_the_sdk() -> None:
    script = (
        "import sys, pulumi; before = set(sys.modules);"
        "from splitplane.components import AttachedComputePlane, AttachedComputePlaneArgs;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        f"print(sorted(new & set({HEAVY!r})), 'AttachedComputePlane' in globals())"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[] True"


def test_a_name_that_is_not_there_is_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from splitplane.components import Attached"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "cannot import name 'Attached' from 'splitplane.components'" in done.stderr
