"""The annotation of what to wait for is held against the official plugin's syntax."""

from __future__ import annotations

import pytest
from k8s_plugin.waits import ANNOTATION, wrong_waits


@pytest.mark.parametrize(
    "text",
    [
        "jsonpath={.status.health.status}=Healthy",
        "condition=Ready",
        '["jsonpath={.status.sync.status}=Synced", "condition=Ready=True"]',
    ],
)
def test_expressions_pass(text: str) -> None:
    assert wrong_waits({ANNOTATION: text}) == []


@pytest.mark.parametrize("text", ["", "[]", "Healthy", "jsonpath=.status", '["condition="]', "[x"])
def test_anything_else_is_named(text: str) -> None:
    (failure,) = wrong_waits({ANNOTATION: text})

    assert failure.path == "metadata.annotations['pulumi.com/waitFor']"
    assert repr(text) in failure.reason


def test_an_object_without_it_is_not_waited_for() -> None:
    assert wrong_waits({"a": "b"}) == []
    assert wrong_waits(None) == []
