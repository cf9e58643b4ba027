"""The first start: a tenant, its built-in roles, three environments, and an administrator.

There is no password and no default token: the administrator signs in with a one-time code.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode
from splitplane.contract.manifests import EnvironmentManifest, UserManifest
from splitplane.contract.nouns import fqn_of
from splitplane.contract.permissions import BUILTIN_ROLES
from splitplane.controlplane.errors import Refused
from splitplane.controlplane.history import SYSTEM, record_event
from splitplane.controlplane.identity.secrets import digest, new_code, normal_code
from splitplane.controlplane.identity.tokens import issue_token
from splitplane.controlplane.tables import (
    Environment,
    Grant,
    RoleVerb,
    SigninCode,
    TeamMember,
    Tenant,
    Token,
    User,
)

CODE_LIFE: Final = timedelta(hours=1)
"""Life of a one-time code: long enough to open a browser, too short to lie around."""

FIRST_ENVIRONMENTS: Final = (
    EnvironmentManifest(name="dev", color="#4c9aff"),
    EnvironmentManifest(name="staging", color="#ffab00"),
    EnvironmentManifest(
        name="prod", is_production=True, optimize_for="availability", color="#de350b"
    ),
)
"""Made with a tenant; they can be changed and deleted like any other."""

_LOCK_ID: Final = 0x53504C42


async def ensure_tenant(session: AsyncSession, name: str, admin_email: str) -> Tenant:
    """The tenant exists with its administrator and environments; its built-in roles are current.

    Safe to call at every start and by several replicas at once. What was deleted or changed since
    the tenant was made stays so.
    """
    await session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_ID})"))
    tenant = await session.scalar(select(Tenant).where(Tenant.name == name))
    is_new = tenant is None
    if tenant is None:
        tenant = Tenant(name=name)
        session.add(tenant)
        await session.flush()
    await sync_builtin_roles(session, tenant.id)
    if is_new:
        await _fill(session, tenant, admin_email)
    return tenant


async def sync_builtin_roles(session: AsyncSession, tenant_id: str) -> None:
    """The tenant's rows of built-in roles are those of this version."""
    wanted = {
        (scope, role, verb)
        for scope, roles in BUILTIN_ROLES.items()
        for role, verbs in roles.items()
        for verb in verbs
    }
    rows = await session.execute(
        select(RoleVerb.scope, RoleVerb.role, RoleVerb.verb).where(
            RoleVerb.tenant_id == tenant_id, RoleVerb.is_builtin
        )
    )
    present = {(scope, role, verb) for scope, role, verb in rows}
    for scope, role, verb in sorted(present - wanted):
        await session.execute(
            delete(RoleVerb).where(
                RoleVerb.tenant_id == tenant_id,
                RoleVerb.scope == scope,
                RoleVerb.role == role,
                RoleVerb.verb == verb,
            )
        )
    missing = [
        {"tenant_id": tenant_id, "scope": s, "role": r, "verb": v, "is_builtin": True}
        for s, r, v in sorted(wanted - present)
    ]
    if missing:
        await session.execute(insert(RoleVerb).on_conflict_do_nothing(), missing)


async def issue_signin_code(session: AsyncSession, user: User) -> str:
    """A new one-time code for the user; it works once, within an hour. Older ones stop working."""
    await session.execute(
        update(SigninCode)
        .where(SigninCode.user_id == user.id, SigninCode.used_at.is_(None))
        .values(expires_at=func.now())
    )
    code = new_code()
    session.add(
        SigninCode(
            tenant_id=user.tenant_id,
            user_id=user.id,
            code_sha256=digest(code),
            expires_at=datetime.now(UTC) + CODE_LIFE,
        )
    )
    await record_event(
        session,
        tenant_id=user.tenant_id,
        type="signin-code.issued",
        actor=SYSTEM,
        message=f"a one-time sign-in code was issued for {user.name}",
        object_kind="user",
        object_id=user.id,
        fqn=user.fqn,
    )
    return code


async def find_admin(session: AsyncSession, tenant: str) -> User | None:
    """The tenant's oldest user with the role admin on the tenant, directly or by a team."""
    admins = select(Grant.subject_id).where(
        Grant.tenant_id == User.tenant_id,
        Grant.object_kind == "tenant",
        Grant.role == "admin",
        or_(Grant.expires_at.is_(None), Grant.expires_at > func.now()),
    )
    members = select(TeamMember.subject_id).where(TeamMember.team_id.in_(admins))
    return await session.scalar(
        select(User)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(Tenant.name == tenant, or_(User.id.in_(admins), User.id.in_(members)))
        .order_by(User.id)
        .limit(1)
    )


async def has_signed_in(session: AsyncSession, user: User) -> bool:
    """Whether the user has ever had a token."""
    found = await session.scalar(select(Token.id).where(Token.subject_id == user.id).limit(1))
    return found is not None


async def redeem_code(session: AsyncSession, code: str) -> tuple[User, Token, str]:
    """Burns the code: the user, a new personal access token's row, and its text.

    Raises:
        Refused: the code is unknown, used or too old; the message does not say which.
    """
    found = await session.scalar(
        update(SigninCode)
        .where(
            SigninCode.code_sha256 == digest(normal_code(code)),
            SigninCode.used_at.is_(None),
            SigninCode.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(SigninCode.user_id)
    )
    user = None if found is None else await session.get(User, found)
    if user is None:
        raise Refused(
            ErrorCode.UNAUTHENTICATED,
            "the sign-in code is not valid: each works once and for one hour",
            hint="make a new one with: splitplane server sign-in-code",
        )
    token, text_of_token = await issue_token(
        session,
        tenant_id=user.tenant_id,
        subject_kind="user",
        subject_id=user.id,
        name="sign-in",
        created_by=user.fqn,
    )
    await record_event(
        session,
        tenant_id=user.tenant_id,
        type="user.signed-in",
        actor=user.fqn,
        message=f"{user.name} signed in with a one-time code",
        object_kind="user",
        object_id=user.id,
        fqn=user.fqn,
    )
    return user, token, text_of_token


async def _fill(session: AsyncSession, tenant: Tenant, admin_email: str) -> None:
    admin = UserManifest(name=admin_email, tenant_role="admin")
    user = User(
        tenant_id=tenant.id,
        name=admin.name,
        fqn=str(fqn_of(admin)),
        manifest=admin.model_dump(mode="json"),
        created_by=SYSTEM,
    )
    session.add(user)
    for manifest in FIRST_ENVIRONMENTS:
        session.add(
            Environment(
                tenant_id=tenant.id,
                name=manifest.name,
                fqn=str(fqn_of(manifest)),
                manifest=manifest.model_dump(mode="json"),
                created_by=SYSTEM,
            )
        )
    await session.flush()
    session.add(
        Grant(
            tenant_id=tenant.id,
            subject_kind="user",
            subject_id=user.id,
            role="admin",
            object_kind="tenant",
            object_id=tenant.id,
            granted_by=SYSTEM,
            source="user",
            source_id=user.id,
        )
    )
    await record_event(
        session,
        tenant_id=tenant.id,
        type="tenant.created",
        actor=SYSTEM,
        message=f"tenant {tenant.name} was made with the environments dev, staging and prod",
    )
