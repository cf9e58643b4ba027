"""What the installed SDK of a cloud says about its types: inputs, outputs, what is required.

Read lazily from the generated classes, one type at a time; nothing is copied from them.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import re
import threading
import types
import typing
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pulumi

MODULES: Final = {
    "aws": "pulumi_aws",
    "azure-native": "pulumi_azure_native",
    "gcp": "pulumi_gcp",
}
"""Package of the plugin → module of its Python SDK."""

# The SDKs load their folders at the first use of a name, which two threads may not do at once.
_LOADING = threading.RLock()
_REGISTERED = re.compile(r'resource_modules="""(.*?)"""', re.DOTALL)
_PARAMETER = re.compile(r"^\s*:param (?P<type>.+?) (?P<name>\w+): (?P<text>.*)$")


@dataclass(frozen=True)
class Field:
    """One property of a class."""

    alternatives: tuple[Any, ...]  # Any: types and generic aliases
    is_optional: bool
    description: str = ""


@dataclass(frozen=True)
class Kind:
    """One type of resource; `inputs` and `outputs` have wire names."""

    token: str
    inputs: Mapping[str, Field]
    required: frozenset[str]
    outputs: Mapping[str, Field]

    @property
    def service(self) -> str:
        """`eks` of `aws:eks/cluster:Cluster`."""
        return self.token.split(":")[1].partition("/")[0]

    @property
    def short_name(self) -> str:
        """`cluster` of `aws:eks/cluster:Cluster`."""
        name = self.token.rpartition(":")[2]
        return name[0].lower() + name[1:]


def package_of(token: str) -> str:
    """`aws` of `aws:eks/cluster:Cluster`."""
    return token.partition(":")[0]


@cache
def version_of(package: str) -> str:
    """Version of the installed SDK."""
    return importlib.metadata.version(MODULES[package])


@cache
def kind_of(token: str) -> Kind | None:
    """The type with this token; None when the installed SDK has no such resource."""
    found = _classes(package_of(token)).get(token)
    if found is None:
        return None
    module, name = found
    with _LOADING, warnings.catch_warnings():
        # Loading a folder warns of the deprecated classes in it.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _kind(token, getattr(importlib.import_module(module), name))


@cache
def provider_kind(package: str) -> Kind:
    """The provider resource itself."""
    provider = importlib.import_module(MODULES[package]).Provider
    return _kind(f"pulumi:providers:{package}", provider)


@cache
def function_of(token: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]] | None:
    """(arguments, required ones, result's properties) of a function; None when there is none."""
    package, module, name = token.split(":")
    folder = module.partition("/")[0]
    parts = [MODULES[package], *([] if folder in ("index", "") else [folder])]
    try:
        owner = importlib.import_module(".".join(parts).replace("-", "_"))
        function = getattr(owner, _snake(name))
    except (ImportError, AttributeError):
        return None
    given = [p for p in inspect.signature(function).parameters.values() if p.name != "opts"]
    results = typing.get_type_hints(function)["return"]
    return (
        frozenset(_camel(item.name) for item in given),
        frozenset(_camel(item.name) for item in given if item.default is inspect.Parameter.empty),
        frozenset(fields_of(results)),
    )


@cache
def fields_of(owner: type) -> Mapping[str, Field]:
    """Wire name → property, of a generated class."""
    described = _descriptions(owner)
    found: dict[str, Field] = {}
    for base in reversed(owner.__mro__):
        for name, attribute in vars(base).items():
            getter = attribute.fget if isinstance(attribute, property) else None
            wire = getattr(getter, "_pulumi_name", None)
            if getter is None or wire is None:
                continue
            hint = typing.get_type_hints(getter, localns=_LOCALS).get("return", Any)
            alternatives, is_optional = _unfold(hint)
            found[wire] = Field(alternatives, is_optional, described.get(name, ""))
    return found


@cache
def required_of(owner: type) -> frozenset[str]:
    """Wire names of the inputs without which an argument class cannot be made."""
    wires = {
        name: getattr(attribute.fget, "_pulumi_name", name)
        for name, attribute in vars(owner).items()
        if isinstance(attribute, property)
    }
    parameters = inspect.signature(owner).parameters.values()
    return frozenset(
        wires.get(item.name, item.name)
        for item in parameters
        if item.default is inspect.Parameter.empty and item.name in wires
    )


def is_object(alternative: Any) -> bool:  # Any: a type or generic alias
    """Whether a type has properties of its own."""
    return isinstance(alternative, type) and (
        hasattr(alternative, "_pulumi_input_type") or hasattr(alternative, "_pulumi_output_type")
    )


# `pulumi.Input` is written with forward references to these.
_LOCALS: Final = {"Output": pulumi.Output, "T": Any}


@cache
def _classes(package: str) -> Mapping[str, tuple[str, str]]:
    """Token → (module, class), as the SDK registers them."""
    spec = importlib.util.find_spec(MODULES[package])
    assert spec is not None and spec.origin is not None, MODULES[package]
    found = _REGISTERED.search(Path(spec.origin).read_text())
    assert found is not None, f"{MODULES[package]} registers no resources"
    return {
        token: (entry["fqn"], name)
        for entry in json.loads(found[1])
        for token, name in entry["classes"].items()
    }


def _kind(token: str, resource: type) -> Kind:
    module = inspect.getmodule(resource)
    assert module is not None
    name = next(item for item in module.__all__ if item.endswith("Args"))
    arguments = getattr(module, name)
    return Kind(token, fields_of(arguments), required_of(arguments), fields_of(resource))


@cache
def _descriptions(owner: type) -> Mapping[str, str]:
    """Python name → what its documentation says, from the constructor's."""
    found: dict[str, str] = {}
    name = ""
    for line in (owner.__init__.__doc__ or "").splitlines():  # type: ignore[misc]
        matched = _PARAMETER.match(line)
        if matched is not None:
            name = matched["name"]
            found[name] = matched["text"]
        elif name:
            found[name] += f" {line.strip()}"
    return found


def _unfold(hint: Any) -> tuple[tuple[Any, ...], bool]:  # Any: types and generic aliases
    """The types that a value may have on the wire, and whether it may be left out."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        parts = [_unfold(item) for item in typing.get_args(hint) if not _is_lift(item)]
        merged = dict.fromkeys(item for alternatives, _ in parts for item in alternatives)
        return tuple(merged), any(is_optional for _, is_optional in parts)
    if origin is pulumi.Output:
        return _unfold(typing.get_args(hint)[0])
    if hint is type(None):
        return (), True
    return (hint,), False


def _is_lift(hint: Any) -> bool:  # Any: types and generic aliases
    origin = typing.get_origin(hint)
    return origin is pulumi.Output or getattr(origin, "__name__", "") == "Awaitable"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z])(?=[a-z])", r"_\1\2", name).lower()


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)
