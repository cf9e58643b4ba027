"""What the parts of a compute plane hand to each other: the place, the network, the cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.contract.labels import PREFIX

Text = pulumi.Output[str]
CLUSTER_TAG = f"{PREFIX}/cluster"


@dataclass(frozen=True)
class Place:
    """Where the program runs, read from AWS before anything is made.

    Attributes:
        scope: partition, region and account.
        zones: zones of the region that need no opt-in.
    """

    scope: Scope
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class NetworkParts:
    """A network that exists, created or not.

    Attributes:
        vpc_id: its VPC.
        node_subnet_ids: zone → subnet of nodes and pods.
        private_subnet_ids: zone → private subnet; those of the nodes without a second range.
        public_subnet_ids: zone → public subnet; empty where there are none.
        control_plane_subnet_ids: subnets of the control plane's interfaces.
        ways_out: routes, NAT and endpoints: while one lacks, nodes reach no API of AWS.
    """

    vpc_id: Text
    node_subnet_ids: Mapping[str, Text]
    private_subnet_ids: Mapping[str, Text]
    public_subnet_ids: Mapping[str, Text]
    control_plane_subnet_ids: Sequence[Text]
    ways_out: Sequence[pulumi.Resource]


@dataclass(frozen=True)
class ClusterParts:
    """A cluster that exists, created or adopted.

    Attributes:
        name: its name in EKS, known before it is made.
        arn: its ARN, known before it is made.
        version: its minor version.
        endpoint: URL of its API server.
        ca_certificate: authority of the API server, base64.
        oidc_issuer_url: its issuer.
        security_group_id: the security group that EKS makes.
        oidc_provider_arn: provider in IAM; None with Pod Identity.
        ready: the cluster and the entries of those who deploy: before them nothing can be put in.
        resource: the cluster, with which everything in it goes; None where it is adopted.
    """

    name: str
    arn: str
    version: Text
    endpoint: Text
    ca_certificate: Text
    oidc_issuer_url: Text
    security_group_id: Text
    oidc_provider_arn: Text | None
    ready: Sequence[pulumi.Resource]
    resource: pulumi.Resource | None = None


@dataclass(frozen=True)
class HostedZone:
    """A public hosted zone that is made.

    Attributes:
        zone_id: `Z…`.
        arn: its ARN.
        name_servers: what the zone above has to delegate its name to.
    """

    zone_id: Text
    arn: Text
    name_servers: pulumi.Output[Sequence[str]]


@dataclass(frozen=True)
class Binding:
    """A role that the pods of one service account have.

    Attributes:
        namespace: of the service account.
        service_account: its name.
        role_arn: the role.
    """

    namespace: str
    service_account: str
    role_arn: str


@dataclass(frozen=True)
class Plane:
    """What every part behind network and cluster needs.

    Attributes:
        settings: the checked settings.
        scope: partition, region and account.
        network: its network.
        cluster: its cluster.
        kubernetes: provider of Kubernetes objects.
        zones: name → hosted zone that is made, beside those of `dns.zone_arns`.
        bindings: the roles of pods so far, in the order in which they were made.
    """

    settings: EksSettings
    scope: Scope
    network: NetworkParts
    cluster: ClusterParts
    kubernetes: pulumi.ProviderResource
    zones: Mapping[str, HostedZone] = field(default_factory=dict[str, HostedZone])
    bindings: list[Binding] = field(default_factory=list[Binding])


def tags_of(settings: EksSettings, name: str | None = None) -> dict[str, str]:
    """Tags of everything that is made: whose it is, and what was asked for.

    Args:
        settings: the compute plane's.
        name: what consoles show; nothing when None.
    """
    shown = {} if name is None else {"Name": name}
    return {CLUSTER_TAG: settings.eks_name, **shown, **settings.tags}


def child_options(
    parent: pulumi.Resource,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
    delete_minutes: int | None = None,
    protect: bool | None = None,
    ignore_changes: Sequence[str] = (),
    provider: pulumi.ProviderResource | None = None,
) -> pulumi.ResourceOptions:
    """Options of a child; every resource of a component has it as its parent.

    Args:
        parent: the component.
        depends_on: what has to exist before it, beside what its inputs come from.
        delete_minutes: how long its deletion may take; the plugin's own time when None.
        protect: whether the engine refuses its deletion; what the parent has when None.
        ignore_changes: inputs that others may change.
        provider: the provider; the parent's when None.
    """
    timeouts = None
    if delete_minutes is not None:
        timeouts = pulumi.CustomTimeouts(delete=f"{delete_minutes}m")
    return pulumi.ResourceOptions(
        parent=parent,
        depends_on=list(depends_on),
        custom_timeouts=timeouts,
        protect=protect,
        ignore_changes=list(ignore_changes) or None,
        provider=provider,
    )
