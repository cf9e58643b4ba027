"""The checker of chart values finds what a chart would not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chart_values
import pytest
from chart_values import chart_problems

VALUES = """
replicas: 1
# tier: gold
labels: {}
image:
  tag: ""
  pull: true
port: 80
nothing:
"""
SCHEMA = {
    "$defs": {
        "image": {"type": "object", "additionalProperties": False, "properties": {"tag": {}}}
    },
    "properties": {
        "image": {"$ref": "#/$defs/image"},
        "replicas": {"type": "integer"},
        "pull": {"enum": ["Always"]},
    },
}


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `app` as the checker reads it."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "values.yaml").write_text(VALUES)
    monkeypatch.setattr(chart_values, "CHARTS", tmp_path)
    return folder


@pytest.mark.parametrize(
    ("values", "free", "problems"),
    [
        ({"replicas": 2, "image": {"tag": "a"}, "nothing": {}}, (), []),
        ({"replica": 2}, (), ["replica: is no key of the chart"]),
        ({"image": {"tagg": "a"}}, (), ["image.tagg: is no key of the chart"]),
        ({"port": "80"}, (), ["port: '80' stands where the chart has 80"]),
        ({"replicas": True}, (), ["replicas: True stands where the chart has 1"]),
        (
            {"labels": {"a": "b"}},
            (),
            ["labels: the chart does not say which keys it takes; list it as free"],
        ),
        ({"labels": {"a": "b"}, "tier": "gold"}, ("labels", "tier"), []),
        ({}, ("labels",), ["labels: is listed as free for nothing"]),
        (
            {"image": {"tagg": "a"}},
            ("image",),
            ["image.tagg: is no key of the chart", "image: is listed as free for nothing"],
        ),
    ],
)
@pytest.mark.usefixtures("chart")
def test_keys_that_the_chart_does_not_read_are_named(
    values: dict[str, Any], free: tuple[str, ...], problems: list[str]
) -> None:
    assert chart_problems("app", values, free=free) == problems


def test_the_schema_is_asked_too(chart: Path) -> None:
    (chart / "values.schema.json").write_text(json.dumps(SCHEMA))

    assert chart_problems("app", {"replicas": 2, "image": {"tag": "a"}}) == []
    assert chart_problems("app", {"image": {"pull": True}}) == [
        "$.image.pull: is no key of the schema"
    ]
