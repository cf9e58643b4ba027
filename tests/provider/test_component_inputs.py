"""From a request's property values to arguments, by the annotations of the component."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from gallery.arguments import GalleryArgs, Level, Size

from splitplane.provider.codec import (
    UNKNOWN,
    Asset,
    OutputValue,
    Properties,
    ResourceRef,
    Secret,
    decode,
    encode,
)
from splitplane.provider.component_inputs import read_any, read_arguments
from splitplane.provider.errors import WrongArguments

URN = "urn:pulumi:prod::acme::gallery:index:Box::one"
OTHER = "urn:pulumi:prod::acme::gallery:index:Box::two"
PROVIDER = "urn:pulumi:prod::acme::pulumi:providers:unheard::west"
"""Of a package that is not imported: the SDK asks the engine for the provider of one that is."""

SAMPLES: dict[str, tuple[Any, Any]] = {
    "rooms": (3, 3),
    "height": (2, 2.0),
    "isOpen": (True, True),
    "title": ("x", "x"),
    "size": ("large", Size.LARGE),
    "level": (2, Level.HIGH),
    "style": ("rich", "rich"),
    "mainPicture": (
        {"fullTitle": "t", "frame": {"widthMm": 5}, "freeTags": {"aB": "c"}},
        {"full_title": "t", "frame": {"width_mm": 5}, "free_tags": {"aB": "c"}},
    ),
    "pictures": ([{"fullTitle": "t"}], [{"full_title": "t"}]),
    "labels": ({"aB/c": "d"}, {"aB/c": "d"}),
    "numbers": ([1, 2], [1, 2]),
}
"""Input that may be an output → how it comes, and what the component gets."""
NAMES = {"isOpen": "is_open", "mainPicture": "main_picture"}


def _read(properties: Properties, **options: Any) -> dict[str, Any]:
    """As from the wire, on which all numbers are floats."""
    found = decode(encode({"rooms": 1, **properties}))
    return read_arguments(found, GalleryArgs, **options)


def _problems(properties: Properties, **options: Any) -> dict[str, str]:
    with pytest.raises(WrongArguments) as caught:
        _read(properties, **options)
    return {item.path: item.reason for item in caught.value.failures}


async def _facts(value: pulumi.Output[Any]) -> tuple[Any, bool, bool, list[str | None]]:
    """Value, whether it is known, whether it is secret, and what it depends on."""
    assert isinstance(value, pulumi.Output)
    urns = [await resource.urn.future() for resource in await value.resources()]
    return (
        await value.future(with_unknowns=True),
        await value.is_known(),
        await value.is_secret(),
        sorted(urns, key=str),
    )


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_plain_value_becomes_what_is_annotated(name: str) -> None:
    given, wanted = SAMPLES[name]

    found = _read({name: given})[NAMES.get(name, name)]

    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize("name", SAMPLES)
async def test_an_output_becomes_one_of_what_is_annotated(name: str) -> None:
    given, wanted = SAMPLES[name]

    found = _read({name: OutputValue(given, dependencies=(URN, OTHER))})[NAMES.get(name, name)]

    value, is_known, is_secret, urns = await _facts(found)
    assert (value, is_known, is_secret, urns) == (wanted, True, False, [URN, OTHER])
    assert type(value) is type(wanted)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("is_secret", [False, True], ids=["plain", "secret"])
async def test_an_unknown_output_stays_unknown(name: str, is_secret: bool) -> None:
    given = OutputValue(UNKNOWN, is_secret=is_secret, dependencies=(URN,))

    found = _read({name: given})[NAMES.get(name, name)]

    assert (await _facts(found))[1:] == (False, is_secret, [URN])


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("wrap", [Secret, lambda value: OutputValue(value, is_secret=True)])
async def test_a_secret_stays_one(name: str, wrap: Any) -> None:
    given, wanted = SAMPLES[name]

    found = _read({name: wrap(given)})[NAMES.get(name, name)]

    assert await _facts(found) == (wanted, True, True, [])


@pytest.mark.parametrize("name", SAMPLES)
async def test_dependencies_that_come_apart_are_kept(name: str) -> None:
    given, wanted = SAMPLES[name]

    found = _read({name: given}, dependencies={name: [URN]})[NAMES.get(name, name)]

    assert await _facts(found) == (wanted, True, False, [URN])


async def test_an_output_inside_an_object_stays_inside() -> None:
    found = _read({"mainPicture": {"fullTitle": OutputValue("t", dependencies=(URN,))}})

    assert list(found["main_picture"]) == ["full_title"]
    assert (await _facts(found["main_picture"]["full_title"]))[3] == [URN]


async def test_an_output_in_a_list_and_a_map_stays_there() -> None:
    found = _read(
        {
            "pictures": [{"fullTitle": "a"}, OutputValue({"fullTitle": "b"}, dependencies=(URN,))],
            "labels": {"a": "b", "c": OutputValue(UNKNOWN)},
            "numbers": [1, OutputValue(2.0, is_secret=True)],
        }
    )

    assert found["pictures"][0] == {"full_title": "a"}
    assert await _facts(found["pictures"][1]) == ({"full_title": "b"}, True, False, [URN])
    assert found["labels"]["a"] == "b"
    assert (await _facts(found["labels"]["c"]))[1] is False
    assert await _facts(found["numbers"][1]) == (2, True, True, [])


async def test_an_unknown_where_only_plain_is_taken_makes_the_object_unknown() -> None:
    found = _read({"mainPicture": {"fullTitle": "t", "freeTags": {"a": OutputValue(UNKNOWN)}}})

    value, is_known, _, _ = await _facts(found["main_picture"])
    assert value == {"full_title": "t", "free_tags": {"a": pulumi.UNKNOWN}}
    assert not is_known


async def test_an_output_of_an_object_with_a_secret_inside_is_secret() -> None:
    given = OutputValue({"fullTitle": Secret("t"), "frame": {"widthMm": 5.0}}, dependencies=(URN,))

    found = _read({"mainPicture": given})["main_picture"]

    assert await _facts(found) == (
        {"full_title": "t", "frame": {"width_mm": 5}},
        True,
        True,
        [URN],
    )


async def test_a_plain_argument_takes_a_known_output() -> None:
    found = _read({"floors": OutputValue(2.0, dependencies=(URN,))})

    assert found["floors"] == 2
    assert type(found["floors"]) is int


async def test_a_plain_list_takes_outputs_inside_its_objects() -> None:
    found = _read({"corners": [{"fullTitle": OutputValue(UNKNOWN)}]})

    assert (await _facts(found["corners"][0]["full_title"]))[1] is False


async def test_a_plain_argument_that_is_not_known_yet_is_refused() -> None:
    found = _problems({"floors": UNKNOWN, "corners": [OutputValue(UNKNOWN)]})

    assert list(found) == ["floors", "corners[0]"]
    assert found["floors"].startswith("is not known yet: it has to be known in a preview too")


async def test_a_plain_argument_that_is_secret_is_taken_only_by_who_keeps_it() -> None:
    given = {"code": Secret("4711")}

    assert _read(given, kept_secrets=frozenset({"code"}))["code"] == "4711"
    assert _problems(given) == {
        "code": "is secret, which is not kept here: pass what is not secret"
    }


@pytest.mark.parametrize("given", [OutputValue("4711", is_secret=True), Secret("4711")])
async def test_a_kept_secret_may_come_in_either_form(given: Any) -> None:
    assert _read({"code": given}, kept_secrets=frozenset({"code"}))["code"] == "4711"


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({"rooms": 2.5}, "rooms", "is 2.5: give a whole number"),
        ({"rooms": True}, "rooms", "is True: give a whole number"),
        ({"rooms": "3"}, "rooms", "is '3': give a whole number"),
        ({"rooms": OutputValue("3")}, "rooms", "is '3': give a whole number"),
        ({"height": "3"}, "height", "is '3': give a number"),
        ({"isOpen": 1}, "isOpen", "is 1: give true or false"),
        ({"isOpen": "true"}, "isOpen", "is 'true': give true or false"),
        ({"title": 1}, "title", "is 1: give a text"),
        ({"title": ["x"]}, "title", "is a list: give a text"),
        ({"title": Secret(7)}, "title", "is a secret of another type or value: give a text"),
        ({"size": "huge"}, "size", "is 'huge': give 'small' or 'large'"),
        ({"level": 3}, "level", "is 3: give 1 or 2"),
        ({"style": "odd"}, "style", "is 'odd': give 'plain' or 'rich'"),
        ({"pictures": {"a": "b"}}, "pictures", "is an object: give a list"),
        ({"labels": ["a"]}, "labels", "is a list: give a map"),
        ({"labels": {"a/b": 1}}, 'labels["a/b"]', "is 1: give a text"),
        ({"numbers": [1, None]}, "numbers[1]", "is null: give a whole number"),
        ({"mainPicture": {}}, "mainPicture.fullTitle", "is missing: give a text"),
        (
            {"pictures": [{"fullTitle": "a"}, {"fullTitle": "b", "frame": {"widthMm": "c"}}]},
            "pictures[1].frame.widthMm",
            "is 'c': give a whole number",
        ),
        ({"mainPictur": {}}, "mainPictur", "is not known: did you mean 'mainPicture'?"),
        (
            {"mainPicture": {"fullTitle": "a", "full_title": "b"}},
            "mainPicture.full_title",
            "is not known: did you mean 'fullTitle'?",
        ),
        (
            {"mainPicture": {"fullTitle": "a", "xyz": "b"}},
            "mainPicture.xyz",
            "is not known: known are frame, freeTags, fullTitle",
        ),
        ({"owner": "x"}, "owner", "is 'x': give a resource of class Resource"),
        (
            {"store": ResourceRef(URN, "1")},
            "store",
            "is a reference to a resource: give a resource of class ProviderResource",
        ),
        ({"plan": "x"}, "plan", "is 'x': give an asset or an archive"),
    ],
)
async def test_what_is_wrong_is_named_by_its_path(given: Any, path: str, reason: str) -> None:
    assert _problems(given) == {path: reason}


async def test_a_missing_argument_is_named_and_a_null_is_none() -> None:
    found = _problems({"rooms": None, "title": None})

    assert found == {"rooms": "is missing: give a whole number"}


async def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert len(_problems({"rooms": "a", "height": "b", "size": "c"})) == 3


async def test_a_long_value_is_cut_in_the_message() -> None:
    reason = _problems({"rooms": "x" * 1000})["rooms"]

    assert len(reason) < 100


async def test_what_the_engine_adds_is_left_out() -> None:
    assert _read({"__defaults": []}) == {"rooms": 1}


async def test_a_resource_stays_one_with_its_urn_and_id() -> None:
    owner = _read({"owner": ResourceRef(URN, "one-id")})["owner"]

    assert await owner.urn.future() == URN
    assert await owner.id.future() == "one-id"


async def test_a_resource_that_is_not_created_yet_has_no_id_yet() -> None:
    owner = _read({"owner": ResourceRef(URN, UNKNOWN)})["owner"]

    assert await owner.urn.future() == URN
    assert await owner.id.is_known() is False


async def test_a_component_as_an_input_has_no_id() -> None:
    owner = _read({"owner": ResourceRef(URN)})["owner"]

    assert await owner.urn.future() == URN


async def test_a_provider_stays_one_of_its_package() -> None:
    store = _read({"store": ResourceRef(PROVIDER, "p-1")})["store"]

    assert store.package == "unheard"
    assert await store.urn.future() == PROVIDER
    assert await store.id.future() == "p-1"


async def test_an_output_of_a_provider_stays_one() -> None:
    given = OutputValue(ResourceRef(PROVIDER, "p-1"), dependencies=(URN,))

    value, is_known, _, urns = await _facts(_read({"store": given})["store"])

    assert (value.package, is_known, urns) == ("unheard", True, [URN])


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        (ResourceRef(URN, "one-id"), ("one-id", True)),
        (ResourceRef(URN), (URN, True)),
        (ResourceRef(URN, UNKNOWN), (pulumi.UNKNOWN, False)),
    ],
    ids=["custom", "component", "not created"],
)
async def test_a_resource_where_a_text_is_wanted_means_its_id(
    reference: ResourceRef, wanted: tuple[Any, bool]
) -> None:
    value, is_known, _, urns = await _facts(_read({"title": reference})["title"])

    assert ((value, is_known), urns) == (wanted, [URN])


async def test_an_asset_stays_one() -> None:
    plan = _read({"plan": Asset(False, (("text", "hello"),))})["plan"]

    assert isinstance(plan, pulumi.StringAsset)
    assert plan.text == "hello"


async def test_anything_keeps_its_shape() -> None:
    found = _read({"anything": {"aB": [1, OutputValue(UNKNOWN), Secret({"cD": 2})]}})["anything"]

    assert found["aB"][0] == 1
    assert (await _facts(found["aB"][1]))[1] is False
    assert await _facts(found["aB"][2]) == ({"cD": 2}, True, True, [])


async def test_an_option_may_be_anything() -> None:
    assert read_any([1, "a", None, {"b": True}]) == [1, "a", None, {"b": True}]
    assert await _facts(read_any(Secret("x"))) == ("x", True, True, [])
