"""Remote components under the real engine: inputs from other resources, options, methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from engine_programs import CANARY
from pulumi import automation

from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

Program = Callable[[], None]
SOURCE = {
    "rooms": 3,
    "height": 2.5,
    "isOpen": True,
    "size": "large",
    "level": 2,
    "picture": {"fullTitle": "t", "frame": {"widthMm": 5}, "freeTags": {"aB": "c"}},
    "titles": ["a", "b"],
    "secret": CANARY,
}
CHILD = {
    "rooms": 3,
    "height": 2.5,
    "is_open": True,
    "size": "large",
    "level": 2,
    "main_picture": {"full_title": "t", "frame": {"width_mm": 5}, "free_tags": {"aB": "c"}},
    "pictures": [
        {"full_title": "a", "frame": {"width_mm": 3}},
        {"full_title": "t", "frame": {"width_mm": 5}, "free_tags": {"aB": "c"}},
    ],
    "labels": {"x/y": "b"},
    "numbers": [3, 7],
}


class Box(pulumi.CustomResource):
    """A resource of the test plugin; its outputs are its inputs, unknown until it is created."""

    def __init__(self, name: str, inputs: Mapping[str, Any]) -> None:
        super().__init__("gallery:index:Box", name, dict(inputs))


class Gallery(pulumi.ComponentResource):
    """The component as an SDK of another language asks for it."""

    rooms: pulumi.Output[int]
    code: pulumi.Output[str]
    setting: pulumi.Output[str]

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        outputs = dict.fromkeys(("rooms", "code", "setting"))
        super().__init__("gallery:index:Gallery", name, {**outputs, **inputs}, opts, True)


def _program(**changes: Any) -> Program:
    def register() -> None:
        box: Any = Box("source", {**SOURCE, **changes})
        gallery = Gallery(
            "gallery",
            {
                "rooms": box.rooms,
                "height": box.height,
                "isOpen": box.isOpen,
                "size": box.size,
                "level": box.level,
                "mainPicture": box.picture,
                "pictures": [
                    {"fullTitle": box.titles[0], "frame": {"widthMm": box.rooms}},
                    box.picture,
                ],
                "labels": {"x/y": box.titles[1]},
                "numbers": [box.rooms, 7],
                "title": pulumi.Output.secret(box.secret),
                "code": pulumi.Output.secret("canary-code"),
                "owner": box,
            },
        )
        tour: Any = pulumi.runtime.call(
            "gallery:index:Gallery/planTour",
            {"__self__": gallery, "guests": box.level, "guide": box.titles[0]},
            gallery,
        )
        pulumi.export("rooms", gallery.rooms)
        pulumi.export("code", gallery.code)
        pulumi.export("setting", gallery.setting)
        pulumi.export("tour", tour)

    return register


def _state(stack: automation.Stack) -> dict[str, dict[str, Any]]:
    """Name and type → resource."""
    resources = stack.export_stack().deployment["resources"]
    return {
        f"{item['urn'].rpartition('::')[2]} {item['type'].rpartition(':')[2]}": item
        for item in resources
    }


def test_integers_enumerations_and_objects_come_from_another_resource(engine: Engine) -> None:
    stack = engine.stack("gallery", _program())
    stack.set_config("gallery:setting", automation.ConfigValue("s1"))

    assert stack.preview().change_summary == {"create": 4}
    outputs = stack.up().outputs

    assert outputs["rooms"].value == 3
    assert outputs["setting"].value == "gallery: s1"
    assert (outputs["code"].value, outputs["code"].secret) == ("canary-code", True)
    assert outputs["tour"].value == {"minutes": 30, "badge": "a/gallery: s1"}
    child = _state(stack)["gallery Box"]
    assert {key: child["inputs"][key] for key in CHILD} == CHILD
    source = _state(stack)["source Box"]["urn"]
    assert child["propertyDependencies"]["main_picture"] == [source]
    assert child["inputs"]["owner"]["urn"] == source
    state = "".join(item.read_text() for item in engine.backend.rglob("*.json"))
    assert "canary-code" not in state
    # Shown as what was secret, since the export decrypts.
    assert child["inputs"]["title"]["plaintext"] == f'"{CANARY}"'
    stack.up(expect_no_changes=True)
    assert set(stack.refresh().summary.resource_changes or {}) == {"same"}
    stack.destroy()
    assert not stack.export_stack().deployment.get("resources")


def test_a_change_of_the_other_resource_goes_through(engine: Engine) -> None:
    engine.stack("gallery", _program()).up()
    stack = engine.stack("gallery", _program(rooms=4, size="small"))

    assert stack.preview().change_summary["update"] == 2
    outputs = stack.up().outputs

    assert outputs["rooms"].value == 4
    child = _state(stack)["gallery Box"]["inputs"]
    assert (child["rooms"], child["size"], child["numbers"]) == (4, "small", [4, 7])
    stack.destroy()


def test_wrong_inputs_are_shown_with_path_and_value(engine: Engine) -> None:
    stack = engine.stack("gallery", lambda: _only({"room": 2, "size": "huge"}))

    with pytest.raises(automation.CommandError) as caught:
        stack.preview()

    text = str(caught.value)
    assert "property room with value '{2}' has a problem: is not known: did you mean" in text
    assert "property rooms has a problem: is missing: give a whole number" in text
    assert "is 'huge': give 'small' or 'large'" in text


def test_an_argument_that_must_be_known_is_named_in_the_preview(engine: Engine) -> None:
    def register() -> None:
        box: Any = Box("source", {"floors": 2})
        Gallery("gallery", {"rooms": 1, "floors": box.floors})

    with pytest.raises(automation.CommandError, match=r"property floors .*is not known yet"):
        engine.stack("gallery", register).preview()


def test_options_of_the_program_hold_for_the_component_and_its_child(engine: Engine) -> None:
    seen: list[str] = []

    def retitle(
        args: pulumi.ResourceTransformArgs,
    ) -> pulumi.ResourceTransformResult | None:
        seen.append(args.type_)
        if args.type_ != "gallery:index:Box":
            return None
        return pulumi.ResourceTransformResult({**args.props, "title": "transformed"}, args.opts)

    def register() -> None:
        provider = pulumi.ProviderResource("gallery", "west", {})
        parent = pulumi.ComponentResource("a:b:Parent", "parent")
        other: Any = Box("other", {"a": 1})
        _only(
            {"rooms": 1},
            pulumi.ResourceOptions(
                parent=parent,
                protect=True,
                provider=provider,
                depends_on=[other],
                deleted_with=other,
                retain_on_delete=True,
                custom_timeouts=pulumi.CustomTimeouts(create="5m", delete="7m"),
                transforms=[retitle],
            ),
        )

    stack = engine.stack("gallery", register)
    stack.up()

    state = _state(stack)
    component, child, other = state["gallery Gallery"], state["gallery Box"], state["other Box"]
    assert component["parent"] == state["parent Parent"]["urn"]
    assert component["dependencies"] == [other["urn"]]
    assert component["customTimeouts"] == {"create": 300, "delete": 420}
    for item in (component, child):
        assert (item["protect"], item["retainOnDelete"]) == (True, True)
        assert item["deletedWith"] == other["urn"]
    assert "::west::" in child["provider"]
    assert child["inputs"]["title"] == "transformed"
    assert set(seen) == {"gallery:index:Box", "gallery:index:Gallery"}
    stack.up(expect_no_changes=True)


def test_a_component_may_transform_its_own_children(engine: Engine) -> None:
    def register() -> None:
        token = "gallery:index:Retitled"
        pulumi.ComponentResource(token, "gallery", {"title": "t"}, None, True)

    stack = engine.stack("gallery", register)
    stack.up()

    assert _state(stack)["gallery Box"]["inputs"] == {"title": "t!"}
    stack.up(expect_no_changes=True)


def test_a_renamed_component_with_an_alias_keeps_its_child(engine: Engine) -> None:
    engine.stack("gallery", lambda: _only({"rooms": 1}, name="old")).up()
    alias = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])
    stack = engine.stack("gallery", lambda: _only({"rooms": 1}, alias, name="renamed"))

    summary = stack.preview().change_summary

    assert "create" not in summary
    assert "delete" not in summary
    stack.up()
    assert "renamed Box" in _state(stack)
    stack.destroy()


def _only(
    inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None, name: str = "gallery"
) -> None:
    Gallery(name, inputs, opts)
