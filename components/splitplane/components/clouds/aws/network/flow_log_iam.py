"""What the flow logs of a VPC may do: write to their own log group. Pure."""

from __future__ import annotations

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document


def build_flow_logs_trust(scope: Scope) -> str:
    """Who writes: the service, for flow logs of this account and region."""
    return build_document(
        "trust of flow-logs",
        Statement(
            sid="FlowLogs",
            actions=["sts:AssumeRole"],
            principals={"Service": "vpc-flow-logs.amazonaws.com"},
            conditions={
                "StringEquals": {"aws:SourceAccount": scope.account_id},
                "ArnLike": {"aws:SourceArn": scope.arn("ec2", "vpc-flow-log/*")},
            },
        ),
        is_trust=True,
    )


def build_flow_logs_document(scope: Scope, group_name: str) -> str:
    """What may be written: streams of this log group. The group is made before.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html.
    """
    group = scope.arn("logs", f"log-group:{group_name}")
    return build_document(
        "flow-logs",
        Statement(
            sid="WriteFlowLogs",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[group, f"{group}:*"],
        ),
        Statement(
            sid="FindLogGroups",
            actions=["logs:DescribeLogGroups"],
            # IAM knows no resource of it.
            resources=["*"],
        ),
    )
