"""A network and a cluster that exist, for tests of what an EKS compute plane has behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.parts import ClusterParts, NetworkParts, Plane
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings

SCOPE = Scope("aws", "eu-west-1", "111122223333")
ISSUER = "oidc.example.com/id/1"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


class Parent(pulumi.ComponentResource):
    """Stands for the component whose children the parts are."""

    def __init__(self, name: str = "plane") -> None:
        """Registers it."""
        super().__init__("test:index:Plane", name)


def settings_of(**args: Any) -> EksSettings:  # Any: arguments as programs give them
    """Settings with what every compute plane needs, and what is given."""
    least = {
        "name": "prod-eu",
        "environments": ["prod"],
        "hub_url": "wss://hub.example.com",
        "kubernetes_version": "1.35",
        "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
    }
    return parse_settings({**least, **args})


def make_plane(
    settings: EksSettings,
    *,
    scope: Scope = SCOPE,
    zones: tuple[str, ...] = ZONES,
    version: str | None = None,
) -> Plane:
    """A plane with a way out called `way-out` and a cluster called `cluster`.

    Ids are plain: `vpc-1`, `subnet-a`, `subnet-public-a`, … by zone, and `sg-cluster`. With IRSA
    there is a provider of its issuer. The version is the cluster's, that of the settings when None.
    """
    way_out = aws.ec2.InternetGateway("way-out", vpc_id="vpc-1")
    vpc_config: Any = {"subnet_ids": ["subnet-x", "subnet-y"]}
    cluster = aws.eks.Cluster(
        "cluster",
        name=settings.eks_name,
        role_arn="arn:aws:iam::1:role/c",
        version=version or settings.kubernetes_version,
        vpc_config=vpc_config,
    )
    subnets = {zone: pulumi.Output.from_input(f"subnet-{zone[-1]}") for zone in zones}
    return Plane(
        settings=settings,
        scope=scope,
        network=NetworkParts(
            vpc_id=pulumi.Output.from_input("vpc-1"),
            node_subnet_ids=subnets,
            private_subnet_ids=subnets,
            public_subnet_ids={
                zone: pulumi.Output.from_input(f"subnet-public-{zone[-1]}") for zone in zones
            },
            control_plane_subnet_ids=[pulumi.Output.from_input("subnet-x")],
            ways_out=[way_out],
        ),
        cluster=ClusterParts(
            name=settings.eks_name,
            arn=scope.cluster_arn(settings.eks_name),
            version=cluster.version,
            endpoint=cluster.endpoint,
            ca_certificate=pulumi.Output.from_input("LS0tLS1CRUdJTg=="),
            oidc_issuer_url=pulumi.Output.from_input(f"https://{ISSUER}"),
            security_group_id=pulumi.Output.from_input("sg-cluster"),
            oidc_provider_arn=pulumi.Output.from_input(
                scope.global_arn("iam", f"oidc-provider/{ISSUER}")
            )
            if settings.workload_identity == "irsa"
            else None,
            ready=[cluster],
            resource=cluster,
        ),
        kubernetes=kubernetes.Provider("kubernetes", kubeconfig="{}"),
    )


def with_plane(
    settings: EksSettings, declare: Callable[[Parent, Plane], object], **place: Any
) -> Callable[[], None]:
    """A program that declares something on such a plane, as children of `Parent`."""

    def program() -> None:
        declare(Parent(), make_plane(settings, **place))

    return program
