"""NodePools and node classes as resources, each ready when it is made.

Those of Karpenter and of Auto Mode differ only in what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from splitplane.components.clouds.aws.parts import Plane, child_options

_READY = {"pulumi.com/waitFor": "condition=Ready"}
"""A class is ready once image, subnets and groups are found and a launch is allowed, tried without
one: so a missing right or release shows in the run and not at the first pod."""


def declare_node_object(
    parent: pulumi.Resource,
    plane: Plane,
    manifest: dict[str, Any],  # Any: a Kubernetes object
    kind: str,
    depends_on: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """The object is there and ready.

    Args:
        parent: the component.
        plane: the compute plane.
        manifest: a NodePool or a node class.
        kind: `pool` or `class`, part of the name.
        depends_on: what ends the nodes while it is deleted, and so outlives it.
    """
    settings = plane.settings
    metadata: Any = {**manifest["metadata"], "annotations": _READY}
    return kubernetes.apiextensions.CustomResource(
        f"{settings.name}-{kind}-{metadata['name']}",
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=metadata,
        spec=manifest["spec"],
        opts=child_options(
            parent,
            depends_on=depends_on,
            delete_minutes=settings.delete_timeout_minutes,
            provider=plane.kubernetes,
        ),
    )
