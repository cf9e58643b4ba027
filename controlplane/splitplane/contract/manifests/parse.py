"""From a mapping that somebody wrote to a manifest, with errors that name field, value and rule."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from splitplane.contract.errors import FieldError
from splitplane.contract.manifests.access import (
    RoleBindingManifest,
    ServiceAccountTokenManifest,
    TeamManifest,
)
from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.contract.manifests.cluster import ClusterManifest
from splitplane.contract.manifests.container_registry import ContainerRegistryManifest
from splitplane.contract.manifests.environment import EnvironmentManifest
from splitplane.contract.manifests.identity import (
    RoleManifest,
    ServiceAccountManifest,
    UserManifest,
)
from splitplane.contract.manifests.ml_repo import MlRepoManifest
from splitplane.contract.manifests.secrets import SecretGroupManifest, SecretStoreManifest
from splitplane.contract.manifests.storage_integration import StorageIntegrationManifest
from splitplane.contract.manifests.workspace import WorkspaceManifest

Manifest = (
    ClusterManifest
    | ContainerRegistryManifest
    | EnvironmentManifest
    | JobManifest
    | MlRepoManifest
    | RoleBindingManifest
    | RoleManifest
    | SecretGroupManifest
    | SecretStoreManifest
    | ServiceAccountManifest
    | ServiceAccountTokenManifest
    | ServiceManifest
    | StorageIntegrationManifest
    | TeamManifest
    | UserManifest
    | WorkspaceManifest
)

MANIFEST_MODELS: Final[dict[str, type[Manifest]]] = {
    "cluster": ClusterManifest,
    "container-registry": ContainerRegistryManifest,
    "environment": EnvironmentManifest,
    "job": JobManifest,
    "ml-repo": MlRepoManifest,
    "role": RoleManifest,
    "role-binding": RoleBindingManifest,
    "secret-group": SecretGroupManifest,
    "secret-store": SecretStoreManifest,
    "service": ServiceManifest,
    "service-account": ServiceAccountManifest,
    "service-account-token": ServiceAccountTokenManifest,
    "storage-integration": StorageIntegrationManifest,
    "team": TeamManifest,
    "user": UserManifest,
    "workspace": WorkspaceManifest,
}
"""Value of `type` → model."""

_TYPES: Final = {
    "bool_": "true or false",
    "dict_type": "a mapping",
    "float_": "a number",
    "int_": "a whole number",
    "list_type": "a list",
    "model_": "a mapping",
    "string_type": "text",
}
"""Start of pydantic's name for a wrong type → what is allowed there."""

ModelT = TypeVar("ModelT", bound=BaseModel)

_VALUE_LIMIT: Final = 256
"""Characters of a wrong value that are repeated in an error; enough to find it, too few to flood
a log."""


class ManifestError(ValueError):
    """The manifest has wrong fields; `errors` names each one."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Keeps the errors and joins their messages."""
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = list(errors)


def parse_manifest(data: Mapping[str, Any]) -> Manifest:  # Any: untyped input of people
    """The manifest that `data` describes.

    Raises:
        ManifestError: no or an unknown `type`, an unknown field, a wrong type or a broken rule;
            every wrong field is named at once.
    """
    kind = data.get("type")
    model = MANIFEST_MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise ManifestError([_unknown_type(kind)])
    return parse_model(model, data)


def parse_model(
    model: type[ModelT], data: Mapping[str, Any]
) -> ModelT:  # Any: untyped input of people
    """`data` as `model`; raises ManifestError that names every wrong field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ManifestError([_field_error(model, detail) for detail in error.errors()]) from error


def field_path(location: Sequence[str | int]) -> str:
    """`("ports", 0, "port")` as people write it: `ports[0].port`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(manifest)"


