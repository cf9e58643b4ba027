"""Whether the cluster is free to be made, or is there and can be worked with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.cluster.reachability import address_of
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.subject import Subject

_ACTIVE: Final = "ACTIVE"
_CONFIG_MAP: Final = "CONFIG_MAP"
_API: Final = "API"
_SESSION: Final = re.compile(r"^arn:[a-z-]+:sts::\d{12}:assumed-role/(?P<role>[^/]+)/")


def check_cluster(subject: Subject) -> Iterator[Finding]:
    """The name is free, or the cluster of that name is the one that is meant, and works."""
    name = subject.settings.eks_name
    if subject.cluster is None:
        if subject.settings.is_adopted:
            where = f"{subject.account.scope.account_id}, {subject.account.scope.region}"
            found = f"there is no cluster {name!r} in {where}"
            yield failed("cluster", found, "correct cluster_name, --region or the credentials")
        else:
            yield passed("cluster", f"the name {name!r} is free")
        return
    status = str(subject.cluster.get("status"))
    if not subject.settings.is_adopted and not subject.is_ours:
        yield failed(
            "cluster",
            f"a cluster {name!r} exists that no compute plane of this name made",
            f"choose another name, or adopt it with cluster_name: {name}",
        )
    elif status != _ACTIVE:
        yield failed("cluster", f"{name} is {status}", "wait until it is ACTIVE, or repair it")
    else:
        how = "is adopted" if subject.settings.is_adopted else "exists and would be updated"
        yield passed("cluster", f"{name} {how}, version {subject.cluster.get('version')}")


def check_access(subject: Subject) -> Iterator[Finding]:
    """A cluster that exists lets in who deploys."""
    if subject.cluster is None:
        return
    mode = subject.cluster.get("accessConfig", {}).get("authenticationMode", _CONFIG_MAP)
    if mode == _CONFIG_MAP:
        name = subject.settings.eks_name
        yield failed(
            "access",
            "the cluster takes no access entries (authentication mode CONFIG_MAP)",
            f"aws eks update-cluster-config --name {name} --access-config "
            "authenticationMode=API_AND_CONFIG_MAP, which cannot be undone; then splitplane aws "
            "access-entries makes entries of what aws-auth says",
        )
        return
    role = subject.settings.deployer_role_arn or subject.account.principal_arn
    entries = [
        str(arn)
        for arn in subject.account.read_all(
            "eks", "ListAccessEntries", "accessEntries", clusterName=subject.settings.eks_name
        )
    ]
    if any(_is_same(role, entry) for entry in entries):
        yield passed("access", f"{role} has an access entry")
        return
    advice = f"aws eks create-access-entry --cluster-name {subject.settings.eks_name} for it"
    if mode == _API:
        yield failed("access", f"{role} has no access entry, so the cluster refuses it", advice)
    else:
        found = f"{role} has no access entry; whether aws-auth names it is not seen from here"
        yield warned("access", found, advice)


def check_reachability(subject: Subject) -> Iterator[Finding]:
    """The API server and the control plane can be reached from here."""
    yield from _check_endpoint(subject)
    host, port = address_of(subject.settings.hub_url)
    why = subject.reaches(host, port)
    if why is None:
        yield passed("control plane", f"{host}:{port} accepts connections")
    else:
        yield warned(
            "control plane",
            f"{host}:{port} cannot be reached from here: {why}",
            "make sure that pods of the cluster reach hub_url",
        )


def _check_endpoint(subject: Subject) -> Iterator[Finding]:
    if subject.cluster is None:
        settings = subject.settings
        if not settings.is_adopted and not settings.public_access_cidrs:
            yield warned(
                "API server",
                "it will be reached from the VPC alone, and add-ons are installed through it",
                "deploy from a machine that reaches the VPC (a runner in it, a VPN), or set "
                "public_access_cidrs to the ranges that you deploy from",
            )
        return
    host, port = address_of(str(subject.cluster["endpoint"]))
    why = subject.reaches(host, port)
    if why is None:
        yield passed("API server", f"{host}:{port} accepts connections")
        return
    vpc = subject.cluster.get("resourcesVpcConfig", {})
    if not vpc.get("endpointPublicAccess"):
        network = vpc.get("vpcId", "its VPC")
        advice = (
            f"its endpoint is private: run from a machine that reaches {network} (a runner in "
            "it, a VPN), whose addresses the cluster's security group lets in on 443"
        )
    else:
        ranges = ", ".join(vpc.get("publicAccessCidrs", ())) or "none"
        advice = f"it lets in {ranges}: add this machine's address to public_access_cidrs"
    yield failed("API server", f"{host}:{port} cannot be reached from here: {why}", advice)


def _is_same(principal: str, entry: str) -> bool:
    """Whether the entry is that of the principal; a session shows its role without the path."""
    session = _SESSION.match(principal)
    if session is None:
        return principal == entry
    return ":role/" in entry and entry.rpartition("/")[2] == session["role"]
