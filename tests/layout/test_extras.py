"""Each extra is enough for the packages it is for: installed alone, they import.

The environments are made offline from the packages that the installation of this one has cached.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

IMPORTS = {
    "": ["cli.main", "client", "contract"],
    "pulumi": ["resources", "provider.host"],
    "kubernetes": ["components"],
    "aws": ["components", "stacks.aws.signin", "stacks.aws.commands"],
    "gcp": ["components"],
    "azure": ["components"],
    "agent": ["agent.commands"],
    "controlplane": ["controlplane.main", "platforms"],
    "demo": ["stacks.demo", "stacks.local_cluster", "stacks.tools"],
}


@pytest.mark.slow
@pytest.mark.parametrize("extra", IMPORTS, ids=[name or "none" for name in IMPORTS])
def test_an_extra_alone_is_enough_for_its_packages(
    extra: str, repository: Path, tmp_path: Path
) -> None:
    uv = repository / ".venv" / "uv" / "bin" / "uv"
    python = tmp_path / "venv" / "bin" / "python"
    project = f"{repository}[{extra}]" if extra else str(repository)
    lock = repository / "requirements.lock"
    run = [uv, "--offline", "--quiet"]
    subprocess.run([*run, "venv", "--python", sys.executable, tmp_path / "venv"], check=True)
    install = ["pip", "install", "--python", python, "--constraint", lock, "--editable", project]
    subprocess.run([*run, *install], check=True, capture_output=True)
    code = "; ".join(f"import splitplane.{name}" for name in IMPORTS[extra])

    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
