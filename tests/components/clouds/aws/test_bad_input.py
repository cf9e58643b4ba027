"""What a program asks for in vain is said in full before any resource of a cloud is registered."""

from __future__ import annotations

from typing import Any

import pytest
from aws_vpc import ARGUMENTS, existing_vpc
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components import EksComputePlane, WrongArgument

Json = dict[str, Any]  # Any: arguments as programs give them

ACCOUNT = "111122223333"
COMPONENTS = {"splitplane:index:EksComputePlane", "splitplane:aws:Network"}
"""Names without anything behind them."""
LEAST: Json = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
}
CPU: Json = {
    "name": "cpu",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "termination_grace_seconds": 3600,
}
GPU: Json = {**CPU, "name": "gpu", "gpu_name": "a10g", "limit_gpus": 8}
SHARED: Json = {
    "name": "gpu",
    "gpu_name": "h100",
    "static_nodes": 1,
    "termination_grace_seconds": 3600,
}
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
NODES = f"arn:aws:iam::{ACCOUNT}:role/prod-eu-system-nodes-eu-west-1"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1b2c"
MACHINES = {"m7i.large": "abc", "m6i.large": "abc", "m5.large": "abc", "g5.xlarge": "a"}
"""Machine → letters of the zones that offer it."""


def _offerings() -> Json:
    offered = [(name, f"eu-west-1{zone}") for name, zones in MACHINES.items() for zone in zones]
    return {
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "instanceTypes": [name for name, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        }
    }


def _running(version: str) -> Json:
    return {
        "aws:eks/getClusters:getClusters": {"id": "eu-west-1", "names": ["prod-eu"]},
        "aws:eks/getCluster:getCluster": {"id": "prod-eu", "name": "prod-eu", "version": version},
    }


def _vpc(**facts: Any) -> tuple[Json, Json]:  # Any: JSON
    return {"network": dict(ARGUMENTS)}, existing_vpc(**facts)


def _subnet(name: str, **facts: Any) -> tuple[Json, Json]:  # Any: JSON
    return _vpc(changes={name: facts})


def _karpenter(**settings: Any) -> Json:  # Any: values of a chart
    return {"addons": {"karpenter": {"values": {"settings": settings}}}}


