"""Pull-through caches as resources: rules, and what repositories that a first pull makes are like.

Only wires: prefixes and hosts are decided in `platform/pull_through.py`.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.parts import Plane, child_options
from splitplane.components.clouds.aws.platform.lifecycle import build_untagged_lifecycle
from splitplane.components.clouds.aws.platform.pull_through import UPSTREAMS, cache_prefixes


def declare_caches(parent: pulumi.Resource, plane: Plane) -> None:
    """Images of the registries can be pulled from ECR, which fetches and keeps them.

    Each registry has a template of its own, since a tag of others moves when they move it: with
    tags that stay, as those of one's own images do, ECR would never update one. Images that lost
    their tag go as one's own do; one that is still pulled by its digest is fetched again.

    Args:
        parent: the component.
        plane: the compute plane; its settings have passed `check_pull_through`.
    """
    settings = plane.settings
    prefixes = cache_prefixes(settings)
    for item in settings.platform.pull_through:
        name = f"{settings.name}-{item.registry}"
        template = aws.ecr.RepositoryCreationTemplate(
            name,
            prefix=prefixes[item.registry],
            description=f"Images of {item.registry} for {settings.name}",
            applied_fors=["PULL_THROUGH_CACHE"],
            image_tag_mutability="MUTABLE",
            lifecycle_policy=build_untagged_lifecycle(),
            opts=child_options(parent),
        )
        aws.ecr.PullThroughCacheRule(
            name,
            ecr_repository_prefix=prefixes[item.registry],
            upstream_registry_url=UPSTREAMS[item.registry],
            credential_arn=item.credential_arn,
            # A repository keeps what it was born with.
            opts=child_options(parent, depends_on=[template]),
        )
