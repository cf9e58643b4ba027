"""Everything says which environment it is of: cloud resources by a tag, workspaces by their input.

Without it nobody can tell what a cost belongs to, or whether a thing may be deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from splitplane_policy.cloud_tags import environment_tag, tag_property
from splitplane_policy.model import Resource, Unknown, Violation, find
from splitplane_policy.settings import setting

NAME: Final = "environment-named"
WORKSPACE: Final = "splitplane:index:Workspace"


@dataclass(frozen=True)
class TagSettings:
    """How the environment is called and which ones there are."""

    environment_tags: tuple[str, ...] = setting(
        "Names of the tag or label that carries the environment; any of them will do.",
        ("environment",),
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    )
    environments: tuple[str, ...] = setting(
        "The environments that there are; any name will do when empty.",
        (),
        {"type": "array", "items": {"type": "string"}},
    )
    further_types: Mapping[str, str] = setting(
        "Further types that must be tagged: type token → the input that holds the tags.",
        {},
        {"type": "object", "additionalProperties": {"type": "string"}},
    )


def check(resource: Resource, settings: TagSettings) -> Iterator[Violation]:
    """At most one violation: no environment, or one that does not exist."""
    if resource.type == WORKSPACE:
        value = find(resource.inputs, "environment")
        missing = "the workspace names no environment; set environment"
    elif (where := tag_property(resource.type, settings.further_types)) is not None:
        value = environment_tag(resource, settings.environment_tags, settings.further_types)
        names = " or ".join(repr(name) for name in settings.environment_tags)
        missing = f"{where} has no {names}; add it with the name of the environment"
    else:
        return
    if isinstance(value, Unknown):
        return
    if not value:
        yield Violation(resource.urn, missing)
    elif settings.environments and value not in settings.environments:
        allowed = ", ".join(settings.environments)
        yield Violation(resource.urn, f"the environment {value!r} does not exist; one of {allowed}")
