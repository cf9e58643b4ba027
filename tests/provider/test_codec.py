"""Property values survive the engine's encoding, and nothing magic gets past the codec."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from splitplane.provider.codec import (
    UNKNOWN,
    Asset,
    OutputValue,
    ResourceRef,
    Secret,
    Unknown,
    decode,
    encode,
    has_secret,
    has_unknown,
    mark_secrets,
    plain_ids,
    unwrap,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=9), plain, max_size=4))
def test_plain_values_survive(properties: dict[str, Any]) -> None:
    assert decode(encode(properties)) == properties


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(UNKNOWN, id="unknown"),
        pytest.param(Unknown("number"), id="unknown number"),
        pytest.param(Unknown("array"), id="unknown array"),
        pytest.param(Secret("s"), id="secret"),
        pytest.param(Secret({"a": [1, None]}), id="secret object"),
        pytest.param(Secret(UNKNOWN), id="secret unknown"),
        pytest.param(ResourceRef("urn:x", "id-1", "1.2.3"), id="custom resource"),
        pytest.param(ResourceRef("urn:x", UNKNOWN), id="resource that is not made yet"),
        pytest.param(ResourceRef("urn:x"), id="component"),
        pytest.param(OutputValue(1, is_secret=True, dependencies=("urn:x",)), id="output"),
        pytest.param(OutputValue(None), id="output of null"),
        pytest.param(OutputValue(UNKNOWN), id="unknown output"),
        pytest.param(Asset(is_archive=False, fields=(("text", "a"),)), id="asset"),
        pytest.param(Asset(is_archive=True, fields=(("path", "/a"),)), id="archive"),
    ],
)
def test_special_values_survive_at_any_depth(value: object) -> None:
    properties = {"a": value, "b": [value, {"c": value}]}

    assert decode(encode(properties)) == properties


def test_integral_numbers_are_ints_and_others_floats() -> None:
    struct = struct_pb2.Struct()
    struct.update({"whole": 3.0, "part": 3.5, "huge": 1e300, "truth": True})

    decoded = decode(struct)

    assert decoded == {"whole": 3, "part": 3.5, "huge": 1e300, "truth": True}
    assert [type(decoded[key]) for key in ("whole", "part", "huge", "truth")] == [
        int,
        float,
        float,
        bool,
    ]


def test_every_type_of_unknown_is_known() -> None:
    sentinels = [
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ]
    struct = struct_pb2.Struct()
    struct.update({"all": sentinels})

    kinds = [item.type for item in decode(struct)["all"]]

    assert kinds == ["bool", "number", "string", "array", "asset", "archive", "object"]


def test_a_reference_uses_the_engines_names() -> None:
    fields = encode({"r": ResourceRef("urn:x", "id-1", "1.0.0")}).fields["r"].struct_value.fields

    assert fields[SIGNATURE].string_value == "5cf8f73096256a8f31e491e813e4eb8e"
    assert sorted(fields) == [SIGNATURE, "id", "packageVersion", "urn"]


def test_an_unknown_signature_is_refused() -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": {SIGNATURE: "0" * 32}})

    with pytest.raises(ValueError, match="unknown signature"):
        decode(struct)


def test_a_value_of_a_foreign_type_is_refused_with_its_path() -> None:
    with pytest.raises(TypeError, match=r"property 'a\.b\[0\]' has a value of type set"):
        encode({"a": {"b": [set()]}})


def test_secrets_do_not_show_in_their_representation() -> None:
    assert "canary" not in repr(Secret("canary"))


def test_unwrap_finds_everything() -> None:
    value = {"a": Secret([Secret("x")]), "b": OutputValue(Secret(1)), "c": [Secret(UNKNOWN)]}

    assert unwrap(value) == {"a": ["x"], "b": 1, "c": [UNKNOWN]}
    assert has_secret(value)
    assert has_unknown(value)
    assert not has_secret(unwrap(value))


def test_references_count_as_their_ids() -> None:
    value = {"a": ResourceRef("urn:x", "id-1"), "b": Secret(ResourceRef("urn:component"))}

    assert plain_ids(value) == {"a": "id-1", "b": Secret("urn:component")}


def test_outputs_are_secret_where_inputs_are() -> None:
    inputs = {"env": {"A": Secret("x"), "B": "y"}, "ports": [{"port": Secret(1)}], "name": "n"}
    outputs = {"env": {"A": "x", "B": "y"}, "ports": [{"port": 1, "p": 2}], "name": "n", "z": 0}

    assert mark_secrets(outputs, inputs) == {
        "env": {"A": Secret("x"), "B": "y"},
        "ports": Secret([{"port": 1, "p": 2}]),
        "name": "n",
        "z": 0,
    }
