"""What the REST API answers: explicit fields only, so that nothing internal leaks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from splitplane.contract.base import PeerModel, StrictModel
from splitplane.contract.conditions import Condition
from splitplane.contract.errors import Problem

ItemT = TypeVar("ItemT")
JsonObject = dict[str, Any]  # Any: JSON


class ObjectView(PeerModel):
    """One object: what is wanted of it, what is observed, and the status that follows."""

    id: str
    """UUIDv7."""
    fqn: str
    """Fully qualified name; accepted wherever an id is."""
    kind: str
    """Kind of noun."""
    name: str
    manifest: JsonObject
    """The manifest with every default filled in."""
    status: str
    """Derived from the conditions."""
    conditions: list[Condition] = Field(default_factory=list[Condition])
    observed: JsonObject = Field(default_factory=dict[str, Any])
    """Facts that are not wanted but seen: versions, counts, and once the join token of a new
    cluster."""
    etag: str
    """Changes with every change of the manifest; send as If-Match to refuse stale writes."""
    created_at: datetime
    updated_at: datetime
    created_by: str
    """Subject that made it."""


class Page(PeerModel, Generic[ItemT]):
    """A page of a list."""

    items: list[ItemT]
    next_cursor: str | None = None
    """Send as `cursor` for the next page; null on the last one."""


class ApplyRequest(StrictModel):
    """Manifests to create or update together, all or nothing."""

    manifests: Annotated[list[JsonObject], Field(min_length=1, max_length=500)]
    """Manifests of any types, in any order."""
    dry_run: bool = False
    """Only say what would happen."""


class FieldChange(PeerModel):
    """One changed field; null stands for absent."""

    path: str
    before: Any = None  # Any: JSON
    after: Any = None  # Any: JSON


class PermissionResult(PeerModel):
    """Whether the caller may do it, and why."""

    verb: str
    allowed: bool
    reason: str


class ApplyResult(PeerModel):
    """What happened, or would happen, to one manifest."""

    index: int
    """Position in the request."""
    fqn: str | None = None
    kind: str | None = None
    action: Literal["created", "updated", "unchanged", "denied", "invalid"]
    changes: list[FieldChange] = Field(default_factory=list[FieldChange])
    permission: PermissionResult | None = None
    problem: Problem | None = None
    object: ObjectView | None = None
    """The object afterwards; null in a dry run and when nothing was written."""


class ApplyResponse(PeerModel):
    """Results in the order of the request; `applied` is false in a dry run and after a refusal."""

    dry_run: bool
    applied: bool
    results: list[ApplyResult]


class DeploymentView(PeerModel):
    """An immutable version of an application."""

    id: str
    fqn: str
    """`CLUSTER:WORKSPACE:APPLICATION:vN`."""
    application_id: str
    version: int
    manifest: JsonObject
    manifests_sha256: str | None = None
    """Digest of the rendered objects; null before rendering."""
    created_at: datetime
    created_by: str
    is_current: bool


class LiveObjectView(PeerModel):
    """An object as the agent saw it last."""

    kind: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    application_id: str | None = None
    doc: JsonObject
    """The trimmed object."""
    updated_at: datetime
    is_stale: bool = False
    """Whether the agent has been away since; a stale state is never shown as live."""


class EventView(PeerModel):
    """One thing that happened."""

    id: str
    time: datetime
    type: str
    """Such as `application.created` or `command.succeeded`."""
    object_id: str | None = None
    fqn: str | None = None
    actor: str
    """Subject, agent or `system`."""
    message: str
    data: JsonObject = Field(default_factory=dict[str, Any])


class CommandView(PeerModel):
    """An order to a cluster's agent."""

    id: str
    seq: int
    kind: str
    state: str
    attempts: int
    created_at: datetime
    expires_at: datetime
    actor: str
    result: JsonObject | None = None


class JoinTokenView(PeerModel):
    """A one-time join token; shown once and stored only as a digest."""

    token: str
    cluster_id: str
    expires_at: datetime


class SessionView(PeerModel):
    """The connection of a cluster's agent."""

    cluster_id: str
    is_connected: bool
    generation: int
    agent_version: str | None = None
    kubernetes_version: str | None = None
    connected_at: datetime | None = None
    last_seen_at: datetime | None = None


class TokenRotate(StrictModel):
    """How a token of a service account is replaced."""

    overlap_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    """Seconds for which the secret before still works; 0 ends it at once. A day is enough for a
    pipeline to pick up the new one."""


class RotatedTokenView(PeerModel):
    """The new secret of a service account's token; shown once and stored only as a digest."""

    token: str
    expires_at: datetime


class TokenCreate(StrictModel):
    """A token to make for oneself or for a service account."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What it is for."""
    expires_in_days: Annotated[int, Field(ge=1, le=366)] = 90
    """Days until it stops working."""


class TokenView(PeerModel):
    """A token; `token` is filled only in the answer that made it."""

    id: str
    name: str
    subject: str
    last4: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    token: str | None = None


class GrantCreate(StrictModel):
    """A role for a subject on an object."""

    subject: str
    """`user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`."""
    role: str
    """A built-in or custom role of the object's scope."""
    object: str
    """`tenant`, or the fully qualified name or id of a cluster, workspace, ML repo, storage
    integration, secret store, secret group or container registry."""


class GrantView(PeerModel):
    """A grant row."""

    id: str
    subject: str
    role: str
    object: str
    object_id: str | None = None
    granted_by: str
    created_at: datetime
    source: str
    """`grant`, or the manifest that it was made by, such as `workspace` or `role-binding`."""
    expires_at: datetime | None = None
    """Time from which it grants nothing; never when null."""


class SignIn(StrictModel):
    """The one-time code that the server printed."""

    code: str


class SignedIn(PeerModel):
    """A personal access token for the subject that signed in."""

    token: str
    subject: str
    tenant: str
    expires_at: datetime


class SignInCodeView(PeerModel):
    """A one-time sign-in code; shown once and stored only as a digest."""

    code: str
    subject: str
    expires_in_seconds: int


class ResolvedView(PeerModel):
    """What a fully qualified name names."""

    id: str
    kind: str
    fqn: str


class WhoAmI(PeerModel):
    """The caller."""

    subject: str
    tenant: str
    tenant_id: str | None = None
    """Unlike names, different on every control plane; null from an older server."""
    tenant_roles: list[str]
    """Roles on the tenant, the caller's own and those of the teams."""
    teams: list[str] = Field(default_factory=list[str])
    """Teams that the caller is a member of, `team:NAME`."""
    token_expires_at: datetime | None = None


class ServerInfo(PeerModel):
    """Versions that the server speaks."""

    version: str
    api_version: str
    tenant: str | None = None
