"""The policies of AWS that roles get exist by these names, with their paths.

The user guide of EKS prints some with a path that they do not have: a role is refused then, which
no preview shows. moto has the list that AWS itself gives.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Final

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

import splitplane.components.clouds.aws as package

KNOWN: Final = {
    (item["Path"] + name).removeprefix("/")
    for name, item in json.loads(aws_managed_policies_data).items()
}
_POLICY: Final = re.compile(r"(?:service-role/)?Amazon(?:EBS|EFS|EC2|EKS|S3|SSM)\w+")
_NOT_OF_IAM: Final = {
    "AmazonEKSAutoNodePolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSViewPolicy",
}
"""Access policies of EKS, which have names of their own kind."""


def _texts(file: Path) -> set[str]:
    """Whole texts in a module, not what comments and documentation say."""
    found = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    texts = {item.value for item in found if isinstance(item, ast.Constant)}
    return {item for item in texts if isinstance(item, str)}


def _attached() -> list[str]:
    files = [file for folder in package.__path__ for file in Path(folder).rglob("*.py")]
    named = {text for file in files for text in _texts(file) if _POLICY.fullmatch(text)}
    return sorted(named - _NOT_OF_IAM)


@pytest.mark.parametrize("policy", _attached())
def test_the_policy_exists(policy: str) -> None:
    assert policy in KNOWN


def test_what_is_known_to_be_attached_is_looked_at() -> None:
    assert {
        "AmazonEBSCSIDriverPolicyV2",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSClusterPolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonS3FilesClientFullAccess",
        "service-role/AmazonEFSCSIDriverPolicy",
        "service-role/AmazonS3FilesCSIDriverPolicy",
    } <= {*_attached()}
    assert "service-role/AmazonEBSCSIDriverPolicyV2" not in KNOWN
