"""The data files of the stand-ins name only what the installed SDKs have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from clouds.checking import parts_of
from clouds.sdk_types import (
    MODULES,
    Field,
    fields_of,
    function_of,
    is_object,
    kind_of,
    provider_kind,
)
from clouds.tables import Tables, tables_of

_MADE = {"name", "kind", "service", "hex8", "hex17", "hex32", "uuid", "id"}
_NOT_INPUTS = {"account", "destination"}

package = pytest.mark.parametrize("package", sorted(MODULES))


def _has(fields: Mapping[str, Field], path: str) -> bool:
    for part in path.split("."):
        if part not in fields:
            return False
        inner = [parts_of(item)[1] or (item,) for item in fields[part].alternatives]
        owners = [item for items in inner for item in items if is_object(item)]
        fields = fields_of(owners[0]) if owners else {}
    return True


def _types(tables: Tables) -> set[str]:
    maps: list[Mapping[str, Any]] = [
        tables.names,
        tables.ids,
        tables.outputs,
        tables.replaces,
        tables.updates,
        tables.replacing_steps,
        tables.recomputed,
        tables.holds,
        tables.protections,
    ]
    return {token for found in maps for token in found} - {"*"}


def _inputs(tables: Tables) -> Iterator[tuple[str, str]]:
    yield from tables.names.items()
    for found in (
        tables.replaces,
        tables.updates,
        tables.replacing_steps,
        tables.recomputed,
    ):
        yield from ((token, path) for token, paths in found.items() for path in paths)
    for holders in tables.holds.values():
        yield from ((hold.holder, hold.input) for hold in holders)
    yield from ((token, name) for token, (name, _) in tables.protections.items())


@package
def test_every_type_exists(package: str) -> None:
    assert {token for token in _types(tables_of(package)) if kind_of(token) is None} == set()


@package
def test_every_input_exists(package: str) -> None:
    wrong = {
        (token, path)
        for token, path in _inputs(tables_of(package))
        if (kind := kind_of(token)) is None or not _has(kind.inputs, path)
    }

    assert wrong == set()


def _outputs(tables: Tables) -> Iterator[tuple[str, str]]:
    for token, paths in tables.outputs.items():
        if token != "*":
            yield from ((token, path) for path in paths)
    for token, found in tables.recomputed.items():
        yield from ((token, path) for paths in found.values() for path in paths)


@package
def test_every_output_exists(package: str) -> None:
    wrong = {
        (token, path)
        for token, path in _outputs(tables_of(package))
        if (kind := kind_of(token)) is None or not _has(kind.outputs, path)
    }

    assert wrong == set()


@package
def test_every_template_can_be_filled(package: str) -> None:
    tables = tables_of(package)
    wrong = {
        (token, key)
        for token, found in [*tables.ids.items(), *tables.outputs.items()]
        if token != "*" and (kind := kind_of(token)) is not None
        for key in re.findall(r"{(\w+)}", str(found))
        if key not in {*_MADE, *_NOT_INPUTS, *tables.settings, *kind.inputs}
    }

    assert wrong == set()


@package
def test_every_function_answers_with_what_its_result_has(package: str) -> None:
    for token, found in tables_of(package).functions.items():
        known = function_of(token)
        assert known is not None, token
        assert set(found) <= known[2], token


@package
def test_every_setting_is_one_of_the_provider(package: str) -> None:
    settings = set(tables_of(package).settings) - {"account"}

    assert settings <= set(provider_kind(package).inputs)
