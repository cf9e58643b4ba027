"""How long images stay in repositories that ECR makes by itself. Pure."""

from __future__ import annotations

import json
from typing import Final

UNTAGGED_DAYS: Final = 14
"""Untagged images are replaced build caches, or tags that moved on; deployments name tags."""


def build_untagged_lifecycle() -> str:
    """The policy of a repository whose images go a while after they lost their last tag."""
    rule = {
        "rulePriority": 1,
        "description": f"untagged images go after {UNTAGGED_DAYS} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]}, separators=(",", ":"))
