from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from splitplane.stacks.tools import BuildFailed, ModulesMissing, gobuild, places


def test_go_on_path_is_taken_when_new_enough(bench: Any) -> None:
    go = gobuild.find_go(
        cache=bench.cache,
        requirements=bench.modules / "go-toolchain.txt",
        environment=bench.environment(),
        report=bench.lines.append,
    )

    assert go == bench.programs / "go"


def test_the_toolchain_of_an_earlier_run_is_taken_where_go_is_too_old(bench: Any) -> None:
    venv = bench.cache / "go-toolchain"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "go").touch()
    (venv / "complete").touch()

    go = gobuild.find_go(
        cache=bench.cache,
        requirements=bench.modules / "go-toolchain.txt",
        environment=bench.environment(FAKE_GO_VERSION="go1.19.8"),
        report=bench.lines.append,
    )

    assert go == venv / "bin" / "go"


def test_no_go_at_all_says_what_to_install(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = bench.write_program("python", "#!/bin/sh\necho 'no index reachable' >&2\nexit 1\n")
    monkeypatch.setattr(sys, "executable", str(failing))

    with pytest.raises(BuildFailed) as failure:
        gobuild.find_go(
            cache=bench.cache,
            requirements=bench.modules / "go-toolchain.txt",
            environment=bench.environment(FAKE_GO_VERSION="go1.19.8"),
            report=bench.lines.append,
        )

    assert "is 1.19, older than 1.26" in str(failure.value)
    assert "no index reachable" in str(failure.value)
    assert "install Go 1.26 or newer" in str(failure.value)
    assert not (bench.cache / "go-toolchain").exists()


def test_modules_are_found_in_a_checkout(repository: Path) -> None:
    assert places.modules_directory() == repository / "stacks" / "tools"


def test_a_wheel_without_modules_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "splitplane" / "stacks" / "tools" / "places.py"
    monkeypatch.setattr(places, "__file__", str(installed))

    with pytest.raises(ModulesMissing, match="come with a checkout of the repository"):
        places.modules_directory()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SPLITPLANE_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/splitplane"),
    ],
    ids=["own", "xdg"],
)
def test_the_cache_can_be_moved(environment: dict[str, str], expected: str) -> None:
    assert places.cache_root(environment) == Path(expected)
