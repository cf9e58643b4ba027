"""The file that describes a compute plane: the arguments alone, or a stack's configuration.

A stack's configuration is what `pulumi up` reads (`Pulumi.STACK.yaml`), so that what is checked is
what will be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from splitplane.components.clouds.aws.settings import EksSettings, parse_settings
from splitplane.stacks.aws.errors import WrongArgument

_ARGUMENTS: Final = "program:args"
_PROGRAM: Final = "program:name"
_PLANE: Final = "compute_plane"
"""Key of the arguments where a program takes more than a compute plane."""
_ENVIRONMENTS: Final = "environments"
"""Key of the names that a compute plane needs, beside it or among its arguments."""

Json = dict[str, Any]  # Any: YAML of people


@dataclass(frozen=True)
class PlaneConfig:
    """A compute plane as a file describes it.

    Attributes:
        settings: each by itself of the right type.
        region: where it will be, by the stack's configuration; None when that does not say.
        profile: profile of the AWS configuration, by the stack's configuration.
    """

    settings: EksSettings
    region: str | None = None
    profile: str | None = None


def read_plane_config(path: Path) -> PlaneConfig:
    """What the file says.

    Args:
        path: YAML with the arguments of `EksComputePlane`, or a `Pulumi.STACK.yaml` whose
            `program:args` are these, or hold them as `compute_plane`.

    Raises:
        WrongArgument: it cannot be read, is no YAML, or has no such arguments.
        splitplane.components.errors.WrongArgument: an argument is unknown, missing or wrong.
    """
    document = _read(path)
    if "config" not in document:
        return PlaneConfig(parse_settings(document))
    config = _mapping(document["config"], f"config of {path}")
    given = config.get(_ARGUMENTS)
    if given is None:
        raise WrongArgument(
            f"--config {str(path)!r} has no {_ARGUMENTS}, so it describes no compute plane: set "
            "it, or name a file with the arguments of EksComputePlane"
        )
    arguments = _mapping(given, f"{_ARGUMENTS} of {path}")
    if _PLANE in arguments:
        plane = _mapping(arguments[_PLANE], f"{_ARGUMENTS}.{_PLANE} of {path}")
        # The program hands on the names of those that it registers.
        beside = arguments.get(_ENVIRONMENTS)
        arguments = plane if beside is None else {_ENVIRONMENTS: list(beside), **plane}
    elif config.get(_PROGRAM, "eks") != "eks":
        raise WrongArgument(
            f"--config {str(path)!r} configures program {config[_PROGRAM]!r}, which makes nothing "
            "in AWS: name the file of an eks stack"
        )
    return PlaneConfig(
        parse_settings(arguments),
        region=_text(config, "aws:region"),
        profile=_text(config, "aws:profile"),
    )


def _read(path: Path) -> Json:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise WrongArgument(f"--config {str(path)!r} cannot be read: {exc}") from exc
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise WrongArgument(f"--config {str(path)!r} is no YAML: {str(exc)[:256]}") from exc
    return _mapping(document, str(path))


def _mapping(value: object, name: str) -> Json:
    if not isinstance(value, Mapping):
        raise WrongArgument(
            f"--config: {name} is no mapping but {type(value).__name__}: write the arguments of "
            "EksComputePlane, such as `name: prod-eu`"
        )
    return {str(key): item for key, item in value.items()}


def _text(config: Mapping[str, object], key: str) -> str | None:
    value = config.get(key)
    return None if value is None else str(value)
