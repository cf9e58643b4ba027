"""Every problem of the network's arguments is told at once, before anything is asked of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.network.checks import check_network
from splitplane.components.clouds.aws.network.endpoints import needed_endpoints
from splitplane.components.clouds.aws.settings import (
    EksSettings,
    IngressSettings,
    NetworkSettings,
)

FACING = IngressSettings(scheme="internet-facing")
EXISTING: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "private_subnet_ids": ("subnet-1", "subnet-2"),
    "control_plane_subnet_ids": ("subnet-3", "subnet-4"),
}


def _settings(*, ingress: IngressSettings | None = None, **network: Any) -> EksSettings:
    return EksSettings(
        "prod",
        ("dev",),
        "https://hub.example.com",
        ingress=ingress or IngressSettings(),
        network=NetworkSettings(**network),
    )


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(_settings(), id="defaults"),
        pytest.param(_settings(secondary_cidr="100.64.0.0/16"), id="second range"),
        pytest.param(_settings(secondary_cidr="10.1.0.0/16"), id="same private block"),
        pytest.param(
            _settings(vpc_cidr="100.64.0.0/16", secondary_cidr="11.0.0.0/16"), id="public"
        ),
        pytest.param(
            _settings(vpc_cidr="10.2.0.0/16", secondary_cidr="10.0.0.0/16"), id="lowest beside 10.2"
        ),
        pytest.param(
            _settings(vpc_cidr="10.0.0.0/17", secondary_cidr="10.1.0.0/16"), id="beside the lowest"
        ),
        pytest.param(
            _settings(vpc_cidr="172.31.0.0/16", secondary_cidr="172.30.0.0/16"),
            id="beside 172.31",
        ),
        pytest.param(_settings(nat="none"), id="no way out"),
        pytest.param(_settings(nat="regional", has_public_subnets=False), id="no public subnets"),
        pytest.param(_settings(ip_family="ipv6"), id="ipv6"),
        pytest.param(_settings(peer_cidrs=("10.1.0.0/16", "10.1.128.0/17")), id="peers overlap"),
        pytest.param(
            _settings(service_ipv4_cidr="10.2.0.0/16", peer_cidrs=("172.20.0.0/16",)), id="services"
        ),
        pytest.param(_settings(**EXISTING), id="existing"),
        pytest.param(_settings(**EXISTING, nat="none"), id="existing without a way out"),
        pytest.param(
            _settings(**EXISTING, ingress=FACING, public_subnet_ids=("subnet-5",)), id="facing"
        ),
    ],
)
def test_what_fits_has_no_problem(settings: EksSettings) -> None:
    assert check_network(settings) == []


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        pytest.param(
            _settings(private_subnet_ids=("subnet-1",), is_subnet_tagging_enabled=True),
            [
                "network.private_subnet_ids ['subnet-1'] needs network.vpc_id: give the VPC, or "
                "leave private_subnet_ids out",
                "network.is_subnet_tagging_enabled True needs network.vpc_id: give the VPC, or "
                "leave is_subnet_tagging_enabled out",
            ],
            id="subnets without a VPC",
        ),
        pytest.param(
            _settings(availability_zones=("a", "b", "a"), availability_zone_count=9),
            [
                "network.availability_zones ['a', 'b', 'a'] is not allowed: name 2 to 6 different "
                "zones",
                "network.availability_zone_count 9 is not allowed: use 2 to 6",
            ],
            id="zones",
        ),
        pytest.param(
            _settings(availability_zones=("a", "b"), availability_zone_count=4),
            [
                "network.availability_zone_count 4 does not fit network.availability_zones, which "
                "names 2: leave the count out"
            ],
            id="count beside zones",
        ),
        pytest.param(
            _settings(vpc_cidr="10.0.0.0/24", secondary_cidr="100.64.0.0/8"),
            [
                "network.vpc_cidr '10.0.0.0/24' has the wrong size: use a prefix of /16 to /20",
                "network.secondary_cidr '100.64.0.0/8' is not a range of addresses (100.64.0.0/8 "
                "has host bits set): write it as 10.0.0.0/16",
            ],
            id="sizes",
        ),
        pytest.param(
            _settings(secondary_cidr="172.16.0.0/16"),
            [
                "network.secondary_cidr '172.16.0.0/16' is not allowed beside vpc_cidr "
                "'10.0.0.0/16': AWS takes one of the same private block, or one that is not "
                "private, such as 100.64.0.0/16"
            ],
            id="another private block",
        ),
        pytest.param(
            _settings(secondary_cidr="198.19.0.0/16"),
            [
                "network.secondary_cidr '198.19.0.0/16' is not allowed: 198.19.0.0/16 is reserved "
                "by AWS; use one such as 100.64.0.0/16"
            ],
            id="reserved",
        ),
        pytest.param(
            _settings(vpc_cidr="172.16.0.0/16", secondary_cidr="172.31.0.0/16"),
            [
                "network.secondary_cidr '172.31.0.0/16' is not allowed beside vpc_cidr "
                "'172.16.0.0/16': AWS takes nothing of 172.31.0.0/16 there; use one such as "
                "100.64.0.0/16"
            ],
            id="range of default VPCs",
        ),
        pytest.param(
            _settings(vpc_cidr="10.1.0.0/16", secondary_cidr="10.0.0.0/16"),
            [
                "network.secondary_cidr '10.0.0.0/16' is not allowed beside vpc_cidr "
                "'10.1.0.0/16': AWS takes nothing of 10.0.0.0/16 there; use one such as "
                "100.64.0.0/16"
            ],
            id="lowest private range",
        ),
        pytest.param(
            _settings(vpc_cidr="169.254.0.0/16", secondary_cidr="224.0.0.0/16"),
            [
                "network.vpc_cidr '169.254.0.0/16' is not allowed: 169.254.0.0/16 has another "
                "meaning everywhere; use one such as 10.0.0.0/16",
                "network.secondary_cidr '224.0.0.0/16' is not allowed: 224.0.0.0/3 has another "
                "meaning everywhere; use one such as 100.64.0.0/16",
            ],
            id="no range of machines",
        ),
        pytest.param(
            _settings(
                secondary_cidr="10.0.0.0/20",
                service_ipv4_cidr="10.0.128.0/20",
                peer_cidrs=("10.0.128.0/24", "10.9.0.0/33"),
            ),
            [
                "network.peer_cidrs has '10.9.0.0/33', which is not a range of IPv4 addresses: "
                "write it as 10.1.0.0/16",
                "network.vpc_cidr '10.0.0.0/16' overlaps network.secondary_cidr '10.0.0.0/20': "
                "choose ranges that share no address",
                "network.vpc_cidr '10.0.0.0/16' overlaps network.service_ipv4_cidr "
                "'10.0.128.0/20': choose ranges that share no address",
                "network.vpc_cidr '10.0.0.0/16' overlaps network.peer_cidrs '10.0.128.0/24': "
                "choose ranges that share no address",
                "network.service_ipv4_cidr '10.0.128.0/20' overlaps network.peer_cidrs "
                "'10.0.128.0/24': choose ranges that share no address",
            ],
            id="overlaps",
        ),
        pytest.param(
            _settings(service_ipv4_cidr="11.0.0.0/16"),
            [
                "network.service_ipv4_cidr '11.0.0.0/16' is not private: choose one within "
                "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
            ],
            id="public services",
        ),
        pytest.param(
            _settings(peer_cidrs=("172.20.4.0/24",)),
            [
                "network.service_ipv4_cidr is left out, and EKS may take 172.20.0.0/16, which "
                "overlaps network.peer_cidrs '172.20.4.0/24': choose one"
            ],
            id="services that EKS may take",
        ),
        pytest.param(
            _settings(has_public_subnets=False, ingress=FACING),
            [
                "network.has_public_subnets False does not fit network.nat 'single', whose "
                "gateways lie in public subnets: leave it out, or use nat regional or none",
                "network.has_public_subnets False does not fit ingress.scheme 'internet-facing', "
                "whose load balancers lie in public subnets: leave it out, or use scheme internal",
            ],
            id="no public subnets",
        ),
        pytest.param(
            _settings(nat="none", interface_endpoints=("s3", "ec2", "ec2", "sts", "ssm")),
            [
                "network.interface_endpoints ['s3', 'ec2', 'ec2', 'sts', 'ssm'] names a service "
                "twice: name each once",
                "network.interface_endpoints has 's3', which a VPC always reaches: leave it out",
                "network.interface_endpoints lacks services that a cluster with network.nat "
                "'none' needs: add ecr.api, ecr.dkr, eks, eks-auth, elasticfilesystem, "
                "elasticloadbalancing, logs, secretsmanager, sqs, or leave it out",
            ],
            id="endpoints",
        ),
        pytest.param(
            _settings(
                ip_family="ipv6",
                service_ipv4_cidr="10.2.0.0/16",
                is_prefix_delegation_enabled=False,
            ),
            [
                "network.service_ipv4_cidr '10.2.0.0/16' does not fit ip_family 'ipv6', whose "
                "Services get a range from EKS: leave it out",
                "network.is_prefix_delegation_enabled False does not fit ip_family 'ipv6', which "
                "knows nothing else: leave it out",
            ],
            id="ipv6",
        ),
        pytest.param(
            _settings(
                vpc_id="vpc-1",
                vpc_cidr="10.1.0.0/16",
                has_flow_logs=True,
                nat="single",
                interface_endpoints=("sts",),
                private_subnet_ids=("subnet-1", "subnet-1"),
                control_plane_subnet_ids=("subnet-2",),
                public_subnet_ids=("subnet-1",),
            ),
            [
                "network.vpc_cidr '10.1.0.0/16' has no meaning for the existing VPC vpc-1: leave "
                "it out",
                "network.interface_endpoints ['sts'] has no meaning for the existing VPC vpc-1: "
                "leave it out",
                "network.has_flow_logs True has no meaning for the existing VPC vpc-1: leave it "
                "out",
                "network.nat 'single' has no meaning for the existing VPC vpc-1, which has its "
                "own way out: leave it out, or say none where there is none",
                "network.control_plane_subnet_ids ['subnet-2'] is too short: with vpc_id name "
                "subnets in 2 zones or more",
                "network.private_subnet_ids ['subnet-1', 'subnet-1'] names a subnet twice: name "
                "each once",
                "network.public_subnet_ids and private_subnet_ids both have subnet-1: a subnet is "
                "one or the other",
            ],
            id="created fields of an existing VPC",
        ),
        pytest.param(
            _settings(**EXISTING, ingress=FACING),
            [
                "network.public_subnet_ids is left out, but ingress.scheme 'internet-facing' "
                "needs them: name them, or use scheme internal"
            ],
            id="facing without public subnets",
        ),
    ],
)
def test_problems_are_told_at_once(settings: EksSettings, problems: list[str]) -> None:
    assert check_network(settings) == problems


ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
PROXY = {"mode": "managed", "values": {"env": [{"name": "HTTPS_PROXY", "value": "http://p"}]}}
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1b2c"
ARNS = f"dns.zone_arns ['{ZONE}']"
NAMES = "dns.zone_names ['a.org']"
UNREACHED = (
    f"{ARNS} are out of reach for external-dns with network.nat 'none': add the "
    "endpoint of Route 53 to network.interface_endpoints, by its full name, name a proxy in "
    "addons['external-dns'].values, or leave the zones out"
)
UNSIGNED = (
    f"{ARNS} get no certificates with network.nat 'none', since cert-manager "
    "does not reach Let's Encrypt: give ingress.certificate_arn, or name a proxy in "
    "addons['cert-manager'].values"
)


@pytest.mark.parametrize(
    ("args", "problems"),
    [
        ({}, [UNREACHED, UNSIGNED]),
        ({"ingress": {"certificate_arn": CERTIFICATE}}, [UNREACHED]),
        ({"addons": {"external-dns": PROXY}}, [UNSIGNED]),
        ({"addons": {"external-dns": PROXY, "cert-manager": PROXY}}, []),
        ({"addons": {"external-dns": {"mode": "off"}, "cert-manager": {"mode": "off"}}}, []),
        ({"network": {"nat": "single"}}, []),
        (
            {"dns": {"zone_names": ["a.org"]}},
            [text.replace(ARNS, NAMES) for text in (UNREACHED, UNSIGNED)],
        ),
        (
            {
                "dns": {"zone_arns": [ZONE], "zone_names": ["a.org"]},
                "ingress": {"certificate_domains": ["a.org"]},
            },
            [UNREACHED.replace(ARNS, f"{ARNS} and {NAMES}")],
        ),
    ],
    ids=["neither", "certificate", "one proxy", "proxies", "off", "NAT", "made", "both"],
)
def test_names_without_a_way_to_route_53_are_refused(
    args: dict[str, Any], problems: list[str]
) -> None:
    given = {"network": {"nat": "none"}, "dns": {"zone_arns": [ZONE]}, **args}

    assert check_network(settings_of(**given)) == problems


def test_an_endpoint_of_route_53_is_taken_by_its_full_name() -> None:
    endpoints = [*needed_endpoints(settings_of()), "com.amazonaws.us-east-1.route53"]
    network = {"nat": "none", "interface_endpoints": endpoints}

    settings = settings_of(
        network=network,
        dns={"zone_arns": [ZONE]},
        ingress={"certificate_arn": CERTIFICATE},
    )

    assert check_network(settings) == []
