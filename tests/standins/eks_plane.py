"""An EKS compute plane with network and cluster as the other parts find it, under the monitor."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from splitplane.components.clouds.aws.iam import Scope
from splitplane.components.clouds.aws.parts import ClusterParts, NetworkParts, Plane
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings

SCOPE = Scope("aws", "eu-west-1", "111122223333")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
ISSUER = "https://oidc.eks.eu-west-1.amazonaws.com/id/A1"


class Whole(pulumi.ComponentResource):
    """The component that everything is a child of."""

    def __init__(self, name: str = "prod-eu") -> None:
        super().__init__("test:index:Whole", name)


def eks_settings(**args: Any) -> EksSettings:
    """Settings of a compute plane; those that are not given are the least that is needed."""
    least: dict[str, Any] = {
        "name": "prod-eu",
        "environments": ["prod"],
        "hub_url": "https://hub.example.com",
        "kubernetes_version": "1.35",
        "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
    }
    return parse_settings({**least, **args})


def make_plane(
    settings: EksSettings,
    *,
    parent: pulumi.Resource | None = None,
    scope: Scope = SCOPE,
    zones: tuple[str, ...] = ZONES,
    version: str = "1.35",
) -> Plane:
    """Registers a cluster `cluster`, a route `way-out` and a provider `kubernetes`.

    Everything that nobody asks for again is a plain value.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    vpc_config: Any = {"subnet_ids": [f"subnet-{zone}" for zone in zones]}
    trust = json.dumps({"Statement": []})
    role = aws.iam.Role("cluster-role", assume_role_policy=trust, opts=opts)
    cluster = aws.eks.Cluster(
        "cluster",
        name=settings.eks_name,
        role_arn=role.arn,
        vpc_config=vpc_config,
        version=version,
        opts=opts,
    )
    route = aws.ec2.Route(
        "way-out",
        route_table_id="rtb-1",
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id="nat-1",
        opts=opts,
    )
    is_irsa = settings.workload_identity == "irsa"
    issuer = ISSUER.removeprefix("https://")
    return Plane(
        settings=settings,
        scope=scope,
        network=NetworkParts(
            vpc_id=pulumi.Output.from_input("vpc-1"),
            node_subnet_ids=_texts({zone: f"subnet-node-{zone}" for zone in zones}),
            private_subnet_ids=_texts({zone: f"subnet-private-{zone}" for zone in zones}),
            public_subnet_ids=_texts({zone: f"subnet-public-{zone}" for zone in zones}),
            control_plane_subnet_ids=[pulumi.Output.from_input(f"subnet-{z}") for z in zones],
            ways_out=[route],
        ),
        cluster=ClusterParts(
            name=settings.eks_name,
            arn=scope.cluster_arn(settings.eks_name),
            version=pulumi.Output.from_input(version),
            endpoint=cluster.endpoint,
            ca_certificate=pulumi.Output.from_input("Y2E="),
            oidc_issuer_url=pulumi.Output.from_input(ISSUER),
            security_group_id=pulumi.Output.from_input("sg-cluster"),
            oidc_provider_arn=pulumi.Output.from_input(
                scope.global_arn("iam", f"oidc-provider/{issuer}")
            )
            if is_irsa
            else None,
            ready=[cluster],
        ),
        kubernetes=kubernetes.Provider("kubernetes", kubeconfig="{}", opts=opts),
    )


def _texts(values: dict[str, str]) -> dict[str, pulumi.Output[str]]:
    return {key: pulumi.Output.from_input(value) for key, value in values.items()}
