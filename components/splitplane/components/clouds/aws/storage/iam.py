"""Who may mount the shared files. Pure."""

from __future__ import annotations

from splitplane.components.clouds.aws.identity.documents import Statement, build_document


def build_file_system_policy(file_system_arn: str) -> str:
    """The file system's own policy: everybody who reaches a mount target, and only over TLS.

    Who reaches one is for its security group to say. Nobody is root there: the access points of
    volumes have users of their own.

    Args:
        file_system_arn: the file system.
    """
    return build_document(
        "file system",
        Statement(
            "Mount",
            ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            [file_system_arn],
            conditions={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            principals={"AWS": "*"},
        ),
        Statement(
            "OnlyEncrypted",
            [
                "elasticfilesystem:ClientMount",
                "elasticfilesystem:ClientRootAccess",
                "elasticfilesystem:ClientWrite",
            ],
            [file_system_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
            principals={"AWS": "*"},
            effect="Deny",
        ),
    )
