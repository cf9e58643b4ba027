"""Pieces that several manifests use: names, labels, collaborators."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from splitplane.contract.base import StrictModel
from splitplane.contract.fqn import FqnError, parse_fqn
from splitplane.contract.names import check_name

_LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$")
_LABEL_KEY = re.compile(
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$"
)


def name_of(kind: str) -> AfterValidator:
    """A validator that applies the name rule of `kind`."""

    def validate(value: str) -> str:
        check_name(kind, value)
        return value

    return AfterValidator(validate)


def _check_labels(labels: dict[str, str]) -> dict[str, str]:
    for key, value in labels.items():
        if _LABEL_KEY.fullmatch(key) is None:
            raise ValueError(f"label key {key!r} is not a Kubernetes label key")
        if _LABEL_VALUE.fullmatch(value) is None:
            raise ValueError(
                f"value {value!r} of label {key!r} is not a Kubernetes label value "
                "(at most 63 characters)"
            )
    return labels


def check_subject(text: str) -> str:
    """The subject's name in normal form; raises ValueError when it names no subject."""
    fqn = parse_fqn(text)
    if fqn.kind not in ("user", "team", "service-account", "workspace-subject"):
        raise FqnError(
            f"{text!r} is not a subject: "
            "use user:MAIL, team:NAME, sa:NAME or workspace:CLUSTER:NAME"
        )
    return str(fqn)


def _none_as_empty(value: Any) -> Any:  # Any: runs before the type is known
    return {} if value is None else value


Labels = Annotated[dict[str, str], BeforeValidator(_none_as_empty), AfterValidator(_check_labels)]
Subject = Annotated[str, AfterValidator(check_subject)]
EnvironmentName = Annotated[str, name_of("environment")]
ClusterName = Annotated[str, name_of("cluster")]
WorkspaceName = Annotated[str, name_of("workspace")]
ApplicationName = Annotated[str, name_of("application")]
StorageIntegrationName = Annotated[str, name_of("storage-integration")]
MlRepoName = Annotated[str, name_of("ml-repo")]
SecretStoreName = Annotated[str, name_of("secret-store")]
SecretGroupName = Annotated[str, name_of("secret-group")]
ContainerRegistryName = Annotated[str, name_of("container-registry")]
DisplayName = Annotated[str, Field(min_length=1, max_length=100)]


class Collaborator(StrictModel):
    """A role for a subject on the object that the manifest describes."""

    subject: Subject
    """`user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`."""
    role: Annotated[str, Field(min_length=1, max_length=40)]
    """A role of the object's kind, such as `viewer`, `editor` or `admin`."""
