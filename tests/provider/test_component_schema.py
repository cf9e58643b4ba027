"""The schema of components: nested types, enumerations and methods, from annotations."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pulumi
import pytest
from gallery.plugin import GalleryServicer

from splitplane import components
from splitplane.provider.component_schema import component_methods, component_resources
from splitplane.provider.component_shapes import shape_of
from splitplane.provider.components import COMPONENTS, load_class
from splitplane.stacks.tools import resolve

TYPES: dict[str, Any] = {}
GALLERY = component_resources(TYPES, GalleryServicer.components)["gallery:index:Gallery"]
METHODS = component_methods(TYPES, GalleryServicer.components)


def test_every_component_of_the_package_is_in_the_table() -> None:
    found = {name for name in components.__all__ if _is_component(getattr(components, name))}

    assert {token.rpartition(":")[2] for token in COMPONENTS} == found


def test_every_row_of_the_table_is_a_component_with_its_methods() -> None:
    for token, row in COMPONENTS.items():
        cls = load_class(token, row)
        assert _is_component(cls)
        assert all(callable(getattr(cls, name)) for name in row.methods)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("rooms", {"type": "integer"}),
        ("height", {"type": "number"}),
        ("isOpen", {"type": "boolean"}),
        ("title", {"type": "string"}),
        ("size", {"$ref": "#/types/gallery:index:Size"}),
        ("level", {"$ref": "#/types/gallery:index:Level"}),
        ("style", {"$ref": "#/types/gallery:index:PlainRich"}),
        ("mainPicture", {"$ref": "#/types/gallery:index:Picture"}),
        ("pictures", {"type": "array", "items": {"$ref": "#/types/gallery:index:Picture"}}),
        ("labels", {"type": "object", "additionalProperties": {"type": "string"}}),
        ("numbers", {"type": "array", "items": {"type": "integer"}}),
        ("floors", {"type": "integer", "plain": True}),
        (
            "corners",
            {"type": "array", "plain": True, "items": {"$ref": "#/types/gallery:index:Picture"}},
        ),
        ("owner", {"$ref": "pulumi.json#/Any", "plain": True}),
        ("store", {"$ref": "pulumi.json#/Any"}),
        ("plan", {"$ref": "pulumi.json#/Asset"}),
        ("anything", {"$ref": "pulumi.json#/Any"}),
    ],
)
def test_an_input_has_the_type_that_is_annotated(name: str, wanted: Any) -> None:
    entry = dict(GALLERY["inputProperties"][name])

    assert entry.pop("description")
    assert entry == wanted


def test_an_object_is_a_named_type_with_its_required_properties() -> None:
    picture = TYPES["gallery:index:Picture"]

    assert list(picture["properties"]) == ["fullTitle", "frame", "freeTags"]
    assert picture["properties"]["frame"]["$ref"] == "#/types/gallery:index:Frame"
    assert picture["required"] == ["fullTitle"]
    assert TYPES["gallery:index:Frame"]["properties"]["widthMm"] == {
        "type": "integer",
        "description": "Width, mm.",
    }


def test_an_enumeration_lists_its_values() -> None:
    assert TYPES["gallery:index:Level"] == {
        "type": "integer",
        "description": "On which level it is.",
        "enum": [
            {"name": "Low", "value": 1, "description": ""},
            {"name": "High", "value": 2, "description": ""},
        ],
    }


def test_outputs_say_what_is_secret_and_what_is_always_there() -> None:
    assert GALLERY["properties"]["code"]["secret"]
    assert "secret" not in GALLERY["properties"]["rooms"]
    assert GALLERY["required"] == ["rooms", "setting"]


def test_a_method_is_a_function_with_its_component() -> None:
    assert GALLERY["methods"] == {"planTour": "gallery:index:Gallery/planTour"}
    function = METHODS["gallery:index:Gallery/planTour"]
    assert function["description"] == "How long a tour takes, and what its guide wears."
    assert function["inputs"]["properties"]["__self__"] == {
        "$ref": "#/resources/gallery:index:Gallery"
    }
    assert function["inputs"]["required"] == ["__self__", "guests"]
    assert function["outputs"]["properties"]["minutes"]["type"] == "integer"


@pytest.mark.parametrize("hint", [int | str, bytes, set[str], pulumi.Input[int | str]])
def test_an_annotation_that_no_property_can_be_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match=r"Gallery\.rooms"):
        shape_of(hint, "Gallery.rooms")


@pytest.mark.needs_tools
def test_the_engine_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    types: dict[str, Any] = {}
    schema = {
        "name": "gallery",
        "version": "0.0.1",
        "resources": component_resources(types, GalleryServicer.components),
        "functions": component_methods(types, GalleryServicer.components),
        "types": types,
    }
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema))

    done = subprocess.run(
        [resolve("pulumi"), "schema", "check", path],
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def _is_component(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, pulumi.ComponentResource)
