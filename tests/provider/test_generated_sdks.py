"""What is generated for other languages compiles, and so do the examples against it.

The generators are Go packages of the pinned engine; they are built from its module list, so that
nothing is fetched that building the engine has not fetched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from splitplane.provider.examples import EXAMPLES, programs
from splitplane.provider.schema import PATH
from splitplane.stacks.tools import resolve

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
GO: dict[str, str] = SCHEMA["language"]["go"]
LANGUAGES = ("python", "nodejs", "go", "dotnet")

pytestmark = [
    pytest.mark.needs_tools,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("go") is None, reason="go is not on PATH"),
]


def run(directory: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    # mod: the list of the engine does not mark the modules that this program names itself.
    # The rest is as the engine was built, so that what is compiled already is used again.
    flags = "-mod=mod -buildvcs=false -trimpath -tags=osusergo,grpcnotrace"
    own = {"GOFLAGS": flags, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    environment = {**os.environ, **own}
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Go module with the generated package at its import path, and the generated npm package."""
    folder = tmp_path_factory.mktemp("sdks")
    module, _, inside = GO["importBasePath"].partition("/sdk/")
    modules = repository / "stacks" / "tools" / "pulumi"
    text = (modules / "go.mod").read_text()
    (folder / "go.mod").write_text(re.sub("^module .*", f"module {module}", text))
    shutil.copy(modules / "go.sum", folder)
    shutil.copytree(repository / "tests" / "standins" / "sdkgen", folder / "sdkgen")
    generated = run(folder, "go", "run", "./sdkgen", PATH, folder / "generated")
    assert (generated.returncode, generated.stderr) == (0, "")
    shutil.copytree(folder / "generated" / "go" / "splitplane", folder / "sdk" / inside)
    return folder


def test_the_go_examples_compile(workspace: Path) -> None:
    for name, example in EXAMPLES.items():
        file = workspace / "examples" / name.lower() / "main.go"
        file.parent.mkdir(parents=True)
        file.write_text(programs(example, SCHEMA)["go"])

    done = run(workspace, "go", "vet", "./examples/...")

    assert (done.returncode, done.stderr) == (0, "")


def test_the_npm_package_is_named_as_the_examples_import_it(workspace: Path) -> None:
    package = json.loads((workspace / "generated" / "nodejs" / "package.json").read_text())
    index = (workspace / "generated" / "nodejs" / "index.ts").read_text()

    assert package["name"] == "@splitplane/splitplane"
    assert package["version"] == SCHEMA["version"]
    assert package["pulumi"] == {"resource": True, "name": "splitplane", "version": "0.1.0"}
    assert 'export type Workspace = import("./workspace").Workspace;' in index


def test_each_language_is_shown_its_own_example(workspace: Path) -> None:
    generated = workspace / "generated"

    assert "splitplane.NewWorkspace(" in (generated / "go/splitplane/workspace.go").read_text()
    text = (generated / "nodejs" / "workspace.ts").read_text()
    assert 'import * as splitplane from "@splitplane/splitplane"' in text
    assert "NewWorkspace(" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_engine_generates_where_the_language_is_installed(
    language: str, tmp_path: Path
) -> None:
    host = shutil.which(f"pulumi-language-{language}")
    command: list[str | Path] = [
        resolve("pulumi"),
        "package",
        "gen-sdk",
        PATH,
        "--language",
        language,
    ]
    environment = {**os.environ, "PULUMI_HOME": str(tmp_path / "home")}

    done = subprocess.run(
        [*command, "--language", language, "--out", tmp_path / "sdk"],
        env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    if host is None:
        assert f"no language plugin 'pulumi-language-{language}' found" in done.stderr
    else:
        assert (done.returncode, any((tmp_path / "sdk" / language).rglob("*"))) == (0, True)
