"""Where tools lie on disk. The only place that reads the environment for folders."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from splitplane.stacks.tools.catalogue import Tool
from splitplane.stacks.tools.errors import ModulesMissing


def cache_root(environment: Mapping[str, str]) -> Path:
    """Return the cache: SPLITPLANE_CACHE, else splitplane/ under XDG_CACHE_HOME or ~/.cache."""
    if override := environment.get("SPLITPLANE_CACHE"):
        return Path(override)
    if xdg := environment.get("XDG_CACHE_HOME"):
        return Path(xdg) / "splitplane"
    return Path.home() / ".cache" / "splitplane"


def modules_directory() -> Path:
    """Return stacks/tools of the checkout that this file belongs to.

    Raises:
        ModulesMissing: this is a wheel installation; the Go modules are not part of the wheel.
    """
    candidate = Path(__file__).resolve().parents[3] / "tools"
    if not (candidate / "kubernetes" / "go.mod").is_file():
        raise ModulesMissing(
            f"the Go modules that build the tools are not at {str(candidate)!r}: they come with a "
            "checkout of the repository, not with the wheel; put the tool on PATH or run from a "
            "checkout"
        )
    return candidate


def module_digest(module_directory: Path) -> str:
    """Return the cache key of a build: sha256 of the module's go.mod, go.sum and Go files."""
    digest = hashlib.sha256()
    names = ["go.mod", "go.sum", *sorted(path.name for path in module_directory.glob("*.go"))]
    for name in names:
        digest.update(name.encode() + b"\0" + (module_directory / name).read_bytes() + b"\0")
    return digest.hexdigest()


def cached_directory(root: Path, tool: Tool) -> Path:
    """Return the folder of the cache that holds the tool's binaries once it is there."""
    return root / "tools" / f"{tool.name}-{tool.version}"
