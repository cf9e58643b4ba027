"""`type: container-registry`: where images are pushed to and pulled from.

No field takes a secret: clouds' registries use the cluster's identity, any other a reference.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import ContainerRegistryName, DisplayName
from splitplane.contract.manifests.workload import parse_secret_reference

_Prefix = Annotated[str, Field(max_length=200, pattern=r"^([a-z0-9]+([._/-]+[a-z0-9]+)*)?$")]


def _check_reference(value: str) -> str:
    if parse_secret_reference(value) is None:
        raise ValueError("is not a secret reference: write secret://GROUP/KEY, never the value")
    return value


def _check_username(value: str | None, info: ValidationInfo) -> str | None:
    # Fields are checked in their order, so that the password is known here; a field alone has none.
    if value is None and (info.data or {}).get("password") is not None:
        raise ValueError("is missing, though there is a password")
    return value


class ElasticContainerRegistry(StrictModel):
    """Amazon ECR of one account and region."""

    kind: Literal["ecr"] = "ecr"
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")]
    """Account that owns the repositories. Never changes."""
    region: Annotated[str, Field(min_length=1, max_length=40)]
    """Region of the repositories. Never changes."""
    prefix: _Prefix = ""
    """Start of every repository's name."""
    role_arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::\d{12}:role/.+$")] | None = None
    """Role that pushes; the builder's own identity when left out."""


class GoogleArtifactRegistry(StrictModel):
    """One repository of Google Artifact Registry."""

    kind: Literal["gar"] = "gar"
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
    """Id of the project. Never changes."""
    location: Annotated[str, Field(min_length=1, max_length=40)]
    """Region or multi-region. Never changes."""
    repository: Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]
    """Name of the repository. Never changes."""


class AzureContainerRegistry(StrictModel):
    """One Azure container registry."""

    kind: Literal["acr"] = "acr"
    login_server: Annotated[str, Field(pattern=r"^[a-z0-9]{5,50}\.azurecr\.[a-z.]+$")]
    """Host, `NAME.azurecr.io`. Never changes."""
    prefix: _Prefix = ""
    """Start of every repository's name."""


class OtherRegistry(StrictModel):
    """Any registry that speaks the distribution protocol."""

    kind: Literal["other"] = "other"
    host: Annotated[
        str, Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$")
    ]
    """Host and port. Never changes."""
    prefix: _Prefix = ""
    """Start of every repository's name."""
    password: Annotated[str, AfterValidator(_check_reference)] | None = None
    """Reference to the password, `secret://GROUP/KEY`; needs `username`."""
    username: Annotated[
        Annotated[str, Field(min_length=1, max_length=255)] | None,
        Field(validate_default=True),
        AfterValidator(_check_username),
    ] = None
    """User that signs in; anonymous when left out."""


class ContainerRegistryManifest(StrictModel):
    """A container registry."""

    type: Literal["container-registry"] = "container-registry"
    name: ContainerRegistryName
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    registry: Annotated[
        ElasticContainerRegistry | GoogleArtifactRegistry | AzureContainerRegistry | OtherRegistry,
        Field(discriminator="kind"),
    ]
    """What the registry is; its kind never changes."""
