"""The folder and the console script are the same plugin, to the engine's own tools too."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from provider_harness import PluginProcess

from splitplane.provider.schema import PATH
from splitplane.stacks.tools import resolve


def _start(how: str, repository: Path, plugin_command: Path) -> list[str | Path]:
    # As the language host starts a folder: the interpreter of its environment, then the folder.
    return [plugin_command] if how == "script" else [sys.executable, repository / "provider"]


@pytest.mark.parametrize("how", ["script", "folder"])
def test_both_serve_the_committed_schema(how: str, repository: Path, plugin_command: Path) -> None:
    command = [*_start(how, repository, plugin_command), "127.0.0.1:1"]

    with PluginProcess(command) as plugin:
        assert plugin.schema() == PATH.read_text(encoding="utf-8")
        assert plugin.stop() == (0, "", "")


@pytest.mark.parametrize("how", ["script", "folder"])
def test_both_wait_for_a_debugger_without_an_address(
    how: str, repository: Path, plugin_command: Path
) -> None:
    with PluginProcess(_start(how, repository, plugin_command)) as plugin:
        plugin.attach("127.0.0.1:1")

        assert plugin.version() == "0.1.0"


def test_the_folder_says_what_runs_it_and_what_it_needs(repository: Path) -> None:
    folder = repository / "provider"
    description = yaml.safe_load((folder / "PulumiPlugin.yaml").read_text())
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    (line,) = (folder / "requirements.txt").read_text().split()
    path, _, extra = line.rstrip("]").partition("[")

    assert description == {"runtime": "python"}
    assert (folder / path).resolve() == repository
    assert extra in project["optional-dependencies"]
    assert project["scripts"]["pulumi-resource-splitplane"] == "splitplane.provider.host:main"


@pytest.mark.needs_tools
def test_the_engine_reads_the_schema_from_the_plugin(plugin_command: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PULUMI_HOME": str(tmp_path),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    run: list[str | Path] = [resolve("pulumi"), "package", "get-schema", plugin_command]

    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)

    assert '"splitplane:index:Workspace"' in done.stdout
    assert "{{% example %}}" in done.stdout
