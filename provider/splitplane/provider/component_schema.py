"""The schema of a component, read off its class and the class of its arguments.

Both are plain annotations with a docstring under each; the source is read for the docstrings, so
this runs where the schema is made and not in the plugin.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
import typing
from importlib import import_module
from typing import Any, Final, ForwardRef, NotRequired, get_args, get_origin

import pulumi

from splitplane.provider.components import COMPONENTS, camel_case

JsonObject = dict[str, Any]  # Any: JSON

_SCALARS: Final[dict[object, str]] = {
    bool: "boolean",
    float: "number",
    int: "integer",
    str: "string",
}
# Outputs whose text says that they are secret, see `_property`.
_SECRET_WORD: Final = re.compile(r"\bsecret\b")


def component_resources() -> dict[str, JsonObject]:
    """Type → its entry in the schema."""
    return {token: _resource(token, module) for token, module in COMPONENTS.items()}


def _resource(token: str, module_name: str) -> JsonObject:
    component = getattr(import_module(module_name), token.rpartition(":")[2])
    arguments = inspect.signature(component.__init__).parameters["args"].annotation
    inputs = {camel_case(name): entry for name, entry in _properties(arguments).items()}
    outputs = {camel_case(name): entry for name, entry in _properties(component).items()}
    hints: dict[str, Any] = component.__annotations__  # Any: type annotations
    return {
        "isComponent": True,
        "description": " ".join((component.__doc__ or "").split()),
        "inputProperties": inputs,
        "requiredInputs": sorted(map(camel_case, arguments.__required_keys__)),
        "properties": outputs,
        "required": sorted(
            camel_case(name) for name, hint in hints.items() if not _is_optional(_inner(hint))
        ),
    }


def _properties(cls: type) -> dict[str, JsonObject]:
    texts = _docstrings(cls)
    hints: dict[str, Any] = cls.__annotations__  # Any: type annotations
    return {name: _property(hint, texts.get(name, "")) for name, hint in hints.items()}


def _property(hint: Any, text: str) -> JsonObject:  # Any: a type annotation
    entry: JsonObject = {**_type(hint), "description": text}
    if get_origin(hint) is pulumi.Output:
        return {**entry, "secret": True} if _SECRET_WORD.search(text) else entry
    return entry if _is_input(hint) else {**entry, "plain": True}


def _type(hint: Any) -> JsonObject:  # Any: a type annotation
    hint = _inner(hint)
    if _is_optional(hint):
        (hint,) = (item for item in get_args(hint) if item is not type(None))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return {"type": "array", "items": _type(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    return {"type": _SCALARS[hint]}


def _inner(hint: Any) -> Any:  # Any: type annotations
    """The annotation without what says whether it is required, an input or an output."""
    if get_origin(hint) in (NotRequired, pulumi.Output):
        return _inner(get_args(hint)[0])
    return get_args(hint)[0] if _is_input(hint) else hint


def _is_input(hint: Any) -> bool:  # Any: a type annotation
    """Whether it is `Input[T]`, which is a union of T and what may become one."""
    is_union = get_origin(hint) is typing.Union
    # The SDK names `Output[T]` there as a string.
    return is_union and any(isinstance(item, ForwardRef) for item in get_args(hint))


def _is_optional(hint: Any) -> bool:  # Any: a type annotation
    is_union = get_origin(hint) in (typing.Union, types.UnionType)
    return is_union and type(None) in get_args(hint)


def _docstrings(cls: type) -> dict[str, str]:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(node, ast.ClassDef), "the source of a class is a class"
    found: dict[str, str] = {}
    for before, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                found[before.target.id] = " ".join(str(after.value.value).split())
    return found
