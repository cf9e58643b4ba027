"""A change of a setting replaces nothing but what the setting is about.

Each field of a compute plane is changed once, in production; what the engine would replace then is
written down here. Replacing the cluster, the shared files or a key loses what is in them.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

import pytest
from clouds.answers import CloudAnswers
from clouds.replacing import replacing_inputs
from recording_monitor import Registered, record

from splitplane.components import EksComputePlane
from splitplane.components.clouds.aws.settings import parse_settings

Json = dict[str, Any]  # Any: arguments as programs give them

ACCOUNT: Final = "111122223333"
ZONES: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
MACHINES: Final = ("m7i.large", "m6i.large", "m5.large", "m7i.xlarge")
ZONE: Final = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
KEY: Final = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1b2c"
HOLDS_DATA: Final = (
    "aws:efs/fileSystem:FileSystem",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
)
POOL: Final[Json] = {
    "name": "cpu",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "termination_grace_seconds": 3600,
}
PLANE: Final[Json] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.34",
    "profile": "prod",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
    "network": {"has_public_subnets": True},
    "dns": {"zone_arns": [ZONE]},
    "platform": {
        "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/splitplane"],
        "external_id": "acme-7f3a",
    },
}
CHANGES: Final[dict[str, Any]] = {  # Any: arguments as programs give them
    "environments": ["prod", "dev"],
    "hub_url": "https://hub2.example.com",
    "kubernetes_version": "1.35",
    "profile": "dev",
    "deployer_principal_arns": [
        f"arn:aws:iam::{ACCOUNT}:role/deployer",
        f"arn:aws:iam::{ACCOUNT}:role/other",
    ],
    "deployer_role_arn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
    "labels": {"team": "ml"},
    "allowed_namespaces": ["team1"],
    "denied_namespaces": ["team1"],
    "support_type": "EXTENDED",
    "access_entries": [{"principal_arn": f"arn:aws:iam::{ACCOUNT}:role/readers"}],
    "workload_identity": "irsa",
    "public_access_cidrs": ["198.51.100.0/24"],
    "allows_public_access_from_anywhere": True,
    "control_plane_egress_mode": "CUSTOMER_ROUTED",
    "secrets_kms_key": "created",
    "log_types": ["api"],
    "log_retention_days": 90,
    "is_deletion_protected": False,
    "is_zonal_shift_enabled": False,
    "control_plane_tier": "tier-xl",
    "scheduler_scoring": "most_allocated",
    "control_plane.event_lifetime_minutes": 30,
    "control_plane.node_port_min": 30500,
    "control_plane.node_port_max": 32000,
    "control_plane.max_terminated_pods": 500,
    "is_cluster_gone": True,
    "makes_spot_service_role": True,
    "service_accounts": [{"namespace": "ml", "name": "train", "has_platform_rights": True}],
    "permissions_boundary_arn": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    "tags": {"team": "ml"},
    "delete_timeout_minutes": 60,
    "pools": [POOL],
    "network.vpc_cidr": "10.8.0.0/16",
    "network.secondary_cidr": "100.64.0.0/16",
    "network.availability_zones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    "network.availability_zone_count": 2,
    "network.nat": "per_az",
    "network.interface_endpoints": ["sts"],
    "network.has_flow_logs": True,
    "network.has_public_subnets": False,
    "network.peer_cidrs": ["10.99.0.0/16"],
    "network.ip_family": "ipv6",
    "network.service_ipv4_cidr": "10.200.0.0/16",
    "network.is_prefix_delegation_enabled": False,
    "network.security_group_profile": "restricted",
    "network.ipv4_ipam_pool_id": "ipam-pool-1",
    "system_nodes.count": 4,
    "system_nodes.instance_types": ["m7i.xlarge"],
    "system_nodes.image": "bottlerocket",
    "storage.has_shared_storage": False,
    "storage.efs_throughput_mode": "bursting",
    "storage.kms_key_arn": KEY,
    "storage.shares": [{"name": "data"}],
    "storage.has_s3_files": True,
    "storage.has_cluster_scoped_disk_rights": True,
    "ingress.scheme": "internet-facing",
    "ingress.certificate_arn": f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/1b2c",
    "ingress.certificate_domains": ["ml.example.com"],
    "dns.zone_arns": [ZONE, ZONE + "K"],
    "dns.zone_names": ["ml.example.com"],
    "dns.policy": "sync",
    "platform.control_plane_principal_arns": ["arn:aws:iam::210987654321:role/other"],
    "platform.external_id": "acme-7f3b",
    "platform.assumed_role_seconds": 7200,
    "platform.bucket_prefix": "acme-ml-",
    "platform.registry_prefix": "acme",
    "platform.secret_store_prefix": "acme",
    "platform.cors_origins": ["https://app.example.com"],
    "platform.has_bucket": False,
    "platform.has_registry": False,
    "platform.has_secret_store": False,
    "platform.pull_through": [{"registry": "quay"}],
    "agent.image": "registry.example.com/agent:1",
    "agent.cpu_millicores": 200,
    "agent.memory_mib": 800,
    "agent.hub_ca_certificates": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "addons": {"coredns": {"values": {"autoScaling": {"enabled": False}}}},
    "compute_mode": "auto_mode",
}
"""Field → another value."""
ELSEWHERE: Final = {
    "name": "is what a plane is known by; another name is another plane",
    "cluster_name": "says that the cluster is another's",
    "network.vpc_id": "says that the network is another's",
    "network.public_subnet_ids": "of a network that is another's",
    "network.private_subnet_ids": "of a network that is another's",
    "network.control_plane_subnet_ids": "of a network that is another's",
    "network.is_subnet_tagging_enabled": "of a network that is another's",
    "node_groups": "of another compute_mode",
    "storage.efs_provisioned_mibps": "of another efs_throughput_mode",
    "control_plane.pod_autoscaler_sync_seconds": "of another control_plane_tier",
}
"""Fields that are not changed by themselves → why."""
REPLACED: Final[dict[str, set[str]]] = {
    "secrets_kms_key": {
        "aws:eks/cluster:Cluster encryptionConfig.provider.keyArn",
        "aws:eks/cluster:Cluster encryptionConfig.resources",
    },
    "network.vpc_cidr": {
        "aws:ec2/subnet:Subnet cidrBlock",
        "aws:ec2/vpc:Vpc cidrBlock",
    },
    "network.secondary_cidr": {
        "aws:efs/mountTarget:MountTarget subnetId",
        "aws:eks/nodeGroup:NodeGroup subnetIds",
    },
    "network.availability_zone_count": {
        "aws:eks/nodeGroup:NodeGroup subnetIds",
    },
    "network.ip_family": {
        "aws:eks/cluster:Cluster kubernetesNetworkConfig.ipFamily",
    },
    "network.service_ipv4_cidr": {
        "aws:eks/cluster:Cluster kubernetesNetworkConfig.serviceIpv4Cidr",
    },
    "network.ipv4_ipam_pool_id": {
        "aws:ec2/vpc:Vpc ipv4IpamPoolId",
    },
    "system_nodes.instance_types": {
        "aws:eks/nodeGroup:NodeGroup instanceTypes",
    },
    "system_nodes.image": {
        "aws:eks/nodeGroup:NodeGroup amiType",
    },
    "storage.has_shared_storage": {
        "aws:efs/fileSystem:FileSystem gone",
    },
    "storage.kms_key_arn": {
        "aws:efs/fileSystem:FileSystem kmsKeyId",
        "kubernetes:storage.k8s.io/v1:StorageClass parameters",
    },
    "platform.bucket_prefix": {
        "aws:s3/bucket:Bucket bucketPrefix",
    },
    "platform.has_bucket": {
        "aws:s3/bucket:Bucket gone",
    },
    "platform.registry_prefix": {
        "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate prefix",
    },
    "compute_mode": {
        "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
    },
}
"""Field → type and input of what is replaced, or `gone`; nothing where a field is not listed."""


class _DualStack(CloudAnswers):
    """Gives VPCs a range of IPv6 addresses where one is asked for."""

    def registered(self, made: Registered, id: str, outputs: Any) -> Any:
        id, found = super().registered(made, id, outputs)
        if made.inputs.get("assignGeneratedIpv6CidrBlock"):
            found["ipv6CidrBlock"] = "2001:db8:10:e500::/56"
        return id, found


def _with(path: str, value: Any) -> Json:  # Any: arguments as programs give them
    *parents, last = path.split(".")
    changed = {key: dict(item) if isinstance(item, dict) else item for key, item in PLANE.items()}
    inner = changed
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = value
    return changed


def _found(args: Json) -> dict[str, Json]:
    offered = [(machine, zone) for machine in MACHINES for zone in ZONES]
    functions = {
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "instanceTypes": [machine for machine, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        },
        "aws:route53/getZone:getZone": {"zoneId": "{zoneId}", "name": "example.com"},
    }
    given: Any = args  # Any: programs may pass anything
    recording = record(lambda: EksComputePlane("prod-eu", given), answers=_DualStack(functions))
    return replacing_inputs(recording)


@cache
def _before() -> dict[str, Json]:
    return _found(PLANE)


def _replaced(before: dict[str, Json], after: dict[str, Json]) -> set[str]:
    said = set()
    for urn, inputs in before.items():
        kind = urn.split("::")[2].rpartition("$")[2]
        if urn not in after:
            said |= {f"{kind} gone"} if kind in HOLDS_DATA else set()
            continue
        places = {*inputs, *after[urn]}
        said |= {f"{kind} {item}" for item in places if inputs.get(item) != after[urn].get(item)}
    return said


@pytest.mark.parametrize("path", CHANGES)
def test_a_setting_replaces_what_it_is_about_and_no_more(path: str) -> None:
    after = _found(_with(path, CHANGES[path]))

    assert _replaced(_before(), after) == REPLACED.get(path, set())


def test_every_field_is_changed_once() -> None:
    settings = parse_settings(PLANE)

    assert set(_fields(settings)) == {*CHANGES, *ELSEWHERE}
    assert all(CHANGES[path] != _value(PLANE, path) for path in CHANGES)


def test_nothing_is_replaced_when_nothing_changes() -> None:
    assert _replaced(_before(), _found(dict(PLANE))) == set()


def _fields(settings: Any) -> list[str]:  # Any: a part of the settings
    found = []
    for item in fields(settings):
        value = getattr(settings, item.name)
        inner = _fields(value) if is_dataclass(value) else []
        found += [f"{item.name}.{name}" for name in inner] or [item.name]
    return found


def _value(args: Json, path: str) -> Any:  # Any: arguments as programs give them
    found: Any = args
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found
