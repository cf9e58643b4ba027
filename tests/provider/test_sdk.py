"""The Python classes are current, and each has its look-up."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from splitplane import resources
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.sdk import build_sdk

FILES = build_sdk()


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_the_committed_classes_are_current(path: Path) -> None:
    hint = "run python -m splitplane.provider.sdk"

    assert path.read_text(encoding="utf-8") == FILES[path], hint


@pytest.mark.parametrize("token", [layout.resource_type for layout, _ in LAYOUTS])
def test_every_resource_can_be_looked_up(token: str) -> None:
    cls = getattr(resources, token.rpartition(":")[2])

    assert cls.pulumi_type == token
    assert list(inspect.signature(cls.get).parameters) == ["resource_name", "id", "opts"]


def test_every_exported_name_can_be_imported() -> None:
    assert [name for name in resources.__all__ if not hasattr(resources, name)] == []
    assert {"Application", "Provider", "ServiceArgs"} <= set(resources.__all__)
