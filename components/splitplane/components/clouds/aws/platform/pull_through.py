"""Registries whose images come through ECR: where they lie there, and what is refused. Pure.

Facts of ECR are those of https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
and of https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html,
checked 2026-11-21.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.platform.iam import build_first_pull_document
from splitplane.components.clouds.aws.settings import EksSettings, PullThroughSettings, Upstream

UPSTREAMS: Final[dict[Upstream, str]] = {
    "docker-hub": "registry-1.docker.io",
    "ecr-public": "public.ecr.aws",
    "github": "ghcr.io",
    "gitlab": "registry.gitlab.com",
    "kubernetes": "registry.k8s.io",
    "quay": "quay.io",
}
"""Registry → its host, as ECR wants it."""
PREFIX_CHARACTERS: Final = 30
"""Most that the prefix of a rule has, with the registry's own name."""

_SIGNED_IN: Final = ("docker-hub", "github", "gitlab")
"""Those that ECR has to sign in to."""
_PREFIX: Final = re.compile(r"^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$")
_CREDENTIAL: Final = re.compile(
    r"^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:ecr-pullthroughcache/[\w/+=.@-]+$",
    re.ASCII,
)
_WITHOUT: Final = ("aws-cn", "aws-us-gov")
"""Partitions whose regions have no such rules."""


def repositories_of(settings: EksSettings) -> str:
    """What the names of repositories start with, without a slash behind."""
    # ECR takes no two hyphens in a row.
    return settings.platform.registry_prefix or re.sub("-+", "-", settings.name)


def cache_prefixes(settings: EksSettings) -> dict[Upstream, str]:
    """Registry → what the names of its repositories in ECR start with, without a slash behind."""
    own = repositories_of(settings)
    return {item.registry: f"{own}/{item.registry}" for item in settings.platform.pull_through}


def node_documents(settings: EksSettings, scope: Scope) -> dict[str, str]:
    """Name of an inline policy of every role of nodes → its document; none without such registries.

    Args:
        settings: checked ones.
        scope: where the nodes are.
    """
    prefixes = sorted(cache_prefixes(settings).values())
    return {"first-pull": build_first_pull_document(scope, prefixes)} if prefixes else {}


def check_pull_through(settings: EksSettings) -> list[str]:
    """Every problem of the fields of `platform.pull_through`."""
    asked = settings.platform.pull_through
    if not asked:
        return []
    if not settings.platform.has_registry:
        return [
            "platform.pull_through has no meaning with platform.has_registry False: its images lie "
            "below the registry prefix; leave it out, or has_registry"
        ]
    problems = [
        f"platform.pull_through names {registry!r} {count} times: name it once"
        for registry, count in Counter(item.registry for item in asked).items()
        if count > 1
    ]
    for index, item in enumerate(asked):
        problems += _credential_problems(f"platform.pull_through[{index}]", item)
    return [*problems, *_prefix_problems(settings)]


def foreign_caches(settings: EksSettings, scope: Scope) -> Iterator[str]:
    """What ECR does not take in this partition, region and account."""
    asked = settings.platform.pull_through
    if asked and scope.partition in _WITHOUT:
        yield (
            f"platform.pull_through is not possible in {scope.region!r}: ECR has no pull-through "
            "caches in China and GovCloud; leave it out"
        )
    for index, item in enumerate(asked):
        if item.credential_arn is None:
            continue
        _, partition, _, region, account, _ = item.credential_arn.split(":", 5)
        if (partition, region, account) != (scope.partition, scope.region, scope.account_id):
            yield (
                f"platform.pull_through[{index}].credential_arn {item.credential_arn!r} lies in "
                f"{region!r} of account {account!r}, ECR reads secrets of {scope.region!r} in "
                f"{scope.account_id!r} alone: make one there"
            )


def pull_through_warnings(settings: EksSettings) -> list[str]:
    """What is allowed and may not work."""
    if not settings.platform.pull_through or settings.network.nat != "none":
        return []
    return [
        "platform.pull_through with network.nat 'none': AWS says that the first pull of an image "
        "may need a route to the internet beside the endpoints of ECR; pull each image once from "
        "where there is one, later pulls need none"
    ]


def _credential_problems(field: str, item: PullThroughSettings) -> Iterator[str]:
    credential = item.credential_arn
    if item.registry not in _SIGNED_IN:
        if credential is not None:
            yield (
                f"{field}.credential_arn {credential!r} has no meaning with registry "
                f"{item.registry!r}, which asks nobody to sign in: leave it out"
            )
    elif credential is None:
        yield (
            f"{field}.credential_arn is missing: ECR signs in to {item.registry!r}; write the ARN "
            "of a secret named ecr-pullthroughcache/NAME with the keys username and accessToken"
        )
    elif _CREDENTIAL.fullmatch(credential) is None:
        yield (
            f"{field}.credential_arn {credential!r} is not allowed: write arn:aws:secretsmanager:"
            "REGION:ACCOUNT:secret:ecr-pullthroughcache/NAME, the only names that ECR reads"
        )


def _prefix_problems(settings: EksSettings) -> Iterator[str]:
    prefixes = {*cache_prefixes(settings).values()}
    own = repositories_of(settings)
    longest = max(prefixes, key=lambda prefix: (len(prefix), prefix))
    if len(longest) > PREFIX_CHARACTERS:
        left = PREFIX_CHARACTERS - (len(longest) - len(own))
        yield (
            f"platform.pull_through makes prefix {longest!r} of {len(longest)} characters, ECR "
            f"takes {PREFIX_CHARACTERS}: write a platform.registry_prefix of at most {left}"
        )
    elif any(_PREFIX.fullmatch(prefix) is None for prefix in prefixes):
        yield (
            f"platform.pull_through makes prefix {longest!r}, which ECR does not take: write a "
            "platform.registry_prefix of lower-case letters and digits with single dots, hyphens, "
            "underscores and slashes between them"
        )
