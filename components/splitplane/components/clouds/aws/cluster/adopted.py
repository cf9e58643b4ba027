"""A cluster that exists already, and its network, read and checked; nothing is made or changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.addons.plan import AGENT, unnamed_addons
from splitplane.components.clouds.aws.cluster.adopted_checks import (
    AdoptedCluster,
    check_adopted,
    choose_subnets,
)
from splitplane.components.clouds.aws.cluster.running import read_cluster_names
from splitplane.components.clouds.aws.network.existing import read_network
from splitplane.components.clouds.aws.network.existing_checks import ExistingNetwork, by_zone
from splitplane.components.clouds.aws.parts import (
    CLUSTER_TAG,
    ClusterParts,
    NetworkParts,
    Place,
    Text,
)
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import ClusterRefused, WrongArgument

Found = TypeVar("Found")

# The SDK has one type for every failure of a function; these are EKS', IAM's and the provider's
# words for what is not there.
_ABSENT = ("resourcenotfound", "nosuchentity", "couldn't find", "not found", "statuscode: 404")


def adopt_cluster(
    parent: pulumi.Resource, settings: EksSettings, place: Place
) -> tuple[ClusterParts, NetworkParts]:
    """The cluster and its network, as far as the other parts need them.

    Reads with the provider of the parent; needs eks:ListClusters, eks:DescribeCluster,
    eks:DescribeAddon or iam:ListOpenIDConnectProviders, and ec2:Describe* of VPC, subnets and
    route tables.

    Args:
        parent: the component.
        settings: with `cluster_name`.
        place: account and region.

    Raises:
        WrongArgument: there is no such cluster.
        ClusterRefused: it must be changed first; everything is listed.
    """
    names = read_cluster_names(parent)
    if settings.eks_name not in names:
        raise WrongArgument(
            f"cluster_name {settings.eks_name!r} is no cluster in {place.scope.region}: use one of "
            f"{', '.join(sorted(names)) or 'none'}, or leave it out to create one"
        )
    opts = pulumi.InvokeOptions(parent=parent)
    cluster = aws.eks.get_cluster(name=settings.eks_name, opts=opts)
    problems = check_adopted(_facts(cluster, settings, opts), settings)
    network = _read_network(parent, cluster, settings)
    subnets, wrong = choose_subnets(network, settings)
    if problems or wrong:
        raise ClusterRefused(
            f"cluster_name {settings.eks_name!r} cannot be adopted: {'; '.join(problems + wrong)}"
        )
    parts = _parts(cluster, settings, place)
    private = {zone: _text(item.id) for zone, item in by_zone(subnets).items()}
    public = by_zone(network.of("public_subnet_ids"))
    return parts, NetworkParts(
        vpc_id=_text(network.vpc_id),
        node_subnet_ids=private,
        private_subnet_ids=private,
        public_subnet_ids={zone: _text(item.id) for zone, item in public.items()},
        control_plane_subnet_ids=[_text(item) for item in sorted(cluster.vpc_config.subnet_ids)],
        ways_out=(),
    )


def _facts(
    cluster: aws.eks.GetClusterResult, settings: EksSettings, opts: pulumi.InvokeOptions
) -> AdoptedCluster:
    name = settings.eks_name
    modes = [item.authentication_mode for item in cluster.access_configs]
    is_auto = any(item.enabled for item in cluster.compute_configs)
    has_agent = has_provider = True
    foreign: tuple[str, ...] = ()
    if cluster.status == "ACTIVE":
        foreign = tuple(item for item in unnamed_addons(settings) if _is_foreign(name, item, opts))
    if cluster.status != "ACTIVE":
        pass  # It has no issuer yet, and nothing can be asked of its add-ons.
    elif settings.workload_identity == "irsa":
        has_provider = _is_there(
            lambda: aws.iam.get_open_id_connect_provider(url=_issuer(cluster), opts=opts)
        )
    elif not is_auto and _expects_agent(settings):
        has_agent = _is_there(
            lambda: aws.eks.get_addon(cluster_name=name, addon_name=AGENT, opts=opts)
        )
    return AdoptedCluster(
        name=name,
        status=cluster.status,
        version=cluster.version,
        # Clusters that are older than access entries have no configuration of it.
        authentication_mode=modes[0] if modes else "CONFIG_MAP",
        is_auto_mode=is_auto,
        has_identity_agent=has_agent,
        has_oidc_provider=has_provider,
        foreign_addons=foreign,
    )


def _expects_agent(settings: EksSettings) -> bool:
    """Whether the add-on has to be there already: it is neither installed here nor by others."""
    return AGENT not in settings.addons or settings.addons[AGENT].mode == "adopt"


def _is_foreign(cluster_name: str, addon: str, opts: pulumi.InvokeOptions) -> bool:
    found = _find(lambda: aws.eks.get_addon(cluster_name=cluster_name, addon_name=addon, opts=opts))
    # What an earlier run made carries the tag of all that is made here.
    return found is not None and (found.tags or {}).get(CLUSTER_TAG) != cluster_name


def _read_network(
    parent: pulumi.Resource, cluster: aws.eks.GetClusterResult, settings: EksSettings
) -> ExistingNetwork:
    named = settings.network
    private = named.private_subnet_ids or tuple(sorted(cluster.vpc_config.subnet_ids))
    asked = replace(named, vpc_id=cluster.vpc_config.vpc_id, private_subnet_ids=private)
    return read_network(parent, replace(settings, network=asked))


def _parts(cluster: aws.eks.GetClusterResult, settings: EksSettings, place: Place) -> ClusterParts:
    issuer, is_irsa = _issuer(cluster), settings.workload_identity == "irsa"
    provider = place.scope.global_arn("iam", f"oidc-provider/{issuer.removeprefix('https://')}")
    return ClusterParts(
        name=settings.eks_name,
        arn=cluster.arn,
        version=_text(cluster.version),
        endpoint=_text(cluster.endpoint),
        ca_certificate=_text(cluster.certificate_authorities[0].data),
        oidc_issuer_url=_text(issuer),
        security_group_id=_text(cluster.vpc_config.cluster_security_group_id),
        oidc_provider_arn=_text(provider) if is_irsa else None,
        ready=(),
    )


def _issuer(cluster: aws.eks.GetClusterResult) -> str:
    return cluster.identities[0].oidcs[0].issuer


def _is_there(read: Callable[[], object]) -> bool:
    return _find(read) is not None


def _find(read: Callable[[], Found]) -> Found | None:
    """What is read; None where it is not there."""
    try:
        return read()
    except Exception as error:
        if any(words in str(error).lower() for words in _ABSENT):
            return None
        raise


def _text(value: str) -> Text:
    return pulumi.Output.from_input(value)
