"""A pretend tool with a pretend Go, so that the resolver is tested without network or compiler."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from splitplane.stacks.tools.catalogue import Release, Tool
from splitplane.stacks.tools.resolve import Resolver

_FAKE_GO = """#!/bin/sh
# `go env GOVERSION` and `go build … -o TARGET PACKAGE`, as far as the resolver needs them.
case "$1" in
  env) echo "$FAKE_GO_VERSION"; exit 0 ;;
  list) echo "$FAKE_MODULE_DIR"; exit 0 ;;
esac
echo "$$" >> "$FAKE_GO_LOG"
if [ -n "$FAKE_GO_ERROR" ]; then
  echo "go: downloading example.com/dep v1.0.0" >&2
  echo "$FAKE_GO_ERROR" >&2
  exit 1
fi
sleep "${FAKE_GO_SECONDS:-0}"
while [ "$1" != "-o" ]; do shift; done
printf '#!/bin/sh\\necho "toy v1.4.2"\\n' > "$2"
chmod +x "$2"
"""


@dataclass
class Bench:
    """A cache, a PATH with a pretend Go, and a resolver of one pretend tool `toy` over them."""

    root: Path
    lines: list[str] = field(default_factory=list[str])

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def modules(self) -> Path:
        return self.root / "modules"

    @property
    def programs(self) -> Path:
        """The folder on PATH."""
        return self.root / "bin"

    @property
    def cached(self) -> Path:
        return self.cache / "tools" / "toy-1.4.2"

    def builds(self) -> int:
        """How many times `go build` ran."""
        log = self.root / "go.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def write_program(self, name: str, text: str) -> Path:
        path = self.programs / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def environment(self, **extra: str) -> dict[str, str]:
        return {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "FAKE_GO_VERSION": "go1.26.8",
            "FAKE_GO_LOG": str(self.root / "go.log"),
            "SPLITPLANE_TOOLS_DOWNLOAD": "off",
        } | extra

    def resolver(self, *, tool: Tool | None = None, **extra: str) -> Resolver:
        return Resolver(
            cache=self.cache,
            modules=lambda: self.modules,
            environment=self.environment(**extra),
            tools={"toy": tool or toy()},
            report=self.lines.append,
        )


def toy(*, release: Release | None = None, module_files: tuple[tuple[str, str], ...] = ()) -> Tool:
    return Tool(
        name="toy",
        version="1.4.2",
        binaries={"toy": "example.com/toy"},
        module="example.com/toy",
        build_seconds=1,
        release=release,
        module_files=module_files,
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.programs.mkdir()
    (bench.modules / "toy").mkdir(parents=True)
    (bench.modules / "toy" / "go.mod").write_text("module x\n\nrequire example.com/toy v1.4.2\n")
    (bench.modules / "toy" / "go.sum").write_text("example.com/toy v1.4.2 h1:x\n")
    bench.write_program("go", _FAKE_GO)
    return bench


@pytest.fixture
def make_tool() -> Callable[..., Tool]:
    return toy
