"""Every resource option of a Construct request reaches the registration of the component."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine
from google.protobuf import json_format
from provider_harness import PluginProcess
from pulumi.runtime.proto import alias_pb2

from splitplane.provider.codec import OutputValue, Secret, encode
from splitplane.provider.stubs import provider_pb2

ONE = "urn:pulumi:prod::acme::gallery:index:Box::one"
TWO = "urn:pulumi:prod::acme::gallery:index:Box::two"
PROVIDER = "urn:pulumi:prod::acme::pulumi:providers:gallery::west::p-1"
GALLERY = "gallery:index:Gallery"


@pytest.fixture(scope="module")
def engine() -> Iterator[FakeEngine]:
    with FakeEngine() as found:
        yield found


@pytest.fixture(scope="module")
def gallery(engine: FakeEngine, repository: Path) -> Iterator[PluginProcess]:
    script = repository / "tests" / "standins" / "pulumi-resource-gallery"
    with PluginProcess([script, engine.address]) as process:
        process.attach(engine.address)
        yield process


def _registered(
    gallery: PluginProcess, engine: FakeEngine, **options: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The registrations of the component and of its child, as JSON."""
    engine.registered.clear()
    gallery.stub.Construct(
        provider_pb2.ConstructRequest(
            project="acme",
            stack="prod",
            monitorEndpoint=engine.address,
            type=GALLERY,
            name="g",
            inputs=encode({"rooms": 1}),
            **options,
        ),
        timeout=60,
    )
    component, child = (json_format.MessageToDict(item) for item in engine.registered)
    for alias in component.get("aliases", []):
        # So the SDK writes that the parent is that of the resource.
        if alias.get("spec", {}).get("parentUrn") == "":
            del alias["spec"]["parentUrn"]
    assert (component["type"], child["type"]) == (GALLERY, "gallery:index:Box")
    return component, child


def _alias(**spec: Any) -> alias_pb2.Alias:
    return alias_pb2.Alias(spec=alias_pb2.Alias.Spec(**spec))


@pytest.mark.parametrize(
    ("options", "field", "wanted"),
    [
        ({"parent": ONE}, "parent", ONE),
        ({"dependencies": [ONE, TWO]}, "dependencies", [ONE, TWO]),
        ({"protect": True}, "protect", True),
        ({"protect": False}, "protect", False),
        ({"providers": {"gallery": PROVIDER}}, "providers", {"gallery": PROVIDER}),
        (
            {"customTimeouts": {"create": "1m", "update": "2m", "delete": "3m", "read": "4m"}},
            "customTimeouts",
            {"create": "1m", "update": "2m", "delete": "3m", "read": "4m"},
        ),
        ({"customTimeouts": {"delete": "3m"}}, "customTimeouts", {"delete": "3m"}),
        ({"deletedWith": ONE}, "deletedWith", ONE),
        ({"replace_with": [ONE, TWO]}, "replaceWith", [ONE, TWO]),
        ({"ignoreChanges": ["rooms", "a.b"]}, "ignoreChanges", ["rooms", "a.b"]),
        ({"replaceOnChanges": ["rooms"]}, "replaceOnChanges", ["rooms"]),
        ({"retainOnDelete": True}, "retainOnDelete", True),
        ({"retainOnDelete": False}, "retainOnDelete", False),
        ({"deleteBeforeReplace": True}, "deleteBeforeReplace", True),
        ({"deleteBeforeReplace": False}, "deleteBeforeReplaceDefined", True),
        ({"additionalSecretOutputs": ["rooms"]}, "additionalSecretOutputs", ["rooms"]),
        (
            {
                "resource_hooks": {
                    "before_create": ["a"],
                    "after_create": ["b"],
                    "before_update": ["c"],
                    "after_update": ["d"],
                    "before_delete": ["e"],
                    "after_delete": ["f"],
                    "on_error": ["g"],
                }
            },
            "hooks",
            {
                "beforeCreate": ["a"],
                "afterCreate": ["b"],
                "beforeUpdate": ["c"],
                "afterUpdate": ["d"],
                "beforeDelete": ["e"],
                "afterDelete": ["f"],
                "onError": ["g"],
            },
        ),
        ({"aliases": [alias_pb2.Alias(urn=ONE)]}, "aliases", [{"urn": ONE}]),
        ({"aliases": [_alias(name="old")]}, "aliases", [{"spec": {"name": "old"}}]),
        ({"aliases": [_alias(type="a:b:C")]}, "aliases", [{"spec": {"type": "a:b:C"}}]),
        ({"aliases": [_alias(stack="s")]}, "aliases", [{"spec": {"stack": "s"}}]),
        ({"aliases": [_alias(project="p")]}, "aliases", [{"spec": {"project": "p"}}]),
        ({"aliases": [_alias(parentUrn=ONE)]}, "aliases", [{"spec": {"parentUrn": ONE}}]),
        ({"aliases": [_alias(noParent=True)]}, "aliases", [{"spec": {"noParent": True}}]),
        (
            {"aliases": [_alias(name="old", type="a:b:C", parentUrn=ONE), _alias(name="older")]},
            "aliases",
            [
                {"spec": {"name": "old", "type": "a:b:C", "parentUrn": ONE}},
                {"spec": {"name": "older"}},
            ],
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_the_option_is_passed_on(
    gallery: PluginProcess, engine: FakeEngine, options: dict[str, Any], field: str, wanted: Any
) -> None:
    component, _ = _registered(gallery, engine, **options)

    found = component[field]
    assert (sorted(found) if field == "dependencies" else found) == wanted


def test_what_is_not_given_is_not_sent(gallery: PluginProcess, engine: FakeEngine) -> None:
    component, _ = _registered(gallery, engine)

    always = {"type", "name", "object", "acceptSecrets", "acceptResources", "hooks"}
    always |= {"supportsPartialValues", "supportsResultReporting", "sourcePosition", "stackTrace"}
    assert set(component) == always
    assert component["hooks"] == {}


@pytest.mark.parametrize(
    ("trigger", "wanted"),
    [
        ("v2", "v2"),
        (7, 7.0),
        ({"aB": [1]}, {"aB": [1.0]}),
        (OutputValue("v2", dependencies=(ONE,)), "v2"),
    ],
)
def test_a_replacement_trigger_may_be_anything(
    gallery: PluginProcess, engine: FakeEngine, trigger: Any, wanted: Any
) -> None:
    value = encode({"trigger": trigger}).fields["trigger"]

    component, _ = _registered(gallery, engine, replacement_trigger=value)

    assert component["replacementTrigger"] == wanted


def test_a_secret_replacement_trigger_stays_secret(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    value = encode({"trigger": Secret("v2")}).fields["trigger"]

    component, _ = _registered(gallery, engine, replacement_trigger=value)

    assert component["replacementTrigger"] == json_format.MessageToDict(value)


def test_a_child_has_what_the_component_hands_down(
    gallery: PluginProcess, engine: FakeEngine
) -> None:
    component, child = _registered(
        gallery, engine, parent=ONE, protect=True, providers={"gallery": PROVIDER}
    )

    assert child["parent"] == engine.urn_of(engine.one(GALLERY))
    assert child["protect"] is True
    assert child["provider"] == PROVIDER
    assert "transforms" not in component
