"""The programs of this repository by name, and how their configuration is read.

A program is a module with a frozen configuration model and a plain function `deploy(config)` that
declares resources and does nothing at import, so that it runs under the engine, the Automation API
and mocks alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from pydantic import BaseModel, ValidationError

PROGRAMS: Final[dict[str, tuple[str, str]]] = {
    "attached": ("splitplane.stacks.attached", "AttachedConfig"),
    "eks": ("splitplane.stacks.eks", "EksConfig"),
    "local": ("splitplane.stacks.local", "LocalConfig"),
}
"""Name → module and its configuration model."""


class ProgramError(Exception):
    """The configuration names no program, or has wrong values; the message says which."""


def deploy_program(name: str, args: Mapping[str, Any]) -> None:  # Any: configuration of people
    """The resources of the program are declared.

    Raises:
        ProgramError: no such program, an unknown key, or a value that is not allowed.
    """
    module_name, model_name = _find(name)
    module = import_module(module_name)
    module.deploy(parse_config(name, getattr(module, model_name), args))


def parse_config(
    name: str,
    model: type[BaseModel],
    args: Mapping[str, Any],  # Any: configuration of people
) -> BaseModel:
    """The arguments as the program's model; raises ProgramError that names every wrong key."""
    try:
        return model.model_validate(dict(args))
    except ValidationError as error:
        known = ", ".join(sorted(model.model_fields))
        lines = [_line(detail["loc"], detail["msg"], detail["type"]) for detail in error.errors()]
        raise ProgramError(
            f"program:args of program {name!r}: {'; '.join(lines)}; the keys are {known}"
        ) from error


def _find(name: str) -> tuple[str, str]:
    try:
        return PROGRAMS[name]
    except KeyError as exc:
        raise ProgramError(
            f"program:name {name!r} is not known: use one of {', '.join(sorted(PROGRAMS))}"
        ) from exc


def _line(location: tuple[str | int, ...], message: str, kind: str) -> str:
    path = ".".join(map(str, location))
    if kind == "extra_forbidden":
        return f"unknown key {path!r}"
    return f"{path}: {message.removeprefix('Value error, ')}"
