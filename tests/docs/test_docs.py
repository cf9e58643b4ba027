"""README and docs are held against the code: what they show is parsed, resolved or run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from splitplane.cli.main import app
from splitplane.contract.manifests import MANIFEST_MODELS, parse_manifest
from splitplane.provider.config import CONFIG
from splitplane.stacks.tools import resolve

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:agent|components|controlplane|docs|provider|stacks|tests|\.ci)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)")
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def blocks(language: str) -> list[Any]:
    return list(_blocks(language))


def _blocks(language: str) -> Iterator[Any]:
    for page, identity in zip(PAGES, IDS, strict=True):
        for number, (found, text) in enumerate(BLOCK.findall(page.read_text())):
            if found == language:
                yield pytest.param(text, id=f"{identity}-{number}")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_paths_and_links_exist(page: Path) -> None:
    text = page.read_text()
    missing = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    missing += [link for link in LINK.findall(text) if not (page.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)make ([a-z-]+)", page.read_text(), re.MULTILINE))

    assert named <= targets


def manifests(text: str) -> list[dict[str, Any]]:
    documents = [d for d in yaml.safe_load_all(text) if isinstance(d, dict)]
    return [d for d in documents if d.get("type") in MANIFEST_MODELS]


@pytest.mark.parametrize("text", blocks("yaml"))
def test_manifests_are_accepted(text: str) -> None:
    for manifest in manifests(text):
        parse_manifest(manifest)


# tests/provider/test_pages.py runs the programs of these on the real engine; test_eks_docs.py that
# of the page with a configuration.
RUN_ELSEWHERE = ("docs/resources/", "docs/eks.md")


@pytest.mark.parametrize(
    "text", [p for p in blocks("python") if not str(p.id).startswith(RUN_ELSEWHERE)]
)
def test_programs_run(text: str) -> None:
    runner = [sys.executable, ROOT / "tests" / "standins" / "run_program.py"]

    done = subprocess.run(runner, input=text, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def command_at(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words after it."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def commands() -> Iterator[Any]:
    for page, identity in zip(PAGES, IDS, strict=True):
        for line in re.findall(
            r"^\$ (?:\w+=\S+ )*splitplane (.+)$", page.read_text(), re.MULTILINE
        ):
            yield pytest.param(line, id=f"{identity}: {line}")


@pytest.mark.parametrize("line", list(commands()))
def test_commands_exist_with_their_options(line: str) -> None:
    command, rest = command_at(line.split(" #")[0].split())
    known = {option for parameter in command.params for option in parameter.opts}

    assert not getattr(command, "commands", {}) or command.invoke_without_command, line
    assert {word.split("=")[0] for word in rest if word.startswith("-") and word != "-"} <= known


def pulumi_commands() -> Iterator[Any]:
    for page, identity in zip(PAGES, IDS, strict=True):
        for line in re.findall(r"^\$ (?:\w+=\S+ )*pulumi (.+)$", page.read_text(), re.MULTILINE):
            yield pytest.param(line, id=f"{identity}: {line}")


@pytest.mark.needs_tools
@pytest.mark.parametrize("line", list(pulumi_commands()))
def test_commands_of_the_engine_exist_with_their_options(line: str) -> None:
    words = shlex.split(line)
    path = list(takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]+", word), words))
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    run = [resolve("pulumi"), *path[:2], "--help"]

    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)

    options = {word.split("=")[0] for word in words if word.startswith("-")}
    assert options - {"-v"} <= set(re.findall(r"--?[a-z][a-z-]*", done.stdout))
    named = re.findall(r"^Aliases:\n +(.+)$", done.stdout, re.MULTILINE)
    aliases = [alias for line in named for alias in line.split(", ")]
    assert f"pulumi {' '.join(path[:2])}" in done.stdout or path[1] in aliases


def test_every_setting_of_the_provider_is_documented() -> None:
    text = (ROOT / "docs" / "provider.md").read_text()

    named = set(re.findall(r"^\| [^|]+ \| `splitplane:(\w+)` \|", text, re.MULTILINE))
    variables = set(re.findall(r"^\| [^|]+ \| `splitplane:\w+` \| `(\w+)` \|", text, re.MULTILINE))

    assert named == set(CONFIG)
    described = " ".join(setting.description for setting in CONFIG.values())
    assert {variable for variable in variables if f"`{variable}`" not in described} == set()
    assert len(variables) == len(CONFIG)
