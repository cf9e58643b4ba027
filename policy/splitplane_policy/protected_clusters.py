"""A production cluster must be protected, so that no update and no typing error deletes it.

The environments of the same stack say which ones are production; names in the settings say it for
environments that another stack made, and for the tags of a cloud's clusters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane_policy.cloud_tags import environment_tag
from splitplane_policy.model import Resource, Unknown, Violation, find
from splitplane_policy.settings import setting

NAME: Final = "production-clusters-protected"
CLUSTER: Final = "splitplane:index:Cluster"
ENVIRONMENT: Final = "splitplane:index:Environment"
CLOUD_CLUSTER: Final = re.compile(
    r"aws:eks/cluster:Cluster|gcp:container/cluster:Cluster"
    r"|azure-native:containerservice(/v\w+)?:ManagedCluster"
)


@dataclass(frozen=True)
class ProtectionSettings:
    """Which environments are production when the stack itself does not say."""

    production_environments: tuple[str, ...] = setting(
        "Names of production environments, beside those of this stack.",
        ("prod", "production"),
        {"type": "array", "items": {"type": "string"}},
    )
    environment_tags: tuple[str, ...] = setting(
        "Names of the tag or label that carries the environment; any of them will do.",
        ("environment",),
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    )


def check(resources: Sequence[Resource], settings: ProtectionSettings) -> Iterator[Violation]:
    """Each production cluster of the stack that is not protected."""
    production = {*settings.production_environments, *_production_names(resources)}
    for resource in resources:
        named = sorted(production.intersection(_environments_of(resource, settings)))
        if named and not resource.is_protected:
            yield Violation(
                resource.urn,
                f"the cluster is of the production environment {named[0]!r} and is not protected; "
                "set the resource option protect to true",
            )


def _production_names(resources: Sequence[Resource]) -> Iterator[str]:
    for resource in resources:
        if resource.type == ENVIRONMENT and find(resource.inputs, "isProduction") is True:
            name = find(resource.inputs, "name")
            if isinstance(name, str):
                yield name


def _environments_of(resource: Resource, settings: ProtectionSettings) -> Iterator[str]:
    """The environments of a cluster; none for another resource, or when they are unknown."""
    if resource.type == CLUSTER:
        names = find(resource.inputs, "environments")
        if isinstance(names, Sequence) and not isinstance(names, str):
            yield from (name for name in names if isinstance(name, str))
    elif CLOUD_CLUSTER.fullmatch(resource.type):
        value = environment_tag(resource, settings.environment_tags)
        if value and not isinstance(value, Unknown):
            yield value
