"""`type: user`, `service-account` and `role`: who may act, and what a custom role allows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import DisplayName, name_of
from splitplane.contract.permissions import SCOPES, VERBS


def _check_email(value: str) -> str:
    local, at, domain = value.partition("@")
    if not (local and at and "." in domain) or any(c.isspace() or c in ":/" for c in value):
        raise ValueError(f"{value!r} is not an e-mail address")
    return value.lower()


def _check_verbs(verbs: list[str]) -> list[str]:
    unknown = sorted(set(verbs) - VERBS)
    if unknown:
        raise ValueError(f"unknown verb {unknown[0]!r}; allowed are {', '.join(sorted(VERBS))}")
    return sorted(set(verbs))


class UserManifest(StrictModel):
    """A person, known by the e-mail address."""

    type: Literal["user"] = "user"
    name: Annotated[str, Field(max_length=254), AfterValidator(_check_email)]
    """E-mail address, never changes."""
    display_name: DisplayName | None = None
    """What people see; the address when left out."""
    tenant_role: Literal["admin", "member", "auditor"] = "member"
    """Role on the whole tenant."""


class ServiceAccountManifest(StrictModel):
    """An account for a program, such as a CI pipeline."""

    type: Literal["service-account"] = "service-account"
    name: Annotated[str, name_of("service-account")]
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    tenant_role: Literal["admin", "member", "auditor"] | None = None
    """Role on the whole tenant; none when left out."""


class RoleManifest(StrictModel):
    """A custom role: a set of verbs that can be granted on objects of one scope."""

    type: Literal["role"] = "role"
    name: Annotated[str, name_of("role")]
    """Name, never changes, and not one of the built-in roles."""
    scope: Annotated[str, Field(pattern=f"^({'|'.join(SCOPES)})$")]
    """Kind of object that the role is granted on. Never changes."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    verbs: Annotated[list[str], Field(min_length=1), AfterValidator(_check_verbs)]
    """What the role allows; see the list of verbs in the permission matrix."""
