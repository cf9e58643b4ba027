"""Names of derived AWS resources: within each service's limit, and different for each cluster.

A name that is too long is cut and ends in a hash of the whole, so that two long names that begin
alike stay apart and the same name comes out each time.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from splitplane.components.errors import WrongArgument

LIMITS: Final[dict[str, int]] = {
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
    "cluster": 100,
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html: EKS takes 63,
    # the provider adds 26 to a prefix, and a hyphen goes before them.
    "node_group_prefix": 36,
    # EC2 takes names of 128, but the provider prefixes of 99, a hyphen at their end included:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/verify/validate.go,
    # ValidLaunchTemplateName, checked 2026-11-21.
    "launch_template_prefix": 98,
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    "role": 64,
    "policy": 128,
    "instance_profile": 128,
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    "queue": 80,
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    "load_balancer": 32,
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    "event_rule": 64,
    # https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/: at most 37, since the
    # provider adds 26 characters to a prefix and S3 takes 63.
    "bucket_prefix": 37,
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    "security_group": 255,
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html
    "placement_group": 255,
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html, with `alias/`
    "key_alias": 256,
    # https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: names take 253, but
    # some drivers put them into labels, which take 63.
    "persistent_volume": 63,
}
"""Kind of resource → most characters of its name."""

_HASH_LENGTH: Final = 8
"""Hexadecimal digits: two different names meet with a chance of one in four billion."""
_GROUP_IDS: Final = "sg-"
"""Starts ids of security groups, so no name of one, in letters of any size:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html."""
_CLUSTER_NAME: Final = re.compile(r"^[0-9A-Za-z][A-Za-z0-9_-]*$")


def check_cluster_name(name: str) -> None:
    """Raises WrongArgument unless EKS takes the name."""
    if len(name) > LIMITS["cluster"] or _CLUSTER_NAME.fullmatch(name) is None:
        raise WrongArgument(
            f"name {name!r} is not allowed: EKS takes 1 to {LIMITS['cluster']} letters, digits, "
            "hyphens and underscores, starting with a letter or digit"
        )


def global_name(kind: str, cluster: str, purpose: str, *, region: str) -> str:
    """Name of what an account has once for all regions, such as a role, by `derived_name`.

    With the region, so that clusters of one name in two regions of an account stay apart.

    Args:
        kind: a key of `LIMITS`.
        cluster: name of the cluster in EKS.
        purpose: what it is for; different for each of a cluster.
        region: where the cluster is.
    """
    return derived_name(kind, cluster, purpose, region)


def derived_name(kind: str, *parts: str) -> str:
    """The parts joined by hyphens, cut and hashed where the kind's limit asks for it.

    Args:
        kind: a key of `LIMITS`.
        parts: from the general to the special, such as cluster and purpose; none is empty.
    """
    longest = LIMITS[kind]
    whole = "-".join(parts)
    if kind == "bucket_prefix":
        whole = re.sub(r"[^a-z0-9-]+", "-", whole.lower()).strip("-")
    if kind == "load_balancer":
        whole = re.sub(r"[^A-Za-z0-9-]+", "-", whole).strip("-")
    if kind == "security_group" and whole.lower().startswith(_GROUP_IDS):
        whole = f"eks-{whole}"
    if len(whole) <= longest:
        return whole
    digest = hashlib.sha256("-".join(parts).encode()).hexdigest()[:_HASH_LENGTH]
    return f"{whole[: longest - _HASH_LENGTH - 1].rstrip('-')}-{digest}"
