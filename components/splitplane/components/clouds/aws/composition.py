"""The parts of an EKS compute plane in their order: each after what it needs, also on the way down.

Destroying goes the other way: the agent, then what Argo CD installed while it still runs, node
pools before the controller that ends their nodes, add-ons, nodes, the network of pods, the cluster,
and last the ways by which controllers reached AWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.addons.argocd import declare_argocd
from splitplane.components.attached.objects import declare_provider
from splitplane.components.clouds.aws.addons.dns import declare_dns
from splitplane.components.clouds.aws.addons.eks import declare_first_addons, declare_later_addons
from splitplane.components.clouds.aws.addons.gpu_plugins import declare_gpu_plugins
from splitplane.components.clouds.aws.addons.load_balancer import declare_load_balancer_controller
from splitplane.components.clouds.aws.addons.plan import startup_taints
from splitplane.components.clouds.aws.cluster.adopted import adopt_cluster
from splitplane.components.clouds.aws.cluster.component import EksCluster
from splitplane.components.clouds.aws.cluster.kubeconfig import build_deployer_kubeconfig
from splitplane.components.clouds.aws.cluster.reachability import reached
from splitplane.components.clouds.aws.dns.domains import choose_zones
from splitplane.components.clouds.aws.dns.names import declare_names, read_zones
from splitplane.components.clouds.aws.identity.service_accounts import declare_service_accounts
from splitplane.components.clouds.aws.karpenter.component import Karpenter
from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.clouds.aws.nodes.auto_pools import declare_auto_pools
from splitplane.components.clouds.aws.nodes.groups import (
    declare_autoscaler,
    declare_node_groups,
)
from splitplane.components.clouds.aws.nodes.role import declare_spot_role
from splitplane.components.clouds.aws.nodes.security import (
    NodeSecurity,
    declare_node_security_group,
)
from splitplane.components.clouds.aws.nodes.system import declare_system_nodes
from splitplane.components.clouds.aws.parts import (
    ClusterParts,
    NetworkParts,
    Place,
    Plane,
    Text,
    child_options,
)
from splitplane.components.clouds.aws.platform.resources import PlatformParts, declare_platform
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.clouds.aws.storage.fixed import FixedVolumes, declare_fixed_volumes
from splitplane.components.clouds.aws.storage.shared import (
    SharedStorage,
    declare_shared_storage,
    declare_storage_classes,
)


@dataclass(frozen=True)
class Composed:
    """A compute plane without its registration.

    Attributes:
        plane: settings, network, cluster and provider.
        kubeconfig: secret text of the deployer's.
        security: what nodes are put in.
        shared: the shared file system; None without.
        certificate_arn: the load balancer's, once it is proven; None without.
        platform: bucket, prefixes and role.
        volumes: shares, and the bucket as files.
        ready: everything that the agent waits for.
    """

    plane: Plane
    kubeconfig: Text
    security: NodeSecurity
    shared: SharedStorage | None
    certificate_arn: Text | None
    platform: PlatformParts
    volumes: FixedVolumes
    ready: Sequence[pulumi.Resource]


def compose(parent: pulumi.Resource, name: str, settings: EksSettings, place: Place) -> Composed:
    """All parts are declared, but for the registration.

    Args:
        parent: the component.
        name: its name, which starts the names of the resources.
        settings: checked ones.
        place: account and region.

    Raises:
        WrongArgument: network, cluster, zones or account do not have what is asked for.
    """
    proving = choose_zones(settings, read_zones(parent, settings))
    cluster, network = _declare_cluster(parent, name, settings, place)
    names = declare_names(parent, settings, proving)
    kubeconfig = _kubeconfig(settings, place, cluster)
    provider = declare_provider(
        parent,
        name,
        kubeconfig=kubeconfig,
        context=settings.eks_name,
        # What it is known by before it is made: nothing but another cluster replaces the objects.
        cluster_identifier=cluster.arn,
        forgets_unreachable=settings.is_cluster_gone,
        depends_on=cluster.ready,
    )
    plane = Plane(settings, place.scope, network, cluster, provider, names.zones)
    first = declare_first_addons(parent, plane)
    security = declare_node_security_group(parent, plane)
    spot = declare_spot_role(parent, plane)
    nodes = _declare_nodes(parent, plane, security, [*first, *spot])
    shared = declare_shared_storage(parent, plane, node_group_ids=security.group_ids)
    later = declare_later_addons(
        parent, plane, nodes=nodes or first, mount_targets=() if shared is None else shared.ready
    )
    base = [*cluster.ready, *network.ways_out, *first, *spot, *nodes, *later.values()]
    classes = declare_storage_classes(parent, plane, shared, depends_on=base)
    argocd = declare_argocd(
        parent,
        provider,
        profile="production" if settings.is_production else "lite",
        choice=settings.addon("argocd"),
        depends_on=base,
    )
    addons = _declare_addons(parent, name, plane, argocd, security, base)
    platform = declare_platform(parent, plane)
    volumes = declare_fixed_volumes(
        parent, plane, shared, platform, depends_on=base, node_group_ids=security.group_ids
    )
    accounts = declare_service_accounts(parent, plane, rights=platform.rights)
    return Composed(
        plane=plane,
        kubeconfig=kubeconfig,
        security=security,
        shared=shared,
        certificate_arn=names.certificate_arn,
        platform=platform,
        volumes=volumes,
        # A workload whose pods start before their role never gets credentials.
        ready=[*base, *classes, *addons, *volumes.ready, *accounts],
    )


def _declare_cluster(
    parent: pulumi.Resource, name: str, settings: EksSettings, place: Place
) -> tuple[ClusterParts, NetworkParts]:
    if settings.is_adopted:
        return adopt_cluster(parent, settings, place)
    network = Network(name, settings, place, child_options(parent)).parts
    return EksCluster(name, settings, place, network, child_options(parent)).parts, network


def _kubeconfig(settings: EksSettings, place: Place, cluster: ClusterParts) -> Text:
    endpoint = reached(cluster.endpoint, settings)
    found: Text = pulumi.Output.all(endpoint, cluster.ca_certificate).apply(
        lambda parts: build_deployer_kubeconfig(
            cluster=settings.eks_name,
            region=place.scope.region,
            server=parts[0],
            ca_certificate=parts[1],
            role_arn=settings.deployer_role_arn,
        )
    )
    return pulumi.Output.secret(found)


def _declare_nodes(
    parent: pulumi.Resource,
    plane: Plane,
    security: NodeSecurity,
    first: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """Nodes that are there without Karpenter; those of an adopted cluster are made elsewhere."""
    if plane.settings.is_adopted:
        return []
    before = [*plane.cluster.ready, *plane.network.ways_out, *first]
    return [
        *declare_system_nodes(parent, plane, security=security, depends_on=before),
        *declare_node_groups(parent, plane, security=security, depends_on=before),
    ]


def _declare_addons(
    parent: pulumi.Resource,
    name: str,
    plane: Plane,
    argocd: ArgoCd | None,
    security: NodeSecurity,
    base: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """What Argo CD installs, with the roles that it needs; and the pools of nodes."""
    settings = plane.settings
    context = AddonContext(
        provider=plane.kubernetes,
        argocd=argocd,
        choices=settings.addons,
        profile="production" if settings.is_production else "lite",
    )
    declared = [
        declare_load_balancer_controller(parent, plane, context, depends_on=base),
        declare_autoscaler(parent, plane, context, depends_on=base),
        *declare_dns(parent, plane, context, depends_on=base),
        *declare_gpu_plugins(parent, plane, context, depends_on=base),
        *declare_auto_pools(
            parent,
            plane,
            security=security,
            startup_taints=startup_taints(settings),
            depends_on=base,
        ),
    ]
    if settings.compute_mode == "karpenter" and not settings.is_adopted:
        karpenter = Karpenter(
            name,
            plane,
            context,
            child_options(parent),
            security=security,
            startup_taints=startup_taints(settings),
            depends_on=base,
        )
        declared += karpenter.node_pools
    before = argocd.ready if argocd else ()
    return [*before, *(item for item in declared if item is not None)]
