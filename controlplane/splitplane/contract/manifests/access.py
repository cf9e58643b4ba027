"""`type: team`, `role-binding` and `service-account-token`: who belongs together, who may do what.

A token's manifest says for whom and for how long; its secret is in no manifest.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from splitplane.contract.base import StrictModel
from splitplane.contract.fqn import FqnError, parse_fqn
from splitplane.contract.manifests.shared import DisplayName, Subject, check_subject, name_of
from splitplane.contract.permissions import SCOPES, VERBS

TENANT: Final = "tenant"
"""What a role binding names to bind a role of the whole tenant."""


def _check_member(text: str) -> str:
    subject = check_subject(text)
    if parse_fqn(subject).kind not in ("user", "service-account"):
        raise FqnError(f"{text!r} cannot be a member: use user:MAIL or sa:NAME")
    return subject


def _check_members(members: list[str]) -> list[str]:
    twice = next((member for member in members if members.count(member) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is named twice; name each member once")
    return members


def _check_object(text: str) -> str:
    if text == TENANT:
        return text
    fqn = parse_fqn(text)
    if fqn.kind not in SCOPES:
        raise FqnError(
            f"{text!r} names a {fqn.kind}, on which no role can be bound: use tenant, CLUSTER, "
            "CLUSTER:WORKSPACE, mlrepo:NAME, storage-integration:NAME, secret-store:NAME, "
            "secret-group:NAME or registry:NAME"
        )
    return str(fqn)


def _check_scopes(verbs: list[str] | None) -> list[str] | None:
    unknown = sorted(set(verbs or ()) - VERBS)
    if unknown:
        raise ValueError(f"unknown verb {unknown[0]!r}; allowed are {', '.join(sorted(VERBS))}")
    return None if verbs is None else sorted(set(verbs))


class TeamManifest(StrictModel):
    """A team: what is granted to it is granted to every member."""

    type: Literal["team"] = "team"
    name: Annotated[str, name_of("team")]
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    members: Annotated[
        list[Annotated[str, AfterValidator(_check_member)]],
        Field(max_length=1000),
        AfterValidator(_check_members),
    ] = Field(default_factory=list[str])
    """Users and service accounts, `user:MAIL` or `sa:NAME`."""
    tenant_role: Literal["admin", "member", "auditor"] | None = None
    """Role of every member on the whole tenant; none when left out."""


class RoleBindingManifest(StrictModel):
    """One role for one subject on one object."""

    type: Literal["role-binding"] = "role-binding"
    name: Annotated[str, name_of("role-binding")]
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    subject: Subject
    """Who: `user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`. Never changes."""
    role: Annotated[str, Field(min_length=1, max_length=40)]
    """A built-in or custom role of the object's kind."""
    object: Annotated[str, AfterValidator(_check_object)]
    """On what: `tenant`, or a fully qualified name such as `prod-eu:team1` or `mlrepo:fraud`. Never
    changes."""
    expires_at: AwareDatetime | None = None
    """Time from which it grants nothing, RFC 3339 with a zone; never when left out."""


class ServiceAccountTokenManifest(StrictModel):
    """A bearer token of a service account; the secret is shown once, when it is made or rotated."""

    type: Literal["service-account-token"] = "service-account-token"
    name: Annotated[str, name_of("service-account-token")]
    """Name, unique for the service account; never changes."""
    service_account: Annotated[str, name_of("service-account")]
    """Name of the service account that the token signs in. Never changes."""
    lifetime_days: Annotated[int, Field(ge=1, le=365)] = 90
    """Days from its making or rotation until it ends."""
    scopes: Annotated[list[str] | None, AfterValidator(_check_scopes)] = None
    """Verbs that it is limited to; all of the service account's when left out."""
