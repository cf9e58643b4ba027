"""What the platform may do reaches what it is for, and nothing beside."""

from __future__ import annotations

import json

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.platform.iam import build_secret_reading_document

EU = Scope("aws", "eu-west-1", "123456789012")


def test_parameters_are_read_and_their_path_is_listed() -> None:
    statements = json.loads(build_secret_reading_document(EU, "acme/ml/"))["Statement"]

    resources = {item["Sid"]: item["Resource"] for item in statements}
    assert resources == {
        "Parameters": [
            "arn:aws:ssm:eu-west-1:123456789012:parameter/acme/ml",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/acme/ml/*",
        ],
        "Secrets": ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/ml/*"],
    }
