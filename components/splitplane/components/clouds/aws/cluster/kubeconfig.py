"""Kubeconfigs of an EKS cluster, for the deployer and for users. Pure: text in, text out.

None holds a credential: our own command signs in each time, so that no AWS CLI is needed and no
token ends within one `pulumi up`. The text is JSON, which every reader of YAML takes, and the same
for the same input, so that it shows no difference where there is none.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, Final

from splitplane.components.clouds.aws.names import check_cluster_name
from splitplane.components.errors import WrongArgument

API_VERSION: Final = "client.authentication.k8s.io/v1"
"""What `splitplane aws token` answers with; kubectl refuses another."""
_INSTALL_HINT: Final = (
    'splitplane was not found: run `pip install "splitplane[aws]"` and put it on the PATH'
)
_REGION: Final = re.compile(r"^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$")
_ROLE_ARN: Final = re.compile(r"^arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+$", re.ASCII)
_PROFILE: Final = re.compile(r"^[^\s\[\]]+$")


def build_deployer_kubeconfig(
    *,
    cluster: str,
    region: str,
    server: str,
    ca_certificate: str,
    role_arn: str | None = None,
    profile: str | None = None,
) -> str:
    """What the Kubernetes provider of a Pulumi program uses.

    Args:
        cluster: name of the cluster, and of the context.
        region: its region.
        server: URL of its API server.
        ca_certificate: authority of the API server, base64, as EKS gives it.
        role_arn: role that has the deployer's access entry; the credentials themselves when None.
        profile: profile with the credentials; those of the environment when None.

    Raises:
        WrongArgument: a value is not one that EKS or AWS could have given.
    """
    if role_arn is not None and _ROLE_ARN.fullmatch(role_arn) is None:
        raise WrongArgument(
            f"role_arn {role_arn!r} is no role: write arn:aws:iam::ACCOUNT:role/NAME"
        )
    if profile is not None and _PROFILE.fullmatch(profile) is None:
        raise WrongArgument(
            f"profile {profile!r} is not allowed: name a profile of the AWS configuration, without "
            "spaces and brackets"
        )
    return _build(cluster, region, server, ca_certificate, role_arn=role_arn, profile=profile)


def build_user_kubeconfig(*, cluster: str, region: str, server: str, ca_certificate: str) -> str:
    """What is handed to users: each signs in with an AWS identity that has an access entry.

    It names no role and no profile, so the same text serves everybody. Arguments and errors are
    those of `build_deployer_kubeconfig`.
    """
    return _build(cluster, region, server, ca_certificate, role_arn=None, profile=None)


def _build(
    cluster: str,
    region: str,
    server: str,
    ca_certificate: str,
    *,
    role_arn: str | None,
    profile: str | None,
) -> str:
    _check(cluster, region, server, ca_certificate)
    arguments = ["aws", "token", "--cluster", cluster, "--region", region]
    if role_arn is not None:
        arguments += ["--role-arn", role_arn]
    plugin: dict[str, Any] = {  # Any: JSON
        "apiVersion": API_VERSION,
        "command": "splitplane",
        "args": arguments,
        "installHint": _INSTALL_HINT,
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
    if profile is not None:
        plugin["env"] = [{"name": "AWS_PROFILE", "value": profile}]
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster,
                "cluster": {"server": server, "certificate-authority-data": ca_certificate},
            }
        ],
        "users": [{"name": cluster, "user": {"exec": plugin}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
        "current-context": cluster,
    }
    return json.dumps(document, indent=2) + "\n"


def _check(cluster: str, region: str, server: str, ca_certificate: str) -> None:
    check_cluster_name(cluster)
    if _REGION.fullmatch(region) is None:
        raise WrongArgument(f"region {region!r} is no AWS region: write one such as 'eu-central-1'")
    if not server.startswith("https://"):
        raise WrongArgument(
            f"server {server!r} is not allowed: give the cluster's endpoint, which starts with "
            "https://"
        )
    try:
        is_certificate = b"BEGIN CERTIFICATE" in base64.b64decode(ca_certificate, validate=True)
    except (binascii.Error, ValueError):
        is_certificate = False
    if not is_certificate:
        raise WrongArgument(
            "ca_certificate is not the base64 of a PEM certificate: pass "
            "cluster.certificate_authority.data as it is"
        )
