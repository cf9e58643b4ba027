"""Flow logs of a created VPC: who talked to whom, accepted or refused."""

from __future__ import annotations

import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.roles import role_name_of
from splitplane.components.clouds.aws.network.flow_log_iam import (
    build_flow_logs_document,
    build_flow_logs_trust,
)
from splitplane.components.clouds.aws.network.wiring import Wiring


def declare_flow_logs(wiring: Wiring, vpc: aws.ec2.Vpc) -> None:
    """Connections in the VPC are written to a log group, by a role that can write nothing else."""
    settings, scope = wiring.settings, wiring.scope
    group_name = f"/aws/vpc/{settings.eks_name}/flow-logs"
    group = aws.cloudwatch.LogGroup(
        wiring.named("flow-logs"),
        name=group_name,
        retention_in_days=settings.log_retention_days,
        tags=wiring.tags("flow-logs"),
        opts=wiring.options(),
    )
    role = aws.iam.Role(
        wiring.named("flow-logs"),
        name=role_name_of(settings, scope, "flow-logs"),
        assume_role_policy=build_flow_logs_trust(scope),
        permissions_boundary=settings.permissions_boundary_arn,
        tags=wiring.tags("flow-logs"),
        opts=wiring.options(),
    )
    policy = aws.iam.RolePolicy(
        wiring.named("flow-logs"),
        name="write",
        role=role.name,
        policy=build_flow_logs_document(scope, group_name),
        opts=wiring.options(),
    )
    aws.ec2.FlowLog(
        wiring.named("flow-logs"),
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        tags=wiring.tags("flow-logs"),
        opts=wiring.options(policy),
    )
