"""A cloud's plugin on our own servicer: its configuration, its kinds of resources, its functions.

The servicer gives a backend the type of a resource; names need the whole URN, so this one adds it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clouds.checking import check_object
from clouds.outputs import Answers
from clouds.resource import CloudObject
from clouds.sdk_types import function_of, kind_of, provider_kind, version_of
from clouds.store import Store
from clouds.tables import fill, tables_of
from splitplane.provider.backend import EngineSide, Failure, Resource
from splitplane.provider.codec import Properties, has_unknown, plain_ids, unwrap
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import BadInput, Unsupported, WrongArguments, WrongState
from splitplane.provider.servicer import Servicer

# What the engine and the SDKs add to the inputs of every provider.
_PLUMBING = {"version", "pluginDownloadURL", "__internal"}
_MOVING = {"aws": ("region",), "azure-native": ("subscriptionId",), "gcp": ("project",)}


class CloudPlugin:
    """Objects of one cloud in a folder."""

    def __init__(self, package: str, folder: Path) -> None:
        self._package = package
        self._tables = tables_of(package)
        self._store = Store(folder)
        self._settings: dict[str, str] = {}
        self._tags: dict[str, str] = {}

    @property
    def version(self) -> str:
        return version_of(self._package)

    def schema(self) -> str:
        return json.dumps({"name": self._package, "version": self.version})

    def check_config(self, news: Properties) -> tuple[Properties, list[Failure]]:
        kind = provider_kind(self._package)
        plain = {
            key: _parsed(item) if str not in kind.inputs[key].alternatives else item
            for key, item in unwrap(plain_ids(news)).items()
            if key not in _PLUMBING and key in kind.inputs
        }
        unknown = {key: 0 for key in news if key not in _PLUMBING and key not in kind.inputs}
        return news, check_object({**plain, **unknown}, kind.inputs, kind.required)

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        """Another place needs other objects."""
        return diff_properties(unwrap(olds), unwrap(news), replace_on=_MOVING[self._package])

    def use_engine(self, engine: EngineSide) -> None:
        """Nothing of the stand-in is worth showing."""

    def configure(self, inputs: Properties) -> None:
        """Takes what ids and outputs are made of; a setting without a default may come later."""
        plain = unwrap(inputs)
        given = {key: plain.get(key) for key in self._tables.settings}
        defaults = {**self._tables.settings, **_written(self._store.folder, "settings.json")}
        self._settings = {
            key: str(item)
            for key, default in defaults.items()
            if (item := default if has_unknown(given[key]) else given[key] or default)
        }
        tags = _parsed(plain.get("defaultTags")) or {}
        self._tags = {} if has_unknown(tags) else tags.get("tags") or {}

    def resource(self, token: str) -> Resource:
        return self.resource_at(f"urn:pulumi:stack::project::{token}::")

    def resource_at(self, urn: str) -> Resource:
        """The kind of the resource with this URN."""
        token = urn.split("::")[2].rpartition("$")[2]
        kind = kind_of(token)
        if kind is None:
            raise Unsupported(
                f"resource type {token!r} is not one of {self._package} {self.version}"
            )
        return CloudObject(
            Answers(kind, self._tables, self._needed()), self._store, urn, self._tags
        )

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The answer of the table; a test's own answers come first."""
        plain = unwrap(plain_ids(arguments))
        refused = _refused(token, plain)
        if refused:
            raise WrongArguments(refused)
        for fault in self._store.begin("invoke", token, ""):
            if fault.error:
                raise WrongState(fault.error)
        answers = {**self._tables.functions, **answers_in(self._store.folder)}
        if token not in answers:
            raise Unsupported(f"function {token!r} has no answer in the stand-in's table")
        return answer(answers[token], {**self._needed(), **plain}, token)

    def close(self) -> None:
        """Nothing is open."""

    def _needed(self) -> dict[str, str]:
        missing = sorted(set(self._tables.settings) - set(self._settings))
        if missing:
            raise BadInput(f"{self._package}:{missing[0]} is not set in the configuration")
        return self._settings


class CloudServicer(Servicer):
    """Passes on which resource is asked for."""

    def __init__(self, backend: CloudPlugin, *, engine_address: str = "") -> None:
        super().__init__(backend, engine_address=engine_address)
        self._cloud = backend

    def _resource(self, urn: str) -> Resource:
        return self._cloud.resource_at(urn)


def answer(found: Any, values: dict[str, Any], token: str) -> Properties:  # Any: a table's row
    """The first of a function's answers whose `match` fits the arguments, filled in.

    Raises:
        WrongState: none of them fits, or the one that does has an `error` and no `result`.
    """
    rows = found if isinstance(found, list) else [{"match": {}, "result": found}]
    for row in rows:
        if all(values.get(key) == item for key, item in row.get("match", {}).items()):
            if "error" in row:
                raise WrongState(f"{token}: {row['error']}")
            result: Properties = fill(row["result"], values)
            return result
    raise WrongState(f"{token}: no result for these arguments")


def answers_in(folder: Path) -> dict[str, Any]:  # Any: rows of a table
    """The answers that a test has written down for itself."""
    return _written(folder, "functions.json")


def _written(folder: Path, name: str) -> dict[str, Any]:  # Any: JSON
    file = folder / name
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def _refused(token: str, arguments: Properties) -> list[Failure]:
    found = function_of(token)
    if found is None:
        raise Unsupported(f"the SDK has no function {token!r}")
    known, required, _ = found
    given = {key for key, item in arguments.items() if item is not None}
    unknown = [Failure(key, "is no argument") for key in sorted(given - known)]
    return unknown + [Failure(key, "is required and missing") for key in sorted(required - given)]


def _parsed(value: Any) -> Any:  # Any: a property value
    """What the SDK writes as JSON in a provider's inputs."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
