"""Groups of machines that lie close to each other, for what EFA joins."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.parts import Plane, child_options, tags_of


def placement_name(plane: Plane, pool: str) -> str:
    """Name of the placement group of a pool or node group, known before it is made."""
    return derived_name("placement_group", plane.settings.eks_name, pool)


def declare_placement_group(
    parent: pulumi.Resource, plane: Plane, pool: str
) -> aws.ec2.PlacementGroup:
    """Machines that are started in it are so close to each other that EFA is worth it.

    Args:
        parent: the component.
        plane: the compute plane.
        pool: name of the pool or node group.
    """
    return aws.ec2.PlacementGroup(
        f"{plane.settings.name}-{pool}",
        name=placement_name(plane, pool),
        strategy="cluster",
        tags=tags_of(plane.settings),
        opts=child_options(parent),
    )
