"""Runs every check and test level, and says in one line each what came of it and what it cost.

Levels are separate processes, two at a time: first the static checks, then the fast tests on both
cores, then the slow ones on real binaries, which wait until the tools are resolved, the longest
first. A skip that is not in tests/allowed_skips.txt is a failure. Logs lie in
build/test/<level>.log.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from splitplane.stacks.tools.places import cache_root

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
LOGS = ROOT / "build" / "test"
SKIPS = LOGS / "skips.txt"
TAIL_LINES = 60
_COUNTS = re.compile(r"(\d+) (passed|failed|error|errors|skipped)")


@dataclass(frozen=True)
class Level:
    """One process of the run."""

    name: str
    command: tuple[str, ...]
    needs_tools: bool = False
    cores: int = 1
    """How many of the two cores it keeps busy; a level that takes both runs alone."""


def _pytest(
    name: str, marker: str, *arguments: str, needs_tools: bool = False, cores: int = 1
) -> Level:
    command = ("pytest", "-q", "-m", marker, *arguments)
    return Level(name, command, needs_tools, cores)


FAST = "not needs_tools and not bench"
TOOLS = "needs_tools and not bench"

# Slow tests of the provider that would keep one core busy when the rest is done.
PAGES = ("tests/provider/test_pages.py", "tests/provider/test_generated_sdks.py")
CRASHES = (
    "tests/provider/test_engine_crashes.py",
    "tests/provider/test_engine_many.py",
    "tests/provider/test_engine_secrets.py",
)
ELSEWHERE = tuple(f"--ignore={path}" for path in (*PAGES, *CRASHES))

LEVELS = (
    Level("format", ("ruff", "format", "--check", ".")),
    Level("lint", ("ruff", "check", ".")),
    Level("imports", ("lint-imports", "--no-cache")),
    Level("mypy", ("mypy",)),
    Level("pyright", ("pyright",)),
    Level("mypy-policy", ("mypy", "--config-file", "policy/mypy.ini")),
    Level("pyright-policy", ("pyright", "-p", "policy/pyrightconfig.json")),
    _pytest("fast", FAST, "-n", "2", "--dist", "loadfile", "tests", cores=2),
    _pytest("eks", TOOLS, "tests/stacks/eks", needs_tools=True),
    _pytest("provider", TOOLS, *ELSEWHERE, "tests/provider", needs_tools=True),
    _pytest("components", TOOLS, "tests/components", needs_tools=True),
    _pytest("crashes", TOOLS, *CRASHES, needs_tools=True),
    _pytest("pages", TOOLS, *PAGES, needs_tools=True),
    _pytest("e2e", TOOLS, "tests/e2e", needs_tools=True),
    _pytest("rest", TOOLS, "--ignore=tests/stacks", "--ignore=tests/provider",
            "--ignore=tests/agent", "--ignore=tests/e2e", "--ignore=tests/components",
            "tests", needs_tools=True),
    _pytest("agent", TOOLS, "tests/agent", needs_tools=True),
    _pytest("stacks", TOOLS, "--ignore=tests/stacks/eks", "tests/stacks", needs_tools=True),
)  # fmt: skip


def main() -> int:
    """Runs all levels; 0 when all passed and no test was skipped that may not be."""
    LOGS.mkdir(parents=True, exist_ok=True)
    SKIPS.write_text("")
    started = time.monotonic()
    tools_ready = threading.Event()
    chosen = [level for level in LEVELS if not sys.argv[1:] or level.name in sys.argv[1:]]
    codes: list[tuple[Level, int]] = []
    with ThreadPoolExecutor(1) as tools_pool:
        tools = tools_pool.submit(_resolve_tools, chosen, tools_ready)
        for group in _groups(chosen):
            with ThreadPoolExecutor(2) as pool:
                codes += pool.map(lambda level: _run(level, tools_ready), group)
    failed = [level.name for level, code in codes if code]
    failed += ["tools"] if tools.result() else []
    unexpected = _unexpected_skips()
    for line in unexpected:
        print(f"skipped without being allowed: {line}")
    passed, failures, skipped = _totals(chosen)
    print(f"\n{time.monotonic() - started:.0f} s; failed levels: {', '.join(failed) or 'none'}")
    print(f"{passed} passed, {failures + len(unexpected)} failed, {skipped} skipped")
    return 1 if failed or unexpected else 0


def _groups(levels: list[Level]) -> list[list[Level]]:
    """What runs side by side, one group after the other: checks, whole-machine levels, the rest."""
    checks = [level for level in levels if not level.needs_tools and level.cores == 1]
    alone = [[level] for level in levels if level.cores > 1]
    return [checks, *alone, [level for level in levels if level.needs_tools]]


def _resolve_tools(chosen: list[Level], ready: threading.Event) -> int:
    """Finds or builds the binaries; prints progress, since a cold build takes minutes."""
    try:
        if not any(level.needs_tools for level in chosen):
            return 0
        command = (BIN / "python", "-m", "splitplane.stacks.tools")
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    finally:
        ready.set()


def _run(level: Level, tools_ready: threading.Event) -> tuple[Level, int]:
    if level.needs_tools:
        tools_ready.wait()
    started = time.monotonic()
    log = LOGS / f"{level.name}.log"
    environment = os.environ | {
        "SPLITPLANE_TEST_SKIPS_FILE": str(SKIPS),
        # Outlives the checkout: mypy itself compares the contents of files.
        "MYPY_CACHE_DIR": str(cache_root(os.environ) / level.name),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
    }
    command = (BIN / level.command[0], *level.command[1:])
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    lines = log.read_text(errors="replace").splitlines()
    summary = lines[-1] if lines else ""
    print(
        f"{'FAIL' if code else 'ok  '} {level.name:<10} "
        f"{time.monotonic() - started:5.0f} s, {used.ru_utime + used.ru_stime:5.0f} s of processor"
        f"  {summary}"
    )
    if code:
        print("\n".join(f"    {line}" for line in lines[-TAIL_LINES:]))
    sys.stdout.flush()
    return level, code


def _unexpected_skips() -> list[str]:
    rules = (ROOT / "tests" / "allowed_skips.txt").read_text().splitlines()
    allowed = [rule.split("#")[0].strip() for rule in rules]
    prefixes = tuple(rule for rule in allowed if rule)
    skips = SKIPS.read_text().splitlines()
    return [line for line in skips if not (prefixes and line.startswith(prefixes))]


def _totals(levels: list[Level]) -> tuple[int, int, int]:
    totals = {"passed": 0, "failed": 0, "error": 0, "errors": 0, "skipped": 0}
    for level in levels:
        if level.command[0] != "pytest":
            continue
        lines = (LOGS / f"{level.name}.log").read_text(errors="replace").splitlines()
        for count, word in _COUNTS.findall(lines[-1] if lines else ""):
            totals[word] += int(count)
    return (
        totals["passed"],
        totals["failed"] + totals["error"] + totals["errors"],
        totals["skipped"],
    )


if __name__ == "__main__":
    raise SystemExit(main())
