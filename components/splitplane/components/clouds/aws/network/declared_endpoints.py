"""Endpoints of services in a created VPC: S3 always, which costs nothing, others where asked."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.network.endpoints import service_name
from splitplane.components.clouds.aws.network.subnets import Subnets
from splitplane.components.clouds.aws.network.wiring import Wiring

_HTTPS = 443


def declare_endpoints(
    wiring: Wiring,
    vpc: aws.ec2.Vpc,
    subnets: Subnets,
    private_tables: Sequence[aws.ec2.RouteTable],
) -> list[pulumi.Resource]:
    """Private subnets reach S3 and the planned services without leaving the VPC."""
    found: list[pulumi.Resource] = [
        aws.ec2.VpcEndpoint(
            wiring.named("endpoint-s3"),
            vpc_id=vpc.id,
            vpc_endpoint_type="Gateway",
            service_name=service_name("s3", wiring.scope),
            route_table_ids=[table.id for table in private_tables],
            tags=wiring.tags("s3"),
            opts=wiring.options(),
        )
    ]
    if not wiring.plan.endpoints:
        return found
    group, rules = _declare_group(wiring, vpc)
    for service, full_name in wiring.plan.endpoints.items():
        found.append(
            aws.ec2.VpcEndpoint(
                wiring.named(f"endpoint-{service}"),
                vpc_id=vpc.id,
                vpc_endpoint_type="Interface",
                service_name=full_name,
                subnet_ids=[subnet.id for subnet in subnets.private.values()],
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags=wiring.tags(service),
                opts=wiring.options(*rules),
            )
        )
    return found


def _declare_group(
    wiring: Wiring, vpc: aws.ec2.Vpc
) -> tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]:
    """A group that lets HTTPS in from the VPC's own ranges, and its rules."""
    network = wiring.settings.network
    group = aws.ec2.SecurityGroup(
        wiring.named("endpoints"),
        name=derived_name("security_group", wiring.settings.eks_name, "endpoints"),
        description="HTTPS from the VPC to endpoints of AWS services",
        vpc_id=vpc.id,
        tags=wiring.tags("endpoints"),
        opts=wiring.options(is_slow_to_delete=True),
    )
    sources = {"endpoints": network.vpc_cidr, "endpoints-secondary": network.secondary_cidr}
    rules: list[pulumi.Resource] = [
        aws.vpc.SecurityGroupIngressRule(
            wiring.named(purpose),
            security_group_id=group.id,
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            tags=wiring.tags(purpose),
            opts=wiring.options(),
        )
        for purpose, cidr in sources.items()
        if cidr is not None
    ]
    return group, rules
