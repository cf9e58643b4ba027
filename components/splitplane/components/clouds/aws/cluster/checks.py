"""What is wrong with what a program asks of the cluster itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import urlsplit

import pulumi

from splitplane.components.clouds.aws.cluster.control_plane_checks import control_plane_problems
from splitplane.components.clouds.aws.cluster.versions import MINORS, check_version
from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument
from splitplane.contract.names import check_name

LOG_TYPES: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""https://docs.aws.amazon.com/eks/latest/APIReference/API_LogSetup.html"""
RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
MAX_TAGS: Final = 40
"""Objects take 50 tags; two of them are ours, and Karpenter and the volume drivers add up to eight
of their own. https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""
MAX_PUBLIC_RANGES: Final = 40
"""https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html"""
DELETE_MINUTES: Final = range(10, 721)
"""A cluster alone takes some ten minutes to go; credentials of a run last twelve hours at most."""
SMALLEST_AGENT_MIB: Final = 128
"""As for attached clusters: idle, the agent takes 70 MiB."""

_KEY: Final = re.compile(r"^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$", re.ASCII)
_ROLE: Final = re.compile(r"^arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+$", re.ASCII)
_POLICY: Final = re.compile(r"^arn:[a-z-]+:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$", re.ASCII)
_TAG_KEY: Final = re.compile(r"^[\w .:/=+@-]{1,128}$")
_TAG_VALUE: Final = re.compile(r"^[\w .:/=+@-]{0,256}$")
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions"""
_AWS: Final = "aws:"
"""Starts keys and values that AWS keeps for itself.
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html"""
_RESERVED_TAGS: Final = (
    *(_AWS, "karpenter.", "kubernetes.io", "eks:"),
    *("csivolumename", "csivolumesnapshotname", "ebs.csi.aws.com/"),
)
"""Those of AWS, those that Karpenter refuses in a node class, and those with which the driver of
disks does not start: kubernetes-sigs/aws-ebs-csi-driver, pkg/driver/validation.go."""
_CLOSED_RANGES: Final = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    )
)
"""Never the source of a request from the internet; EKS refuses them."""
_NAMESPACE: Final = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


def check_cluster(settings: EksSettings) -> list[str]:
    """Every problem of the fields of the cluster, its names, its agent and its tags."""
    return [
        *_name_problems(settings),
        *_hub_problems(settings),
        *([] if settings.is_adopted else _version_problems(settings)),
        *_endpoint_problems(settings),
        *_log_problems(settings),
        *control_plane_problems(settings),
        *_arn_problems(settings),
        *_tag_problems(settings),
        *_agent_problems(settings),
    ]


def _name_problems(settings: EksSettings) -> Iterator[str]:
    yield from _said(partial(check_name, "cluster", settings.name), "name: ")
    yield from _environment_problems(settings.environments)
    for field in ("allowed_namespaces", "denied_namespaces"):
        for name in getattr(settings, field):
            if _NAMESPACE.fullmatch(name) is None:
                yield (
                    f"{field} {name!r} is no name of a namespace: use 1 to 63 lower-case letters, "
                    "digits and hyphens"
                )
    both = sorted({*settings.allowed_namespaces} & {*settings.denied_namespaces})
    if both:
        yield (
            f"allowed_namespaces {both!r} are in denied_namespaces too: leave them out of one of "
            "the two"
        )


def _environment_problems(environments: Any) -> Iterator[str]:  # Any: texts or outputs
    if isinstance(environments, pulumi.Output):
        return
    if not isinstance(environments, list | tuple):
        yield f"environments {environments!r} is no list: name at least one, such as ['prod']"
        return
    if not environments:
        yield "environments is empty: name at least one, such as 'prod'"
    for index, name in enumerate(environments):
        if isinstance(name, pulumi.Output):
            continue
        yield from _said(partial(check_name, "environment", name), f"environments[{index}]: ")
        if name in environments[:index]:
            yield f"environments[{index}] {name!r} is named twice: leave one out"


