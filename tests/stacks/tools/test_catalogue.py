from __future__ import annotations

import re
from pathlib import Path

import pytest

from splitplane.stacks.tools.catalogue import TOOLS


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_the_pinned_version_is_the_one_of_the_go_module(name: str, repository: Path) -> None:
    tool = TOOLS[name]
    go_mod = (repository / "stacks" / "tools" / name / "go.mod").read_text()

    required = re.search(rf"(?m)^(?:require )?\s*{re.escape(tool.module)} v(\S+)", go_mod)

    assert required is not None
    assert required[1] == tool.version


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_every_module_has_locked_sums(name: str, repository: Path) -> None:
    go_sum = (repository / "stacks" / "tools" / name / "go.sum").read_text()

    assert f"{TOOLS[name].module} v{TOOLS[name].version} h1:" in go_sum


def test_every_folder_of_modules_is_in_the_catalogue(repository: Path) -> None:
    folders = {path.parent.name for path in (repository / "stacks" / "tools").glob("*/go.mod")}

    assert folders == set(TOOLS)


def test_no_binary_is_in_two_tools() -> None:
    binaries = [binary for tool in TOOLS.values() for binary in tool.binaries]

    assert sorted(binaries) == [
        "argocd",
        "etcd",
        "helm",
        "karpenter-kwok",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
        "pulumi",
    ]
