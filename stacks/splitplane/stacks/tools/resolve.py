"""Finds a tool: PATH, cache, official release, build from the pinned Go module, in that order."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from splitplane.stacks.tools import gobuild, places, progress
from splitplane.stacks.tools.catalogue import BINARIES, TOOLS, Tool
from splitplane.stacks.tools.download import Downloader
from splitplane.stacks.tools.errors import DownloadFailed, ModulesMissing, UnknownTool
from splitplane.stacks.tools.lock import cache_lock

_PROVENANCE = "provenance.json"
_STAGING = ".staging-"
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_PROBE_SECONDS = 20


def resolve(binary: str) -> Path:
    """Return an executable of that name, fetched or built first if need be.

    The first call on a fresh machine may take minutes (a progress line on stderr says how many);
    later calls take milliseconds. A binary on PATH is taken when its major version is the pinned
    one and its minor is not older: programs and flags stay compatible within a major, while an
    older minor lacks what we use. A downloaded or built one always has the exact pinned version.

    Raises:
        UnknownTool: the catalogue has no such binary.
        ModulesMissing: it would have to be built, and this is not a checkout.
        BuildFailed: every way failed; the message says what to install.
    """
    return _default_resolver().resolve(binary)


def resolve_directory(tool_name: str) -> Path:
    """Return the cache folder of a tool, with its extra files; never a folder of PATH.

    Raises:
        UnknownTool, ModulesMissing, BuildFailed: as for `resolve`.
    """
    return _default_resolver().resolve_directory(tool_name)


def missing(binaries: Iterable[str]) -> list[str]:
    """Return those that are neither on PATH nor in the cache: what `resolve` would fetch."""
    resolver = _default_resolver()
    return [binary for binary in binaries if resolver.find(binary) is None]


class Resolver:
    """The ways to a tool over one cache and one environment."""

    def __init__(
        self,
        *,
        cache: Path,
        modules: Callable[[], Path],
        environment: Mapping[str, str],
        tools: Mapping[str, Tool] = TOOLS,
        report: Callable[[str], None] = progress.report,
    ) -> None:
        self._cache = cache
        self._modules = modules
        self._environment = environment
        self._tools = tools
        self._report = report
        self._downloader = Downloader(environment)

    def resolve(self, binary: str) -> Path:
        """Return an executable of that name; see the function `resolve`."""
        if (found := self.find(binary)) is not None:
            return found
        return self.resolve_directory(self._tool_of(binary).name) / binary

    def find(self, binary: str) -> Path | None:
        """Return the executable if it is on PATH or in the cache, without fetching anything."""
        tool = self._tool_of(binary)
        if tool.accepts_path and (found := self._on_path(tool, binary)) is not None:
            return found
        directory = places.cached_directory(self._cache, tool)
        return directory / binary if self._is_cached(tool, directory) else None

    def resolve_directory(self, tool_name: str) -> Path:
        """Return the tool's folder in the cache, filled first if need be."""
        if tool_name not in self._tools:
            raise UnknownTool(
                f"unknown tool {tool_name!r}; known are {', '.join(sorted(self._tools))}"
            )
        tool = self._tools[tool_name]
        directory = places.cached_directory(self._cache, tool)
        if self._is_cached(tool, directory):
            return directory
        doing = f"fetching or building {tool.name} {tool.version}"
        with cache_lock(directory.parent, doing=doing, report=self._report):
            if not self._is_cached(tool, directory):  # the one we waited for may have made it
                self._fill(tool, directory)
        return directory

    def _tool_of(self, binary: str) -> Tool:
        for tool in self._tools.values():
            if binary in tool.binaries:
                return tool
        known = sorted(name for tool in self._tools.values() for name in tool.binaries)
        raise UnknownTool(f"unknown binary {binary!r}; known are {', '.join(known)}")

    def _on_path(self, tool: Tool, binary: str) -> Path | None:
        found = shutil.which(binary, path=self._environment.get("PATH", ""))
        if found is None:
            return None
        version = _reported_version(tool, found, self._environment)
        wanted = _parse(tool.version)
        if version is not None and wanted is not None and version[0] == wanted[0]:
            if version[:2] >= wanted[:2]:
                return Path(found)
        shown = ".".join(map(str, version)) if version else "of an unknown version"
        self._report(f"{found} is {shown}, not used: {tool.version} or a newer minor is needed")
        return None

    def _is_cached(self, tool: Tool, directory: Path) -> bool:
        try:
            provenance = json.loads((directory / _PROVENANCE).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        if not all(os.access(directory / binary, os.X_OK) for binary in tool.binaries):
            return False
        if provenance.get("source") != "build":
            return True
        try:
            digest = places.module_digest(self._modules() / tool.name)
        except ModulesMissing:
            return True  # a wheel beside a filled cache: the version in the folder's name holds
        return bool(provenance.get("module_digest") == digest)

    def _fill(self, tool: Tool, directory: Path) -> None:
        for stale in directory.parent.glob(f"{_STAGING}*"):  # left by a run that crashed
            shutil.rmtree(stale)
        staging = directory.parent / f"{_STAGING}{tool.name}-{os.getpid()}"
        staging.mkdir(parents=True)
        try:
            provenance = self._download(tool, staging) or self._build(tool, staging)
            (staging / _PROVENANCE).write_text(json.dumps(provenance, indent=2), encoding="utf-8")
            _move_into_place(staging, directory)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _download(self, tool: Tool, staging: Path) -> dict[str, str] | None:
        try:
            self._downloader.fetch(tool, staging)
        except DownloadFailed as exc:
            self._report(f"{tool.name} {tool.version} is not downloaded: {exc}; building it")
            for path in staging.iterdir():
                path.unlink()
            return None
        return {"tool": tool.name, "version": tool.version, "source": "download"}

    def _build(self, tool: Tool, staging: Path) -> dict[str, str]:
        module_directory = self._modules() / tool.name
        gobuild.build(
            tool,
            module_directory=module_directory,
            target=staging,
            cache=self._cache,
            environment=self._environment,
            report=self._report,
        )
        return {
            "tool": tool.name,
            "version": tool.version,
            "source": "build",
            "module_digest": places.module_digest(module_directory),
        }


@functools.cache
def _default_resolver() -> Resolver:
    environment = dict(os.environ)
    return Resolver(
        cache=places.cache_root(environment),
        modules=places.modules_directory,
        environment=environment,
    )


def _reported_version(
    tool: Tool, path: str, environment: Mapping[str, str]
) -> tuple[int, int, int] | None:
    # The engine would look for updates of itself on the network.
    quiet = dict(environment) | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = subprocess.run(
            [path, *tool.version_arguments],
            env=quiet,
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _parse(result.stdout)


def _parse(text: str) -> tuple[int, int, int] | None:
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _move_into_place(staging: Path, directory: Path) -> None:
    old = staging.with_name(f"{staging.name}-old")
    if directory.exists():  # os.replace refuses a folder that is not empty
        os.replace(directory, old)
    os.replace(staging, directory)
    shutil.rmtree(old, ignore_errors=True)


def known_binaries() -> list[str]:
    """Return every binary name of the catalogue, sorted."""
    return sorted(BINARIES)