def _hub_problems(settings: EksSettings) -> Iterator[str]:
    try:
        parts = urlsplit(settings.hub_url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    else:
        has_host = has_host and parts.scheme == "https"
        has_host = has_host and parts.path in ("", "/") and not parts.query and not parts.username
    if not has_host:
        yield (
            f"hub_url {settings.hub_url!r} is not allowed: the agent needs https://HOST[:PORT], "
            "encrypted and without a path"
        )


def _version_problems(settings: EksSettings) -> Iterator[str]:
    version = settings.kubernetes_version
    if version is None:
        supported = ", ".join(repr(minor.version) for minor in MINORS)
        yield (
            "kubernetes_version is missing: left out, it would mean another one with each cluster; "
            f"write one of {supported}"
        )
    else:
        yield from _said(partial(check_version, version))
    if not settings.deployer_principal_arns:
        yield (
            "deployer_principal_arns is empty: nobody could reach the cluster; name the roles that "
            "deploy"
        )


def _endpoint_problems(settings: EksSettings) -> Iterator[str]:
    cidrs = settings.public_access_cidrs
    if len(cidrs) > MAX_PUBLIC_RANGES:
        yield (
            f"public_access_cidrs has {len(cidrs)} ranges, EKS takes {MAX_PUBLIC_RANGES}: join "
            "neighbours"
        )
    for index, cidr in enumerate(cidrs):
        try:
            network = ip_network(cidr)
        except ValueError as error:
            yield (
                f"public_access_cidrs[{index}] {cidr!r} is not a range of addresses ({error}): "
                "write it as 198.51.100.0/24"
            )
            continue
        if network.version == 6 and settings.network.ip_family == "ipv4":
            # https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
            yield (
                f"public_access_cidrs[{index}] {cidr!r} is IPv6, which the endpoint of a cluster "
                "with network.ip_family 'ipv4' has not: leave it out, or write 'ipv6'"
            )
        elif network.prefixlen == 0:
            if not settings.allows_public_access_from_anywhere:
                yield (
                    f"public_access_cidrs[{index}] {cidr!r} opens the API server to everyone: name "
                    "your own ranges, or set allows_public_access_from_anywhere"
                )
        elif any(
            closed.version == network.version and network.overlaps(closed)
            for closed in _CLOSED_RANGES
        ):
            yield (
                f"public_access_cidrs[{index}] {cidr!r} has addresses that never come from the "
                "internet: name public ranges; from inside the VPC the API server is always reached"
            )


def _log_problems(settings: EksSettings) -> Iterator[str]:
    for kind in settings.log_types:
        if kind not in LOG_TYPES:
            yield f"log_types {kind!r} is not known: use some of {', '.join(LOG_TYPES)}"
    if len({*settings.log_types}) < len(settings.log_types):
        yield f"log_types {list(settings.log_types)!r} name one twice: leave it out"
    if settings.log_retention_days not in RETENTION_DAYS:
        allowed = ", ".join(map(str, RETENTION_DAYS))
        yield (
            f"log_retention_days {settings.log_retention_days!r} is not allowed: CloudWatch takes "
            f"{allowed}"
        )
    if settings.delete_timeout_minutes not in DELETE_MINUTES:
        yield (
            f"delete_timeout_minutes {settings.delete_timeout_minutes!r} is not allowed: use "
            f"{DELETE_MINUTES[0]} to {DELETE_MINUTES[-1]}"
        )


def _arn_problems(settings: EksSettings) -> Iterator[str]:
    key = settings.secrets_kms_key
    if key not in ("aws_owned", "created") and _KEY.fullmatch(key) is None:
        yield (
            f"secrets_kms_key {key!r} is not allowed: write 'aws_owned', 'created', or "
            "arn:aws:kms:REGION:ACCOUNT:key/ID of a key, not of an alias"
        )
    boundary = settings.permissions_boundary_arn
    if boundary is not None and _POLICY.fullmatch(boundary) is None:
        yield (
            f"permissions_boundary_arn {boundary!r} is no policy: write "
            "arn:aws:iam::ACCOUNT:policy/NAME"
        )
    role = settings.deployer_role_arn
    if role is not None and _ROLE.fullmatch(role) is None:
        yield f"deployer_role_arn {role!r} is no role: write arn:aws:iam::ACCOUNT:role/NAME"


def _tag_problems(settings: EksSettings) -> Iterator[str]:
    if len(settings.tags) > MAX_TAGS:
        yield (
            f"tags has {len(settings.tags)} entries, {MAX_TAGS} are allowed: AWS takes 50, and the "
            "rest are set by the cluster"
        )
    for key, value in settings.tags.items():
        if key.lower().startswith(_RESERVED_TAGS) or key == CLUSTER_TAG:
            yield (
                f"tags {key!r} is reserved: use a key that is not {CLUSTER_TAG} and does not start "
                f"with {', '.join(_RESERVED_TAGS)}"
            )
        elif _TAG_KEY.fullmatch(key) is None:
            yield (f"tags {key!r} is no key: use 1 to 128 letters, digits, spaces and _.:/=+-@")
        if value.lower().startswith(_AWS):
            yield (
                f"tags {key!r} has the value {value!r}: AWS keeps what starts with {_AWS} to itself"
            )
        elif _TAG_VALUE.fullmatch(value) is None:
            yield (
                f"tags {key!r} has the value {value!r}: use at most 256 letters, digits, spaces "
                "and _.:/=+-@"
            )


def _agent_problems(settings: EksSettings) -> Iterator[str]:
    agent = settings.agent
    if agent.cpu_millicores is not None and agent.cpu_millicores < 1:
        yield f"agent.cpu_millicores {agent.cpu_millicores} is too little: use 1 or more"
    if agent.memory_mib is not None and agent.memory_mib < SMALLEST_AGENT_MIB:
        yield (
            f"agent.memory_mib {agent.memory_mib} is too little: use {SMALLEST_AGENT_MIB} or more"
        )
    certificates = agent.hub_ca_certificates
    if certificates is not None and "-----BEGIN CERTIFICATE-----" not in certificates:
        yield (
            "agent.hub_ca_certificates has no certificate: write PEM text with BEGIN CERTIFICATE, "
            "not the name of a file"
        )


def _said(check: Callable[[], object], start: str = "") -> Iterator[str]:
    """What the check raises, as text."""
    try:
        check()
    except (ValueError, WrongArgument) as error:
        yield f"{start}{error}"
