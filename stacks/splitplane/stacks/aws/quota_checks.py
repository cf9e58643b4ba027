"""Whether the account's quotas hold the compute plane beside what runs already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.network.plan import plan_network
from splitplane.components.clouds.aws.settings import Nat
from splitplane.components.errors import WrongArgument
from splitplane.stacks.aws.account import Answer
from splitplane.stacks.aws.errors import AwsError
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.offering_checks import choose_system_type, find_zones
from splitplane.stacks.aws.quotas import (
    QUOTAS,
    Need,
    compute_needs,
    families_of,
    quota_of_family,
)
from splitplane.stacks.aws.subject import Subject


@dataclass(frozen=True)
class Reading:
    """A quota as the account has it.

    Attributes:
        value: most that the account may have.
        used: what it has, without the compute plane's own.
        name: name of the quota as Service Quotas tells it.
    """

    value: int
    used: int
    name: str


def check_quotas(subject: Subject) -> Iterator[Finding]:
    """Every quota holds what cannot be done without, and what the pools may grow to."""
    try:
        zones = () if subject.settings.is_adopted else find_zones(subject)
        nat = _effective_nat(subject, zones)
    except WrongArgument:
        # Said by the checks of zones and network.
        return
    system_type, _ = choose_system_type(subject, zones)
    needs = compute_needs(
        subject.settings,
        shapes=subject.read_shapes([system_type, *_patterns(subject)]),
        system_type=system_type,
        zone_count=len(zones),
        nat=nat,
        is_created=subject.is_created,
    )
    used = _read_usage(subject, {need.quota.key for need in needs})
    region = subject.account.scope.region
    for need in needs:
        try:
            found = subject.account.call(
                "service-quotas",
                "GetServiceQuota",
                ServiceCode=need.quota.service,
                QuotaCode=need.quota.code,
            )["Quota"]
        except AwsError as exc:
            yield warned(_title(need), f"not read: {exc}", _look_up(need, region))
            continue
        reading = Reading(int(found["Value"]), used[need.quota.key], str(found["QuotaName"]))
        yield judge_quota(need, reading, region=region)


def judge_quota(need: Need, reading: Reading, *, region: str) -> Finding:
    """What a quota means for a compute plane.

    FAIL where not even networks, first nodes and one node of each pool fit, and a warning where the
    pools cannot grow to their limits. A quota whose name is not confirmed only warns.

    Args:
        need: what is to fit.
        reading: what there is.
        region: whose quota it is, for the advice.
    """
    unit = need.quota.unit
    left = reading.value - reading.used
    facts = f"{reading.value} {unit}, {reading.used} in use"
    if need.most <= left:
        return passed(_title(need), f"{facts}, {need.most} needed")
    users = ", ".join(need.uses)
    if need.least <= left:
        found = f"{facts}; {users} may grow to {need.most}, of which {max(left, 0)} fit"
        return warned(_title(need), found, _ask(need, need.most + reading.used, region))
    found = f"{facts}; {users} cannot do with less than {need.least}"
    advice = _ask(need, need.most + reading.used, region)
    if need.quota.is_confirmed:
        return failed(_title(need), found, advice)
    return warned(_title(need), f"{found}; AWS calls the quota {reading.name!r}", advice)


def _title(need: Need) -> str:
    return f"quota {need.quota.name}"


def _ask(need: Need, wanted: int, region: str) -> str:
    return (
        f"aws service-quotas request-service-quota-increase {_of(need, region)} "
        f"--desired-value {wanted}"
    )


def _look_up(need: Need, region: str) -> str:
    return (
        f"see that {need.most} {need.quota.unit} fit: aws service-quotas get-service-quota "
        f"{_of(need, region)}"
    )


def _of(need: Need, region: str) -> str:
    quota = need.quota
    return f"--region {region} --service-code {quota.service} --quota-code {quota.code}"


def _effective_nat(subject: Subject, zones: tuple[str, ...]) -> Nat:
    """Regional NAT is not everywhere, and what takes its place needs more addresses."""
    settings = subject.settings
    if settings.is_adopted or settings.network.vpc_id is not None:
        return "none"
    return plan_network(settings, subject.account.scope, zones).nat


def _patterns(subject: Subject) -> list[str]:
    """Types whose size decides how much is needed."""
    settings = subject.settings
    if settings.compute_mode == "node_groups":
        return [group.instance_types[0] for group in settings.node_groups]
    pools = [pool for pool in effective_pools(settings) if pool.has_accelerators]
    return [f"{family}.*" for pool in pools for family in families_of(pool)]


def _read_usage(subject: Subject, keys: set[str]) -> Mapping[str, int]:
    """Key of a quota → what is in use; only what is asked for is read."""
    account = subject.account
    used: Counter[str] = Counter()
    if any(QUOTAS[key].unit == "vCPUs" for key in keys):
        used.update(_read_vcpus(subject))
    if "addresses" in keys:
        used["addresses"] = len(account.call("ec2", "DescribeAddresses")["Addresses"])
    for key, operation, item in (
        ("vpcs", "DescribeVpcs", "Vpcs"),
        ("internet-gateways", "DescribeInternetGateways", "InternetGateways"),
    ):
        if key in keys:
            used[key] = sum(1 for _ in account.read_all("ec2", operation, item))
    if "nat-gateways" in keys:
        used["nat-gateways"] = _read_nat_gateways(subject)
    if "clusters" in keys:
        used["clusters"] = sum(1 for _ in account.read_all("eks", "ListClusters", "clusters"))
    return used


def _read_vcpus(subject: Subject) -> Mapping[str, int]:
    """What machines that run use, in vCPUs, by quota; those of the cluster itself are left out."""
    own = f"kubernetes.io/cluster/{subject.settings.eks_name}"
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    used: Counter[str] = Counter()
    for group in subject.account.read_all(
        "ec2", "DescribeInstances", "Reservations", Filters=states
    ):
        for item in group["Instances"]:
            if any(tag["Key"] == own for tag in item.get("Tags", ())):
                continue
            is_spot = item.get("InstanceLifecycle") == "spot"
            key = quota_of_family(str(item["InstanceType"]), is_spot=is_spot)
            if key is not None:
                used[key] += _vcpus(item)
    return used


def _vcpus(item: Answer) -> int:
    options = item.get("CpuOptions", {})
    return int(options.get("CoreCount", 1)) * int(options.get("ThreadsPerCore", 2))


def _read_nat_gateways(subject: Subject) -> int:
    """Gateways in the zone that has most, since the quota counts by zone."""
    account = subject.account
    states = [{"Name": "state", "Values": ["pending", "available"]}]
    subnets = [
        str(item["SubnetId"])
        for item in account.read_all("ec2", "DescribeNatGateways", "NatGateways", Filter=states)
        # Regional gateways lie in no subnet.
        if item.get("SubnetId")
    ]
    if not subnets:
        return 0
    by_id = {
        str(item["SubnetId"]): str(item["AvailabilityZone"])
        for item in account.read_all(
            "ec2", "DescribeSubnets", "Subnets", SubnetIds=sorted(set(subnets))
        )
    }
    return max(Counter(by_id[subnet] for subnet in subnets if subnet in by_id).values(), default=0)
