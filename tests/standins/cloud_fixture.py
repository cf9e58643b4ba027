"""The clouds' stand-ins and an engine that finds them, for every folder of tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from k8s_plugin.exec_user import VARIABLE
from polling import wait_for

if TYPE_CHECKING:
    from clouds.program import Clouds

    from splitplane.stacks.engine import Engine
    from splitplane.stacks.local_cluster import LocalCluster

DATA = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "crds"
FOLDERS = ("argo-cd", "cert-manager", "karpenter")
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_STANDINS = Path(__file__).resolve().parent
OWN = _STANDINS / "definitions"
"""Of kinds whose vendor publishes no definition."""


@pytest.fixture
def clouds(tmp_path: Path, pytestconfig: pytest.Config) -> Clouds:
    """Stand-ins for the clouds' plugins, with nothing in them."""
    from clouds.program import install

    return install(tmp_path / "clouds", pytestconfig.cache.mkdir("bytecode"))


@pytest.fixture
def cloud_engine(clouds: Clouds, tmp_path: Path) -> Iterator[Engine]:
    """An engine that finds the stand-ins of this test."""
    from splitplane.stacks.engine import Engine

    with Engine(
        directory=tmp_path / "engine",
        passphrase="passphrase",
        plugin_directories=(clouds.plugins, _STANDINS),
    ) as made:
        yield made


@pytest.fixture(scope="session")
def upstream_definitions(kubernetes: httpx.Client) -> None:
    """The shared cluster knows the add-ons' own kinds, by their unmodified definitions."""
    if not DATA.is_dir():
        pytest.skip(f"needs upstream CRDs in {DATA}")
    for folder in (*(DATA / name for name in FOLDERS), OWN):
        for file in sorted(folder.glob("*.yaml")):
            for definition in yaml.safe_load_all(file.read_text()):
                define(kubernetes, definition)


@pytest.fixture
def cloud_cluster(
    upstream_definitions: None, local_cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> LocalCluster:
    """The shared cluster stands for those of the clouds, also for Kubernetes objects."""
    monkeypatch.setenv(VARIABLE, str(local_cluster.kubeconfig))
    return local_cluster


def define(kubernetes: httpx.Client, definition: Any) -> None:  # Any: a definition in YAML
    """The cluster serves the kind; nothing happens when it did already."""
    if not definition:
        return
    name = definition["metadata"]["name"]
    wait_for(partial(_is_staying, kubernetes, definition), what=f"{name} to be defined")
    spec = definition["spec"]
    version = next(item["name"] for item in spec["versions"] if item["served"])
    path = f"/apis/{spec['group']}/{version}/{spec['names']['plural']}"
    wait_for(partial(_is_served, kubernetes, path), what=f"{path} to be served")


def _is_staying(kubernetes: httpx.Client, definition: Any) -> bool:  # Any: in YAML
    """Another test may have the same definition deleted at this moment."""
    answer = kubernetes.post(_DEFINITIONS, json=definition)
    if answer.status_code != int(httpx.codes.CONFLICT):
        answer.raise_for_status()
        return True
    found = kubernetes.get(f"{_DEFINITIONS}/{definition['metadata']['name']}")
    return found.is_success and "deletionTimestamp" not in found.json()["metadata"]


def _is_served(kubernetes: httpx.Client, path: str) -> bool:
    return kubernetes.get(path).is_success
