"""IAM documents: statements in, minified JSON out, with the limits of IAM checked. Pure.

Documents are built per partition and account, and say which resources they mean: a `*` stands only
where IAM knows no resource for the action, or beside a condition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from splitplane.components.errors import WrongArgument

MANAGED_POLICY_CHARACTERS: Final = 6144
TRUST_POLICY_CHARACTERS: Final = 2048
"""Without whitespace. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html;
a trust policy's limit can be raised to 4,096."""
POLICIES_OF_A_ROLE: Final = 10
"""Managed policies that a role may have attached by default (same source)."""

Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True)
class Scope:
    """Where the resources of a document are.

    Attributes:
        partition: `aws`, `aws-cn`, `aws-us-gov`, …
        region: region of the cluster.
        account_id: account of the cluster, twelve digits.
    """

    partition: str
    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """A resource of the account in the region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def arn_of_anyone(self, service: str, resource: str) -> str:
        """A resource of any account in the region, such as a shared subnet."""
        return f"arn:{self.partition}:{service}:{self.region}:*:{resource}"

    def public_arn(self, service: str, resource: str) -> str:
        """A resource in the region that has no account, such as an image."""
        return f"arn:{self.partition}:{service}:{self.region}::{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """A resource of the account that lies in no region, such as a role."""
        return f"arn:{self.partition}:{service}::{self.account_id}:{resource}"

    def cluster_arn(self, name: str) -> str:
        """The EKS cluster of that name."""
        return self.arn("eks", f"cluster/{name}")


@dataclass(frozen=True)
class Statement:
    """One statement of a document.

    Attributes:
        sid: letters and digits; says what it is for.
        actions: in any order; rendered sorted.
        resources: ARNs; empty in a trust document.
        conditions: operator → key → value or values.
        principals: kind (`Service`, `AWS`, `Federated`) → who; empty in an identity document.
        effect: `Allow` or `Deny`.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    conditions: Conditions = field(default_factory=dict[str, Mapping[str, str | Sequence[str]]])
    principals: Mapping[str, str | Sequence[str]] = field(
        default_factory=dict[str, str | Sequence[str]]
    )
    effect: str = "Allow"

    def render(self) -> dict[str, Any]:  # Any: JSON
        """The statement as IAM reads it."""
        document: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals:
            document["Principal"] = {key: _plain(who) for key, who in self.principals.items()}
        document["Action"] = sorted(self.actions)
        if self.resources:
            document["Resource"] = sorted(self.resources)
        if self.conditions:
            document["Condition"] = {
                operator: {key: _plain(value) for key, value in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return document


def build_document(name: str, *statements: Statement, is_trust: bool = False) -> str:
    """The statements as one document without whitespace, the same text each time.

    Args:
        name: what the document is, for the error.
        statements: in the order in which they are read.
        is_trust: whether it says who may assume a role, in place of what may be done.

    Raises:
        WrongArgument: it is longer than IAM takes; names make it so.
    """
    document = {"Version": "2012-10-17", "Statement": [item.render() for item in statements]}
    text = json.dumps(document, separators=(",", ":"))
    limit = TRUST_POLICY_CHARACTERS if is_trust else MANAGED_POLICY_CHARACTERS
    if len(text) > limit:
        raise WrongArgument(
            f"policy {name!r} has {len(text)} characters, IAM takes {limit}: use shorter names, or "
            "fewer zones, principals or prefixes"
        )
    return text


def pack_documents(documents: Mapping[str, str]) -> dict[str, str]:
    """The same statements in fewer documents, each as long as IAM takes; the same each time.

    Each document is named after the longest in it.

    Args:
        documents: name → document of `build_document`; no two statements have one sid.
    """
    packed: dict[str, list[str]] = {}
    for name in sorted(documents, key=lambda name: (-len(documents[name]), name)):
        for members in packed.values():
            if len(_join([*members, documents[name]])) <= MANAGED_POLICY_CHARACTERS:
                members.append(documents[name])
                break
        else:
            packed[name] = [documents[name]]
    return {name: _join(members) for name, members in packed.items()}


def _join(documents: Sequence[str]) -> str:
    statements = [item for text in documents for item in json.loads(text)["Statement"]]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _plain(value: str | Sequence[str]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)
