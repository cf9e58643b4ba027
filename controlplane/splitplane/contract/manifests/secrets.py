"""`type: secret-store` and `secret-group`: where secret values are, never the values.

Values are read inside the cluster, with an identity of the cluster; the control plane stores paths.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import (
    Collaborator,
    DisplayName,
    SecretGroupName,
    SecretStoreName,
)

_KEY = re.compile(r"^[A-Za-z0-9._-]{1,253}$")
_RoleArn = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::\d{12}:role/.+$")]
_Region = Annotated[str, Field(min_length=1, max_length=40)]
_Path = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^\s\x00]+$")]
_Prefix = Annotated[str, Field(max_length=512, pattern=r"^[^\s\x00]*$")]


def _check_keys(secrets: dict[str, SecretReference]) -> dict[str, SecretReference]:
    for key in secrets:
        if _KEY.fullmatch(key) is None:
            raise ValueError(
                f"key {key!r} is not allowed: use 1 to 253 letters, digits, dots, hyphens and "
                "underscores"
            )
    return secrets


class AwsSecretsManager(StrictModel):
    """AWS Secrets Manager in one region."""

    kind: Literal["aws-secrets-manager"] = "aws-secrets-manager"
    region: _Region
    """Region of the secrets. Never changes."""
    prefix: _Prefix = ""
    """Start of every name that may be read; all names when empty."""
    role_arn: _RoleArn | None = None
    """Role that the cluster assumes to read; its own identity when left out."""


class AwsParameterStore(StrictModel):
    """AWS Systems Manager Parameter Store in one region."""

    kind: Literal["aws-parameter-store"] = "aws-parameter-store"
    region: _Region
    """Region of the parameters. Never changes."""
    prefix: _Prefix = ""
    """Start of every name that may be read; all names when empty."""
    role_arn: _RoleArn | None = None
    """Role that the cluster assumes to read; its own identity when left out."""


class GcpSecretManager(StrictModel):
    """Google Cloud Secret Manager of one project."""

    kind: Literal["gcp-secret-manager"] = "gcp-secret-manager"
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
    """Id of the project. Never changes."""
    prefix: _Prefix = ""
    """Start of every name that may be read; all names when empty."""


class AzureKeyVault(StrictModel):
    """One Azure key vault."""

    kind: Literal["azure-key-vault"] = "azure-key-vault"
    vault_url: Annotated[str, Field(pattern=r"^https://[a-z0-9-]{3,24}\.vault\.[a-z.]+/?$")]
    """Address of the vault, `https://NAME.vault.azure.net`. Never changes."""
    tenant_id: Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{36}$")] | None = None
    """Directory (tenant) of the vault; that of the cluster's identity when left out."""


class HashiCorpVault(StrictModel):
    """A key-value engine of HashiCorp Vault or OpenBao; the cluster signs in by Kubernetes auth."""

    kind: Literal["vault"] = "vault"
    address: Annotated[str, Field(pattern=r"^https://[^\s/]+(/[^\s]*)?$")]
    """Address as the cluster reaches it, https. Never changes."""
    mount: _Path = "secret"
    """Path of the key-value engine."""
    prefix: _Prefix = ""
    """Start of every path that may be read; all paths when empty."""
    namespace: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Namespace of Vault Enterprise; none when left out."""
    auth_mount: _Path = "kubernetes"
    """Path of the Kubernetes auth method."""
    role: Annotated[str, Field(min_length=1, max_length=128)]
    """Role that the cluster signs in as."""


class KubernetesSecrets(StrictModel):
    """Secrets that somebody makes in the workspace's own namespace."""

    kind: Literal["kubernetes"] = "kubernetes"


SecretStoreBackend = Annotated[
    AwsSecretsManager
    | AwsParameterStore
    | GcpSecretManager
    | AzureKeyVault
    | HashiCorpVault
    | KubernetesSecrets,
    Field(discriminator="kind"),
]


class SecretStoreManifest(StrictModel):
    """A place that holds secret values, and how clusters read there."""

    type: Literal["secret-store"] = "secret-store"
    name: SecretStoreName
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    store: SecretStoreBackend
    """What the place is; its kind never changes."""


class SecretReference(StrictModel):
    """Where one value is in the store."""

    path: _Path
    """Name or path of the secret in the store, without the store's prefix."""
    field: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    """Field of a secret that holds several; the whole secret when left out."""
    version: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Version in the store; the newest when left out."""


class SecretGroupManifest(StrictModel):
    """Keys that workloads refer to as `secret://GROUP/KEY`; references, never values."""

    type: Literal["secret-group"] = "secret-group"
    name: SecretGroupName
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    secret_store: SecretStoreName
    """Name of the secret store that holds the values. Never changes."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    secrets: Annotated[
        dict[str, SecretReference], Field(max_length=500), AfterValidator(_check_keys)
    ] = Field(default_factory=dict[str, SecretReference])
    """Key → where its value is."""
    collaborators: Annotated[list[Collaborator], Field(max_length=200)] = Field(
        default_factory=list[Collaborator]
    )
    """Who may do what here: roles `admin`, `editor`, `user` (may refer to it), `viewer`."""
