"""Settings of a policy: a frozen dataclass is the type, the defaults and the JSON schema.

The engine checks a configuration by the schema before the first resource is seen, and hands the
policy what the user wrote.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from splitplane_policy.errors import SettingsError

Schema = dict[str, dict[str, Any]]
"""Property → its JSON schema. Any: JSON."""

_Settings = TypeVar("_Settings")


def setting(description: str, default: object, schema: Mapping[str, Any]) -> Any:  # Any: a field
    """A field of a settings class; `schema` is the JSON schema of its value."""
    metadata = {"schema": {**schema, "description": description, "default": _json(default)}}
    return dataclasses.field(default_factory=lambda: default, metadata=metadata)


def schema_of(settings: type[Any]) -> Schema:
    """The JSON schema of every setting, by the name that users write."""
    return {
        _camel(field.name): dict(field.metadata["schema"]) for field in dataclasses.fields(settings)
    }


def read(settings: type[_Settings], config: Mapping[str, Any]) -> _Settings:
    """The settings with what the user wrote; the rest has its defaults.

    Raises:
        SettingsError: a name is not one of this policy's settings.
    """
    names = {_camel(name): name for name in schema_of_names(settings)}
    for name in config:
        if name not in names:
            allowed = ", ".join(sorted(names))
            raise SettingsError(f"the policy has no setting {name!r}; there are {allowed}")
    return settings(**{names[name]: _frozen(value) for name, value in config.items()})


def schema_of_names(settings: type[Any]) -> list[str]:
    """The settings' names in code."""
    return [field.name for field in dataclasses.fields(settings)]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _frozen(value: Any) -> Any:  # Any: JSON
    return tuple(value) if isinstance(value, list) else value


def _json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
