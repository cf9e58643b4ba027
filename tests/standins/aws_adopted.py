"""A cluster that exists already, as the functions of AWS show it, for tests that adopt one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from clouds.answers import CloudAnswers

ISSUER = "https://oidc.eks.eu-west-1.amazonaws.com/id/A1"
CLUSTER: dict[str, Any] = {
    "id": "old",
    "name": "old",
    "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/old",
    "status": "ACTIVE",
    "version": "1.34",
    "endpoint": "https://old.example.com",
    "accessConfigs": [{"authenticationMode": "API"}],
    "certificateAuthorities": [{"data": "LS0t"}],
    "computeConfigs": [],
    "identities": [{"oidcs": [{"issuer": ISSUER}]}],
    "vpcConfig": {
        "vpcId": "vpc-1",
        "clusterSecurityGroupId": "sg-1",
        "subnetIds": ["subnet-b", "subnet-a", "subnet-p"],
    },
}
ROUTES = {"rtb-1": ("nat-1", ["subnet-a", "subnet-b"]), "rtb-2": ("igw-1", ["subnet-p"])}


class Failure(grpc.RpcError):
    """What the engine says when a function of a plugin fails."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class AdoptedAnswers(CloudAnswers):
    """Without the named functions, whose object is not there; with the add-ons that there are."""

    absent: tuple[str, ...] = ()
    reason = "couldn't find resource"
    addons: Mapping[str, Mapping[str, str]]
    """Name → tags."""

    def called(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if token in self.absent:
            raise Failure(f"reading {token}: {self.reason}")
        if token == "aws:eks/getAddon:getAddon":
            name = arguments["addonName"]
            if name not in self.addons:
                raise Failure(f"reading EKS Add-On (old:{name}): couldn't find resource")
            return {"id": f"old:{name}", "tags": dict(self.addons[name])}
        return super().called(token, arguments)


def adopted_functions(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Results of all functions that are called, with some fields of the cluster changed."""
    return {
        "aws:eks/getClusters:getClusters": {"id": "eu-west-1", "names": ["old", "older"]},
        "aws:eks/getCluster:getCluster": CLUSTER | dict(cluster),
        "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": {"id": "arn"},
        "aws:ec2/getVpcs:getVpcs": {"id": "eu-west-1", "ids": ["vpc-1"]},
        "aws:ec2/getVpc:getVpc": {
            "id": "vpc-1",
            "cidrBlock": "10.0.0.0/16",
            "cidrBlockAssociations": [],
            "enableDnsSupport": True,
            "enableDnsHostnames": True,
        },
        "aws:ec2/getSubnets:getSubnets": {
            "id": "eu-west-1",
            "ids": ["subnet-a", "subnet-b", "subnet-p"],
        },
        "aws:ec2/getSubnet:getSubnet": [
            {
                "match": {"id": f"subnet-{name}"},
                "result": {
                    "id": f"subnet-{name}",
                    "vpcId": "vpc-1",
                    "availabilityZone": f"eu-west-1{zone}",
                    "availabilityZoneId": f"euw1-az{zone}",
                    "availableIpAddressCount": 200,
                    "ipv6CidrBlock": "",
                    "assignIpv6AddressOnCreation": False,
                    "tags": {},
                },
            }
            for name, zone in (("a", "a"), ("b", "b"), ("p", "a"))
        ],
        "aws:ec2/getRouteTables:getRouteTables": {"id": "eu-west-1", "ids": list(ROUTES)},
        "aws:ec2/getRouteTable:getRouteTable": [
            {
                "match": {"routeTableId": name},
                "result": {
                    "id": name,
                    "routes": [_route(target)],
                    "associations": [{"main": False, "subnetId": item} for item in subnets],
                },
            }
            for name, (target, subnets) in ROUTES.items()
        ],
    }


def _route(target: str) -> dict[str, str]:
    kinds = {"igw": "gatewayId", "nat": "natGatewayId"}
    return {"cidrBlock": "0.0.0.0/0", kinds[target[:3]]: target}
