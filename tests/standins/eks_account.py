"""The example configurations of stacks/eks, and the accounts that they are for.

What the functions of AWS answer there, for the recording monitor and for the engine alike.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from aws_vpc import existing_vpc
from clouds.answers import CloudAnswers
from recording_monitor import Recording, record

from splitplane.stacks.programs import deploy_program

if TYPE_CHECKING:
    from clouds.program import Clouds

ACCOUNT: Final = "123456789012"
EXAMPLES: Final = (
    "dev",
    "existing-cluster",
    "existing-vpc",
    "gpu",
    "private",
    "production",
)
_FOLDER: Final = Path(__file__).resolve().parents[2] / "stacks" / "eks"
_ZONES: Final[Mapping[str, Mapping[str, str]]] = {
    "eu-central-1": {"a": "euc1-az2", "b": "euc1-az3", "c": "euc1-az1"},
    "us-east-1": {
        "a": "use1-az6",
        "b": "use1-az1",
        "c": "use1-az2",
        "d": "use1-az4",
        "e": "use1-az3",
        "f": "use1-az5",
    },
}
"""Region → letter of a zone → its id."""
_MACHINES: Final[Mapping[str, Mapping[str, str]]] = {
    "eu-central-1": {
        "m5.large": "abc",
        "m6i.large": "abc",
        "m7i.large": "abc",
        "g6.xlarge": "ab",
        "gr6.4xlarge": "ab",
    },
    "us-east-1": {
        "m5.large": "abcdef",
        "m6i.large": "abcdf",
        "m7i.large": "abcdf",
        "g5.xlarge": "abcd",
        "g6.xlarge": "abcd",
        "gr6.4xlarge": "bcd",
        "inf2.xlarge": "abcd",
        "p4d.24xlarge": "abcd",
        "p5.4xlarge": "b",
        "p5.48xlarge": "bd",
    },
}
"""Region → machine → letters of the zones that have it."""
_SHARED_VPC: Final[Mapping[str, Mapping[str, str]]] = {
    "subnet-0a1b2c3d4e5f60001": {"zone": "a", "table": "rtb-private"},
    "subnet-0a1b2c3d4e5f60002": {"zone": "b", "table": "rtb-private"},
    "subnet-0a1b2c3d4e5f60003": {"zone": "c", "table": "rtb-private"},
    "subnet-0a1b2c3d4e5f60011": {"zone": "a"},
    "subnet-0a1b2c3d4e5f60012": {"zone": "b"},
}
"""Subnets of the example existing-vpc, as `aws_vpc.SUBNETS`."""
_AUTHORITY: Final = b64encode(
    b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
).decode()
_LEGACY: Final = "ml-cluster-2024"
_LEGACY_VPC: Final = "vpc-legacy"
_LEGACY_SUBNETS: Final[Mapping[str, Mapping[str, str]]] = {
    "subnet-legacy-a": {"zone": "a", "table": "rtb-private"},
    "subnet-legacy-b": {"zone": "b", "table": "rtb-private"},
    "subnet-legacy-public": {"zone": "a", "table": "rtb-public"},
}


@dataclass(frozen=True)
class Example:
    """One of `EXAMPLES`.

    Attributes:
        config: its stack configuration, key → value.
        functions: what AWS answers in its account.
    """

    config: Mapping[str, Any]  # Any: YAML
    functions: Mapping[str, Any]  # Any: rows of a table

    @property
    def args(self) -> dict[str, Any]:  # Any: YAML
        """What the program takes."""
        return dict(self.config["program:args"])

    @property
    def region(self) -> str:
        return str(self.config["aws:region"])

    @property
    def plane_name(self) -> str:
        return str(self.args["compute_plane"]["name"])

    def with_changes(self, **changes: Any) -> dict[str, Any]:  # Any: arguments
        """What the program takes, with other fields of the compute plane; a None leaves one out."""
        plane = {**self.args["compute_plane"], **changes}
        given = {key: item for key, item in plane.items() if item is not None}
        return {**self.args, "compute_plane": given}

    def answers(self) -> CloudAnswers:
        """The account for the recording monitor."""
        return CloudAnswers(self.functions, {"region": self.region, "account": ACCOUNT})

    def settle(self, clouds: Clouds, *, is_running: bool = False) -> None:
        """The account for the engine, whose configuration names the region.

        Args:
            clouds: the stand-ins.
            is_running: whether the cluster that the program makes is there.
        """
        clouds.settle("aws", {"account": ACCOUNT})
        clouds.answer("aws", self._running() if is_running else self.functions)

    def _running(self) -> Mapping[str, Any]:  # Any: rows of a table
        version = self.args["compute_plane"].get("kubernetes_version")
        if version is None:
            return self.functions
        found = {"id": self.plane_name, "name": self.plane_name, "version": version}
        return {
            **self.functions,
            "aws:eks/getClusters:getClusters": {"id": self.region, "names": [self.plane_name]},
            "aws:eks/getCluster:getCluster": found,
        }


def read_example(name: str) -> Example:
    """The configuration as it is committed, and its account."""
    config = yaml.safe_load((_FOLDER / f"Pulumi.{name}.yaml").read_text())["config"]
    region = config["aws:region"]
    network = config["program:args"]["compute_plane"].get("network", {})
    existing: Mapping[str, Any] = {}
    if name == "existing-vpc":
        existing = existing_vpc(vpc_id=network["vpc_id"], subnets=_SHARED_VPC, region=region)
    elif name == "existing-cluster":
        existing = _existing_cluster(region)
    return Example(config, {**_region(region), **existing})


def record_example(
    name: str,
    /,
    *,
    is_preview: bool,
    **changes: Any,  # Any: arguments
) -> Recording:
    """What the program registers for an example; fields of the compute plane may differ."""
    example = read_example(name)
    args = example.with_changes(**changes)
    return record(
        lambda: deploy_program("eks", args), is_preview=is_preview, answers=example.answers()
    )


def _region(region: str) -> dict[str, Any]:
    offered = [
        (machine, f"{region}{letter}")
        for machine, having in _MACHINES[region].items()
        for letter in having
    ]
    return {
        "aws:index/getAvailabilityZones:getAvailabilityZones": {
            "id": region,
            "names": [f"{region}{letter}" for letter in _ZONES[region]],
            "zoneIds": list(_ZONES[region].values()),
        },
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "id": region,
            "instanceTypes": [machine for machine, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        },
    }


def _existing_cluster(region: str) -> dict[str, Any]:
    issuer = f"https://oidc.eks.{region}.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
    agent = {"clusterName": _LEGACY, "addonName": "eks-pod-identity-agent"}
    return {
        **existing_vpc(vpc_id=_LEGACY_VPC, subnets=_LEGACY_SUBNETS, region=region),
        "aws:eks/getClusters:getClusters": {"id": region, "names": [_LEGACY]},
        "aws:eks/getCluster:getCluster": {
            "id": _LEGACY,
            "name": _LEGACY,
            "arn": f"arn:aws:eks:{region}:{ACCOUNT}:cluster/{_LEGACY}",
            "status": "ACTIVE",
            "version": "1.34",
            "endpoint": f"https://0A1B2C3D.gr7.{region}.eks.amazonaws.com",
            "accessConfigs": [{"authenticationMode": "API_AND_CONFIG_MAP"}],
            "certificateAuthorities": [{"data": _AUTHORITY}],
            "computeConfigs": [],
            "identities": [{"oidcs": [{"issuer": issuer}]}],
            "vpcConfig": {
                "vpcId": _LEGACY_VPC,
                "clusterSecurityGroupId": "sg-legacy",
                "subnetIds": list(_LEGACY_SUBNETS),
            },
        },
        "aws:eks/getAddon:getAddon": [
            {"match": agent, "result": {"id": f"{_LEGACY}:eks-pod-identity-agent", "tags": {}}},
            {"match": {}, "error": "couldn't find resource"},
        ],
    }
