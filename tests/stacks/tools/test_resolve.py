from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from splitplane.stacks.tools import BuildFailed, UnknownTool
from splitplane.stacks.tools.catalogue import Tool


# Any: the bench fixture's class lives in a conftest, which cannot be imported by name.
def _resolve_in_child(bench: Any, found: Any) -> None:
    found.put(str(bench.resolver(FAKE_GO_SECONDS="0.5").resolve("toy")))


@pytest.mark.parametrize("version", ["1.4.2", "1.4.0", "1.9.0"])
def test_path_is_taken_at_the_pinned_minor_or_newer(bench: Any, version: str) -> None:
    program = bench.write_program("toy", f"#!/bin/sh\necho 'toy version v{version} linux'\n")

    assert bench.resolver().resolve("toy") == program
    assert bench.builds() == 0


@pytest.mark.parametrize(
    "output", ["toy v1.3.9", "toy v2.4.2", "no version here"], ids=["older", "major", "unknown"]
)
def test_path_is_passed_over_otherwise_and_the_reason_is_printed(bench: Any, output: str) -> None:
    bench.write_program("toy", f"#!/bin/sh\necho '{output}'\n")

    assert bench.resolver().resolve("toy") == bench.cached / "toy"
    assert "1.4.2 or a newer minor is needed" in bench.lines[0]


def test_the_cache_is_taken_before_anything_is_fetched(bench: Any) -> None:
    bench.resolver().resolve("toy")

    assert bench.resolver(FAKE_GO_ERROR="must not run").resolve("toy") == bench.cached / "toy"
    assert bench.builds() == 1


def test_a_build_records_where_it_came_from(bench: Any) -> None:
    bench.resolver().resolve("toy")

    provenance = json.loads((bench.cached / "provenance.json").read_text())

    assert provenance["source"] == "build"
    assert provenance["version"] == "1.4.2"
    assert len(provenance["module_digest"]) == 64


def test_a_changed_module_is_built_again(bench: Any) -> None:
    bench.resolver().resolve("toy")
    (bench.modules / "toy" / "go.sum").write_text("example.com/toy v1.4.2 h1:y\n")

    bench.resolver().resolve("toy")

    assert bench.builds() == 2
    assert sorted(path.name for path in bench.cached.parent.iterdir()) == [".lock", "toy-1.4.2"]


def test_a_half_filled_folder_does_not_count_as_cached(bench: Any) -> None:
    bench.cached.mkdir(parents=True)
    (bench.cached / "toy").write_text("half")

    bench.resolver().resolve("toy")

    assert bench.builds() == 1
    assert os.access(bench.cached / "toy", os.X_OK)


def test_a_failed_build_leaves_nothing_in_the_cache(bench: Any) -> None:
    with pytest.raises(BuildFailed):
        bench.resolver(FAKE_GO_ERROR="boom").resolve("toy")

    assert [path.name for path in bench.cached.parent.iterdir()] == [".lock"]


def test_a_failed_build_says_module_error_and_remedy(bench: Any) -> None:
    with pytest.raises(BuildFailed) as failure:
        bench.resolver(FAKE_GO_ERROR="main.go:3: undefined: x").resolve("toy")

    message = str(failure.value)
    assert "example.com/toy v1.4.2" in message
    assert "main.go:3: undefined: x" in message
    assert "go: downloading" not in message
    assert "put toy 1.4.2 on PATH, or give Go 1.26 or newer access to a module proxy" in message


def test_staging_of_a_crashed_run_is_removed(bench: Any) -> None:
    (bench.cached.parent / ".staging-toy-1").mkdir(parents=True)

    bench.resolver().resolve("toy")

    assert not (bench.cached.parent / ".staging-toy-1").exists()


def test_two_processes_build_once(bench: Any) -> None:
    spawn = multiprocessing.get_context("fork")
    found: Any = spawn.Queue()
    children = [spawn.Process(target=_resolve_in_child, args=(bench, found)) for _ in range(2)]

    for child in children:
        child.start()
    paths = {found.get(timeout=30) for _ in children}
    for child in children:
        child.join(timeout=30)

    assert paths == {str(bench.cached / "toy")}
    assert bench.builds() == 1


def test_files_of_the_module_lie_beside_the_binary(
    bench: Any, make_tool: Callable[..., Tool], tmp_path: Path
) -> None:
    source = tmp_path / "module"
    (source / "manifests").mkdir(parents=True)
    (source / "manifests" / "a.yaml").write_text("a: 1\n")
    tool = make_tool(module_files=(("manifests/*.yaml", "crds"),))

    directory = bench.resolver(tool=tool, FAKE_MODULE_DIR=str(source)).resolve_directory("toy")

    assert (directory / "crds" / "a.yaml").read_text() == "a: 1\n"


def test_an_unknown_name_is_refused_with_the_known_ones(bench: Any) -> None:
    with pytest.raises(UnknownTool, match="unknown binary 'toi'; known are toy"):
        bench.resolver().resolve("toi")