def _unknown_type(kind: object) -> FieldError:
    allowed = ", ".join(MANIFEST_MODELS)
    close = difflib.get_close_matches(str(kind), MANIFEST_MODELS, n=1)
    return FieldError(
        field="type",
        value=kind,
        message="is missing" if kind is None else f"{kind!r} is not a known type",
        allowed=allowed,
        hint=f"did you mean {close[0]!r}?" if close else "set type to what you want to make",
    )


def _field_error(model: type[BaseModel], detail: ErrorDetails) -> FieldError:
    whole = detail["loc"]
    location = [part for index, part in enumerate(whole) if not _is_tag(model, whole, index)]
    if detail["type"].startswith("union_tag"):
        return _wrong_kind(model, location, detail)
    if detail["type"] == "extra_forbidden":
        return _unknown_field(model, whole, location)
    is_missing = detail["type"] == "missing"
    message = detail["msg"].removeprefix("Value error, ")
    return FieldError(
        field=field_path(location),
        value=None
        if is_missing
        else "[hidden]"
        if location[:1] == ["env"] or location[-1:] == ["password"]
        else _shown(detail["input"]),
        message="is missing" if is_missing else message[:1].lower() + message[1:],
        allowed=_allowed(detail),
        hint=f"set {field_path(location)}" if is_missing else None,
    )


def _wrong_kind(
    model: type[BaseModel], location: Sequence[str | int], detail: ErrorDetails
) -> FieldError:
    """A field that is one of several models has no `kind`, or an unknown one."""
    field = f"{field_path(location)}.kind"
    kind = detail.get("ctx", {}).get("tag")
    choices = _models_in(model.model_fields[str(location[0])].annotation)
    return FieldError(
        field=field,
        value=kind,
        message="is missing" if kind is None else f"{kind!r} is not a known kind",
        allowed=", ".join(str(choice.model_fields["kind"].default) for choice in choices),
        hint=f"set {field}" if kind is None else f"set {field} to one of the allowed kinds",
    )


def _is_tag(model: type[BaseModel], location: Sequence[str | int], index: int) -> bool:
    """Whether this part is no field but the `kind` by which one of several models was chosen."""
    field = model.model_fields.get(str(location[0]))
    return index == 1 and field is not None and field.discriminator is not None


def _unknown_field(
    model: type[BaseModel], whole: Sequence[str | int], location: Sequence[str | int]
) -> FieldError:
    owner = _model_at(model, whole[:-1])
    fields = sorted(owner.model_fields) if owner else []
    close = difflib.get_close_matches(str(location[-1]), fields, n=1)
    return FieldError(
        field=field_path(location),
        message=f"unknown field {location[-1]!r}",
        allowed=", ".join(fields) or None,
        hint=f"did you mean {close[0]!r}?" if close else "remove it",
    )


def _model_at(model: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    choices: list[type[BaseModel]] = []
    for part in location:
        if isinstance(part, int) or current is None:
            continue
        field = current.model_fields.get(part)
        if field is None:
            # The kind that was chosen where a field may be one of several models, or a mapping's
            # key, whose values are all the same.
            current = next((c for c in choices if c.model_fields["kind"].default == part), current)
            continue
        choices = list(_models_in(field.annotation)) if field.discriminator else []
        current = current if choices else next(_models_in(field.annotation), None)
    return current


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _allowed(detail: ErrorDetails) -> str | None:
    for start, words in _TYPES.items():
        if detail["type"].startswith(start):
            return words
    context = detail.get("ctx", {})
    if "expected" in context:
        return str(context["expected"])
    bounds = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    parts = [f"{words} {context[key]}" for key, words in bounds.items() if key in context]
    for key, words in (("min_length", "at least"), ("max_length", "at most")):
        if key in context:
            parts.append(f"{words} {context[key]} long")
    if "pattern" in context:
        parts.append(f"text that matches {context['pattern']}")
    return " and ".join(parts) or None


def _shown(value: object) -> object:
    if isinstance(value, str):
        return value[:_VALUE_LIMIT]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return repr(value)[:_VALUE_LIMIT]
