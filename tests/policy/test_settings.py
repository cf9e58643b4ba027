"""Settings of policies: their schema, their defaults, and what is refused."""

from __future__ import annotations

import pytest

from splitplane_policy.errors import SettingsError
from splitplane_policy.model import UNKNOWN, Value, find, texts
from splitplane_policy.public_endpoints import EndpointSettings
from splitplane_policy.required_tags import TagSettings
from splitplane_policy.settings import read, schema_of


def test_the_schema_has_types_defaults_and_descriptions() -> None:
    assert schema_of(EndpointSettings)["widestPrefixLength"] == {
        "type": "integer",
        "minimum": 0,
        "maximum": 128,
        "default": 8,
        "description": "Ranges of fewer fixed bits count as everybody, so that the world in two "
        "halves does not pass.",
    }
    assert schema_of(TagSettings)["environmentTags"]["default"] == ["environment"]


def test_what_is_not_configured_has_its_default() -> None:
    found = read(TagSettings, {"environments": ["dev"]})

    assert found == TagSettings(environments=("dev",))
    assert found.environment_tags == ("environment",)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        read(TagSettings, {"environment": ["dev"]})

    assert str(caught.value) == (
        "the policy has no setting 'environment'; there are environmentTags, environments, "
        "furtherTypes"
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param({"a": {"b": 1.0}}, 1.0, id="there"),
        pytest.param({"a": {}}, None, id="missing"),
        pytest.param({"a": None}, None, id="null on the way"),
        pytest.param({"a": "text"}, None, id="text on the way"),
        pytest.param({"a": UNKNOWN}, UNKNOWN, id="unknown on the way"),
        pytest.param({"a": {"b": UNKNOWN}}, UNKNOWN, id="unknown at the end"),
    ],
)
def test_a_path_leads_to_a_value(value: Value, found: Value) -> None:
    assert find(value, "a", "b") == found


def test_texts_come_with_their_paths() -> None:
    value: Value = {"a": "x", "b": [1.0, {"c": "y"}], "d": UNKNOWN, "e": None}

    assert list(texts(value)) == [("a", "x"), ("b[1].c", "y")]
