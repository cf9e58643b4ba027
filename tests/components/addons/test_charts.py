"""What is pinned is what the index of charts names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from splitplane.components.addons.charts import CHARTS, Chart

NOT_INDEXED = {"aws-efa-k8s-device-plugin", "cluster-autoscaler", "neuron-helm-chart"}
INDEX = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "charts" / "INDEX.md"


def indexed() -> dict[str, list[Chart]]:
    """Name of a chart → it, from each repository that has it."""
    found: dict[str, list[Chart]] = {}
    for line in INDEX.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 9 or "://" not in cells[4]:
            continue
        _, name, version, _, repositories, *_ = cells
        found[name] = [
            Chart(name, one.removesuffix(f"/{name}") if one.startswith("oci") else one, version)
            for one in repositories.split(" or ")
        ]
    return found


@pytest.mark.skipif(not INDEX.is_file(), reason=f"needs the index of charts {INDEX}")
@pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda chart: chart.name)
def test_every_pin_is_the_indexed_version_from_an_indexed_repository(chart: Chart) -> None:
    found = indexed()

    if chart.name in NOT_INDEXED:
        assert chart.name not in found
    else:
        assert chart in found[chart.name]


def test_argo_cd_names_registries_without_a_scheme() -> None:
    assert CHARTS["karpenter"].source == "public.ecr.aws/karpenter"
    assert CHARTS["cert-manager"].source == "https://charts.jetstack.io"