WITHOUT_AWS: dict[str, tuple[Json, str]] = {
    "ranges overlap": (
        {"network": {"secondary_cidr": "10.0.128.0/17"}},
        (
            "network.vpc_cidr '10.0.0.0/16' overlaps network.secondary_cidr '10.0.128.0/17': "
            "choose ranges that share no address"
        ),
    ),
    "range of a peer": (
        {"network": {"peer_cidrs": ["10.0.64.0/18"]}},
        (
            "network.vpc_cidr '10.0.0.0/16' overlaps network.peer_cidrs '10.0.64.0/18': choose "
            "ranges that share no address"
        ),
    ),
    "range of services": (
        {"network": {"service_ipv4_cidr": "10.0.0.0/16"}},
        (
            "network.vpc_cidr '10.0.0.0/16' overlaps network.service_ipv4_cidr '10.0.0.0/16': "
            "choose ranges that share no address"
        ),
    ),
    "small range": (
        {"network": {"vpc_cidr": "10.0.0.0/24"}},
        ("network.vpc_cidr '10.0.0.0/24' has the wrong size: use a prefix of /16 to /20"),
    ),
    "one zone": (
        {"network": {"availability_zone_count": 1}},
        ("network.availability_zone_count 1 is not allowed: use 2 to 6"),
    ),
    "one named zone": (
        {"network": {"availability_zones": ["eu-west-1a"]}},
        ("network.availability_zones ['eu-west-1a'] is not allowed: name 2 to 6 different zones"),
    ),
    "open to everyone": (
        {"public_access_cidrs": ["0.0.0.0/0"]},
        (
            "public_access_cidrs[0] '0.0.0.0/0' opens the API server to everyone: name your "
            "own ranges, or set allows_public_access_from_anywhere"
        ),
    ),
    "no version": (
        {"kubernetes_version": None},
        (
            "kubernetes_version is missing: left out, it would mean another one with each "
            "cluster; write one of '1.33', '1.34', '1.35'"
        ),
    ),
    "unknown version": (
        {"kubernetes_version": "1.99"},
        ("kubernetes_version '1.99' is not supported: use one of '1.33', '1.34', '1.35'"),
    ),
    "ended version": (
        {"kubernetes_version": "1.20"},
        ("kubernetes_version '1.20' is not supported: use one of '1.33', '1.34', '1.35'"),
    ),
    "latest version": (
        {"kubernetes_version": "latest"},
        ("kubernetes_version 'latest' is no minor version: write one of '1.33', '1.34', '1.35'"),
    ),
    "patch version": (
        {"kubernetes_version": "1.35.1"},
        (
            "kubernetes_version '1.35.1' is no minor version: write one of '1.33', '1.34', "
            "'1.35'; EKS chooses the patch itself"
        ),
    ),
    "no deployer": (
        {"deployer_principal_arns": []},
        (
            "deployer_principal_arns is empty: nobody could reach the cluster; name the roles "
            "that deploy"
        ),
    ),
    "long name": (
        {"name": "x" * 101},
        (
            "name: cluster name "
            f"'{'x' * 101}' "
            "is not allowed: use 2 to 35 lower-case letters, digits and hyphens, starting with "
            "a letter and not ending with a hyphen"
        ),
    ),
    "long pool": (
        {"pools": [{**CPU, "name": "x" * 41}]},
        (
            "pools[0].name 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not allowed: use 1 "
            "to 40 lower-case letters, digits and hyphens, starting with a letter"
        ),
    ),
    "long bucket": (
        {"platform": {"bucket_prefix": "x" * 38}},
        (
            "platform.bucket_prefix 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not allowed: "
            "use 1 to 37 lower-case letters, digits, dots and hyphens, starting with a letter "
            "or digit"
        ),
    ),
    "MIG on another GPU": (
        {"pools": [{**SHARED, "gpu_name": "a10g", "sharing": {"mig_profile": "1g.5gb"}}]},
        (
            "pools[0].sharing: a10g cannot be cut by MIG; use time slicing, or one of "
            "rtx-pro-server-6000, a100, h100, h200, b200, b300"
        ),
    ),
    "MIG of another GPU": (
        {"pools": [{**SHARED, "sharing": {"mig_profile": "1g.5gb"}}]},
        (
            "pool 'gpu': sharing.mig_profile '1g.5gb' does not fit h100.80gb; use one of "
            "1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 7g.80gb, or only families that it fits"
        ),
    ),
    "MIG in Auto Mode": (
        {"compute_mode": "auto_mode", "pools": [{**SHARED, "sharing": {"mig_profile": "1g.10gb"}}]},
        (
            "pools ['gpu'] are not allowed with compute_mode 'auto_mode', where EKS keeps the "
            "pools general-purpose and system itself, and Auto Mode has no sharing of GPUs: "
            "use compute_mode 'karpenter' for pools of your own"
        ),
    ),
    "no rights of Karpenter": (
        {"is_zonal_shift_enabled": False, **_karpenter(enableZonalShift=True)},
        (
            "addons['karpenter'].values: settings.enableZonalShift needs "
            "arc-zonal-shift:GetManagedResource, which its role does not have: leave it out, "
            "or set what it belongs to in the arguments"
        ),
    ),
    "another queue": (
        _karpenter(interruptionQueue="other"),
        (
            "addons['karpenter'].values: settings.interruptionQueue 'other' is out of reach of "
            "its role, which is made for 'prod-eu-karpenter': leave it out"
        ),
    ),
    "no Karpenter": (
        {"addons": {"karpenter": {"mode": "off"}}},
        (
            "addons['karpenter'].mode 'off' is not allowed with compute_mode 'karpenter': use "
            "'external' where others run it, or another compute_mode"
        ),
    ),
    "no limits": (
        {"pools": [{"name": "cpu", "termination_grace_seconds": 60}]},
        (
            "pools[0].limit_cpu_cores None is not allowed: give the most that the pool may "
            "grow to; pools[0].limit_memory_gib None is not allowed: give the most that the "
            "pool may grow to"
        ),
    ),
    "endless drain": (
        {"pools": [{**CPU, "termination_grace_seconds": None}]},
        (
            "pools[0].termination_grace_seconds is left out, but nodes have a lifetime and a "
            "pod that forbids its disruption would hold a drain for ever: give the longest "
            "drain"
        ),
    ),
    "latest image": (
        {"profile": "prod", "pools": [{**CPU, "image_version": "latest"}]},
        (
            "pools[0].image_version 'latest' is not allowed in production, where each new "
            "image would replace every node: pin a release"
        ),
    ),
    "one system node": (
        {"system_nodes": {"count": 1}},
        (
            "system_nodes.count 1 is not allowed: use 2 or more, since the two replicas of a "
            "controller never share a node, and at most 450"
        ),
    ),
    "no reservation": (
        {"pools": [{**CPU, "capacity": "reserved"}]},
        (
            "pools[0].reservation_ids [] do not fit capacity 'reserved': name them with "
            "reserved capacity, and only then"
        ),
    ),
    "slices that grow": (
        {"pools": [{**GPU, "sharing": {"time_slicing_replicas": 4}}]},
        (
            "pools[0].static_nodes is left out, but Karpenter counts whole GPUs and would make "
            "a node for each pod of a shared one: give the number of nodes"
        ),
    ),
    "weight of a fixed number": (
        {"pools": [{**SHARED, "weight": 3}]},
        ("pools[0].weight 3 has no meaning with static_nodes: leave one out"),
    ),
    "no EFA": (
        {
            "pools": [
                {
                    **GPU,
                    "gpu_name": "t4",
                    "gpu_counts": [8],
                    "has_efa": True,
                    "zones": ["eu-west-1a"],
                }
            ]
        },
        ("pools[0].has_efa is set, but machines with t4 have no EFA: leave it out"),
    ),
    "EFA in many zones": (
        {
            "pools": [
                {**GPU, "gpu_name": "a100", "gpu_counts": [8], "families": ["p4d"], "has_efa": True}
            ]
        },
        (
            "pools[0].zones [] do not fit has_efa, whose machines lie close to each other in one "
            "zone: name that zone"
        ),
    ),
    "no external id": (
        {"platform": {"control_plane_principal_arns": ["arn:aws:iam::210987654321:role/x"]}},
        (
            "platform.external_id is missing: it keeps others from using the control plane to "
            "reach this account; write the one that the control plane shows for the tenant"
        ),
    ),
    "own groups in Auto Mode": (
        {"compute_mode": "auto_mode", "network": {"security_group_profile": "restricted"}},
        (
            "network.security_group_profile 'restricted' is not allowed with compute_mode "
            "'auto_mode', whose nodes have the cluster's security group: leave it out"
        ),
    ),
    "reserved tag": (
        {"tags": {"kubernetes.io/cluster/x": "owned"}},
        (
            "tags 'kubernetes.io/cluster/x' is reserved: use a key that is not "
            "splitplane.io/cluster and does not start with aws:, karpenter., "
            "kubernetes.io/cluster, eks:"
        ),
    ),
    "no CoreDNS": (
        {"addons": {"coredns": {"mode": "off"}}},
        (
            "addons.coredns.mode 'off' is not allowed: no cluster works without it; write "
            "external where others keep it"
        ),
    ),
    "add-on that is not there": (
        {"addons": {"gpu-operator": {"values": {"mig": {"strategy": "mixed"}}}}},
        (
            "addons['gpu-operator'] with mode 'managed' would install nothing, since no pool "
            "has image 'al2023' and a mig_profile: leave it out"
        ),
    ),
    "names without a way out": (
        {
            "network": {"nat": "none"},
            "dns": {"zone_arns": [ZONE]},
            "ingress": {"certificate_arn": f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/1b2c"},
        },
        (
            "dns.zone_arns ['arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ'] are out of "
            "reach for external-dns with network.nat 'none': add the endpoint of Route 53 to "
            "network.interface_endpoints, by its full name, name a proxy in "
            "addons['external-dns'].values, or leave the zones out"
        ),
    ),
    "unknown tier": (
        {"control_plane_tier": "tier-3xl"},
        (
            "control_plane_tier 'tier-3xl' is not known: use one of standard, tier-xl, "
            "tier-2xl, tier-4xl, tier-8xl"
        ),
    ),
    "days of logs": (
        {"log_retention_days": 31},
        (
            "log_retention_days 31 is not allowed: CloudWatch takes 1, 3, 5, 7, 14, 30, 60, "
            "90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
        ),
    ),
    "unknown field": (
        {"nework": {}},
        ("nework is unknown: did you mean network"),
    ),
    "unknown mode": (
        {"compute_mode": "fargate"},
        ("compute_mode 'fargate': input should be 'karpenter', 'auto_mode' or 'node_groups'"),
    ),
    "cluster made and adopted": (
        {"cluster_name": "old", "deployer_principal_arns": []},
        (
            "kubernetes_version '1.35' has no meaning with cluster_name, whose cluster and "
            "nodes are made elsewhere: leave it out"
        ),
    ),
}
"""Known to be wrong by the arguments alone."""
WITH_AWS: dict[str, tuple[tuple[Json, Json], str]] = {
    "older version": (
        ({"kubernetes_version": "1.34"}, _running("1.35")),
        (
            "kubernetes_version '1.34' is older than the cluster's '1.35': EKS goes back to no "
            "earlier minor; write '1.35'"
        ),
    ),
    "two minors": (
        ({}, _running("1.33")),
        (
            "kubernetes_version '1.35' is 2 minors after the cluster's '1.33': EKS upgrades "
            "one minor at a time; go to '1.34' and then '1.35', each with its nodes"
        ),
    ),
    "unknown zone": (
        ({"network": {"availability_zones": ["eu-west-1a", "eu-west-1z"]}}, {}),
        (
            "network.availability_zones has 'eu-west-1z', which is no zone that needs no "
            "opt-in here: use some of eu-west-1a, eu-west-1b, eu-west-1c"
        ),
    ),
    "GPU not in its zone": (
        ({"pools": [{**GPU, "zones": ["eu-west-1b"]}]}, {}),
        (
            "pools[0].gpu_name 'a10g' needs g5.xlarge, which none of the zones eu-west-1b "
            "offers; it is offered in eu-west-1a: add one to its zones"
        ),
    ),
    "GPU in no zone": (
        ({"pools": [{**GPU, "gpu_name": "h100", "gpu_counts": [8]}]}, {}),
        (
            "pools[0].gpu_name 'h100' needs p5.48xlarge, which none of the zones eu-west-1a, "
            "eu-west-1b, eu-west-1c offers; nor does any other of the region: choose other "
            "machines or another region"
        ),
    ),
    "machine in no zone": (
        ({"system_nodes": {"instance_types": ["m99.large"]}}, {}),
        (
            "system_nodes.instance_types ['m99.large'] are not offered in eu-west-1a, "
            "eu-west-1b, eu-west-1c: name machines that are offered there, or choose other "
            "zones"
        ),
    ),
    "subnet of another VPC": (
        _subnet("subnet-priv-b", vpcId="vpc-2"),
        (
            "network.private_subnet_ids: subnet-priv-b lies in another VPC than vpc-1: name "
            "subnets of it"
        ),
    ),
    "subnet that is not there": (
        _vpc(lacks=["subnet-cp-b"]),
        (
            "network.control_plane_subnet_ids: subnet-cp-b is not in this region and account: "
            "name others; network.control_plane_subnet_ids lie in eu-west-1a: name subnets in "
            "2 zones or more"
        ),
    ),
    "VPC without DNS": (
        _vpc(vpc={"enableDnsSupport": False}),
        (
            "network.vpc_id 'vpc-1' has DNS support switched off, and nodes would not "
            "register: switch it on"
        ),
    ),
    "denied zone": (
        _subnet("subnet-cp-a", availabilityZoneId="use1-az3"),
        (
            "network.control_plane_subnet_ids: subnet-cp-a lies in eu-west-1a (use1-az3), "
            "where EKS places no control plane: name one of another zone"
        ),
    ),
    "too few addresses": (
        _subnet("subnet-cp-a", availableIpAddressCount=15),
        (
            "network.control_plane_subnet_ids: subnet-cp-a has 15 free addresses, EKS needs up "
            "to 16: name a larger one"
        ),
    ),
    "subnet without its tag": (
        _subnet("subnet-priv-a", tags={}),
        (
            "network.private_subnet_ids: subnet-priv-a has no tag "
            "kubernetes.io/role/internal-elb=1, by which load balancers find it: add it, or "
            "set network.is_subnet_tagging_enabled"
        ),
    ),
    "two subnets of a zone": (
        _subnet("subnet-pub-b", availabilityZone="eu-west-1a", availabilityZoneId="euw1-az1"),
        (
            "network.public_subnet_ids has several subnets in eu-west-1a, where shared storage "
            "and load balancers take one: name one for each zone"
        ),
    ),
    "no IPv6": (
        ({"network": {**ARGUMENTS, "ip_family": "ipv6"}}, existing_vpc()),
        (
            "network.private_subnet_ids: subnet-priv-a, subnet-priv-b gives out no IPv6 "
            "addresses, which network.ip_family 'ipv6' needs: add a range and switch it on, or "
            "use ipv4; network.control_plane_subnet_ids: subnet-cp-a, subnet-cp-b gives out no "
            "IPv6 addresses, which network.ip_family 'ipv6' needs: add a range and switch it "
            "on, or use ipv4"
        ),
    ),
    "public nodes": (
        (
            {
                "network": {
                    **ARGUMENTS,
                    "private_subnet_ids": ["subnet-pub-a", "subnet-priv-b"],
                    "public_subnet_ids": [],
                }
            },
            existing_vpc(
                changes={"subnet-pub-a": {"tags": {"kubernetes.io/role/internal-elb": "1"}}}
            ),
        ),
        (
            "network.private_subnet_ids: subnet-pub-a is public, its default route is igw-1: "
            "name one that goes out through NAT"
        ),
    ),
    "services in the VPC": (
        ({"network": {**ARGUMENTS, "service_ipv4_cidr": "10.20.0.0/16"}}, existing_vpc()),
        (
            "network.service_ipv4_cidr '10.20.0.0/16' overlaps vpc-1's range '10.20.0.0/16': "
            "choose ranges that share no address"
        ),
    ),
    "key of another region": (
        ({"secrets_kms_key": KEY}, {}),
        (
            "secrets_kms_key 'arn:aws:kms:us-east-1:111122223333:key/1b2c' lies in 'us-east-1' "
            "(aws), the cluster in 'eu-west-1' (aws): name one of the cluster's region"
        ),
    ),
    "entry that EKS makes": (
        ({"access_entries": [{"principal_arn": NODES}]}, {}),
        (
            "access_entries[0]: principal_arn "
            "'arn:aws:iam::111122223333:role/prod-eu-system-nodes-eu-west-1' is the role of "
            "managed nodes, whose entry EKS makes itself: leave this one out"
        ),
    ),
    "groups of nodes": (
        (
            {
                "access_entries": [
                    {
                        "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/x",
                        "type": "EC2_LINUX",
                        "kubernetes_groups": ["a"],
                    }
                ]
            },
            {},
        ),
        (
            "access_entries[0]: kubernetes_groups ['a'] are not allowed with type EC2_LINUX: "
            "EKS gives nodes theirs"
        ),
    ),
    "groups of Kubernetes": (
        (
            {
                "access_entries": [
                    {
                        "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/x",
                        "kubernetes_groups": ["system:masters"],
                    }
                ]
            },
            {},
        ),
        (
            "access_entries[0]: kubernetes_groups 'system:masters' is not allowed: EKS takes "
            "none that is empty or starts with system:, eks:, aws:, amazon:, iam:; bind a "
            "group of your own with RBAC, or use policy_arns"
        ),
    ),
}
"""Known to be wrong by what the account and the region have."""


def _refusal(args: Json, functions: Json) -> tuple[str, set[str]]:
    """What is said, and the types of everything that was registered before."""
    said: list[str] = []

    def program() -> None:
        wrong: Any = {**LEAST, **args}  # Any: programs may pass anything
        with pytest.raises(WrongArgument) as refused:
            EksComputePlane("eu", wrong)
        said.append(str(refused.value))

    found = record(program, answers=CloudAnswers({**_offerings(), **functions}))
    return said[0], {item.type for item in found.resources}


@pytest.mark.parametrize(("args", "message"), WITHOUT_AWS.values(), ids=WITHOUT_AWS)
def test_what_is_wrong_by_itself_is_said_before_anything_is_registered(
    args: Json, message: str
) -> None:
    said, registered = _refusal(args, {})

    assert said == message
    assert registered == set()


@pytest.mark.parametrize(("case", "message"), WITH_AWS.values(), ids=WITH_AWS)
def test_what_does_not_fit_the_account_is_said_before_any_resource_of_a_cloud(
    case: tuple[Json, Json], message: str
) -> None:
    args, functions = case

    said, registered = _refusal(args, functions)

    assert said == message
    assert registered <= COMPONENTS


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_what_fits_is_made(is_preview: bool) -> None:
    args: Any = LEAST  # Any: programs may pass anything

    found = record(
        lambda: EksComputePlane("eu", args),
        is_preview=is_preview,
        answers=CloudAnswers(_offerings()),
    )

    assert "aws:eks/cluster:Cluster" in {item.type for item in found.resources}
