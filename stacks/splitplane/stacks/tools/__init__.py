"""The programs that Splitplane runs locally: found on PATH, in the cache, downloaded or built."""

from splitplane.stacks.tools.errors import (
    BuildFailed,
    DownloadFailed,
    ModulesMissing,
    ToolError,
    UnknownTool,
)
from splitplane.stacks.tools.resolve import (
    Resolver,
    known_binaries,
    missing,
    resolve,
    resolve_directory,
)

__all__ = [
    "BuildFailed",
    "DownloadFailed",
    "ModulesMissing",
    "Resolver",
    "ToolError",
    "UnknownTool",
    "known_binaries",
    "missing",
    "resolve",
    "resolve_directory",
]
