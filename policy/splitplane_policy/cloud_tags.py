"""Which cloud resources take tags, under which name, and what their environment tag says.

The table holds what compute planes and their platform services are made of; tests hold it against
the clouds' SDKs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from splitplane_policy.model import UNKNOWN, Resource, Unknown, Value, find

_AWS: Final = (
    "acm/certificate:Certificate",
    "cloudwatch/eventRule:EventRule",
    "cloudwatch/logGroup:LogGroup",
    "ec2/eip:Eip",
    "ec2/instance:Instance",
    "ec2/internetGateway:InternetGateway",
    "ec2/launchTemplate:LaunchTemplate",
    "ec2/natGateway:NatGateway",
    "ec2/routeTable:RouteTable",
    "ec2/securityGroup:SecurityGroup",
    "ec2/subnet:Subnet",
    "ec2/vpc:Vpc",
    "ec2/vpcEndpoint:VpcEndpoint",
    "ecr/repository:Repository",
    "efs/accessPoint:AccessPoint",
    "efs/fileSystem:FileSystem",
    "eks/accessEntry:AccessEntry",
    "eks/addon:Addon",
    "eks/cluster:Cluster",
    "eks/fargateProfile:FargateProfile",
    "eks/nodeGroup:NodeGroup",
    "eks/podIdentityAssociation:PodIdentityAssociation",
    "iam/instanceProfile:InstanceProfile",
    "iam/openIdConnectProvider:OpenIdConnectProvider",
    "iam/policy:Policy",
    "iam/role:Role",
    "iam/user:User",
    "kms/key:Key",
    "lb/loadBalancer:LoadBalancer",
    "rds/cluster:Cluster",
    "rds/instance:Instance",
    "route53/zone:Zone",
    "s3/bucket:Bucket",
    "s3/bucketV2:BucketV2",
    "secretsmanager/secret:Secret",
    "sqs/queue:Queue",
)
_GCP: Final = (
    "artifactregistry/repository:Repository",
    "compute/address:Address",
    "compute/disk:Disk",
    "compute/globalAddress:GlobalAddress",
    "compute/instance:Instance",
    "compute/instanceTemplate:InstanceTemplate",
    "dns/managedZone:ManagedZone",
    "filestore/instance:Instance",
    "kms/cryptoKey:CryptoKey",
    "organizations/project:Project",
    "pubsub/subscription:Subscription",
    "pubsub/topic:Topic",
    "secretmanager/secret:Secret",
    "storage/bucket:Bucket",
)
_AZURE: Final = (
    "compute:Disk",
    "compute:VirtualMachineScaleSet",
    "containerregistry:Registry",
    "containerservice:AgentPool",
    "containerservice:ManagedCluster",
    "dbforpostgresql:Server",
    "keyvault:Vault",
    "managedidentity:UserAssignedIdentity",
    "network:NatGateway",
    "network:NetworkSecurityGroup",
    "network:PrivateEndpoint",
    "network:PublicIPAddress",
    "network:RouteTable",
    "network:VirtualNetwork",
    "operationalinsights:Workspace",
    "privatedns:PrivateZone",
    "resources:ResourceGroup",
    "storage:StorageAccount",
)

TAG_PROPERTIES: Final[Mapping[str, str]] = {
    **{f"aws:{token}": "tags" for token in _AWS},
    **{f"gcp:{token}": "labels" for token in _GCP},
    "gcp:container/cluster:Cluster": "resourceLabels",
    **{f"azure-native:{token}": "tags" for token in _AZURE},
}
"""Type token → the input that holds its tags."""

_PROVIDER_TAGS: Final = {"aws": ("defaultTags", "tags"), "gcp": ("defaultLabels",)}
"""Package → where its provider's configuration holds tags for everything that it makes."""
_AZURE_VERSION: Final = re.compile(r"^(azure-native:\w+)/v\w+:")


def tag_property(type_token: str, further: Mapping[str, str] | None = None) -> str | None:
    """The input that holds the tags of this type; None when it takes none that we know of."""
    token = _AZURE_VERSION.sub(r"\1:", type_token)
    return (further or {}).get(token) or TAG_PROPERTIES.get(token)


def environment_tag(
    resource: Resource, names: Sequence[str], further: Mapping[str, str] | None = None
) -> str | Unknown | None:
    """The value of the first of these tags; None when there is none, an empty one included.

    Tags of the provider count as well, since the cloud puts them on the resource.
    """
    where = tag_property(resource.type, further)
    if where is None:
        return None
    package = resource.type.partition(":")[0]
    sources = [find(resource.inputs, where)]
    if package in _PROVIDER_TAGS:
        first, *rest = _PROVIDER_TAGS[package]
        # Configuration of a provider is text: what is no text there, is JSON.
        sources.append(find(_parsed(find(resource.provider_inputs, first)), *rest))
    for source in sources:
        for name in names:
            value = find(source, name)
            if isinstance(value, str) and value:
                return value
    return UNKNOWN if _holds_unknown(sources, names) else None


def _holds_unknown(sources: Sequence[Value], names: Sequence[str]) -> bool:
    return any(isinstance(find(source, name), Unknown) for source in sources for name in names)


def _parsed(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        parsed: Value = json.loads(value)
    except ValueError:
        return None
    return parsed
