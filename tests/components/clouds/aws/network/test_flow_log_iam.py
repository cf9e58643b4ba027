"""Flow logs are written by the service for this account, and to one log group."""

from __future__ import annotations

import json

import iam_check

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.flow_log_iam import (
    build_flow_logs_document,
    build_flow_logs_trust,
)

SCOPE = Scope("aws-us-gov", "us-gov-west-1", "111122223333")


def test_documents_name_nobody_else() -> None:
    document = build_flow_logs_document(SCOPE, "/aws/vpc/prod/flow-logs")

    assert iam_check.problems(document) == []
    write, find = json.loads(document)["Statement"]
    group = "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/aws/vpc/prod/flow-logs"
    assert write["Resource"] == [group, f"{group}:*"]
    assert find["Action"] == ["logs:DescribeLogGroups"]
    (trust,) = json.loads(build_flow_logs_trust(SCOPE))["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {
            "aws:SourceArn": "arn:aws-us-gov:ec2:us-gov-west-1:111122223333:vpc-flow-log/*"
        },
    }
