"""What the controllers besides Karpenter may do: network, DNS, certificates, disks, files. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document


def build_external_dns_document(zone_arns: Sequence[str]) -> str:
    """external-dns: records of the named hosted zones."""
    return build_document(
        "external-dns",
        Statement("ChangeRecords", ["route53:ChangeResourceRecordSets"], zone_arns),
        Statement(
            "ReadRecords",
            ["route53:ListResourceRecordSets", "route53:ListTagsForResource"],
            zone_arns,
        ),
        Statement("FindZones", ["route53:ListHostedZones"], ["*"]),
    )


def build_cert_manager_document(zone_arns: Sequence[str], *, partition: str) -> str:
    """cert-manager: the records that prove the ownership of a name, in the named hosted zones."""
    return build_document(
        "cert-manager",
        Statement("AwaitChanges", ["route53:GetChange"], [f"arn:{partition}:route53:::change/*"]),
        Statement(
            "ChangeProofs",
            ["route53:ChangeResourceRecordSets"],
            zone_arns,
            {"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}},
        ),
        Statement("ReadRecords", ["route53:ListResourceRecordSets"], zone_arns),
        Statement("FindZones", ["route53:ListHostedZonesByName"], ["*"]),
    )


def build_volume_key_document(key_arn: str) -> str:
    """The EBS driver and Auto Mode: volumes that are encrypted with a key of one's own."""
    return build_document("volume key", *volume_key_statements(key_arn))


def volume_key_statements(key_arn: str) -> tuple[Statement, ...]:
    """Making disks that are encrypted with the key, in one's own name.

    "Permissions for users" in
    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html, and for Auto
    Mode https://docs.aws.amazon.com/eks/latest/userguide/auto-kms.html, checked 2026-11-21.
    """
    return (
        Statement(
            "UseKey",
            [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            [key_arn],
        ),
        Statement(
            "LendKey",
            ["kms:CreateGrant"],
            [key_arn],
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )


def build_ipv6_document(scope: Scope) -> str:
    """The network add-on with IPv6, for which AWS keeps no policy.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html.
    """
    interfaces = scope.arn("ec2", "network-interface/*")
    return build_document(
        "ipv6",
        Statement("AssignAddresses", ["ec2:AssignIpv6Addresses"], [interfaces]),
        Statement(
            "ReadInterfaces",
            [
                "ec2:DescribeInstances",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeTags",
            ],
            ["*"],
        ),
        Statement("TagInterfaces", ["ec2:CreateTags"], [interfaces]),
    )
