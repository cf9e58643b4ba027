"""The caller of a request, as proven by its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Actor:
    """Who acts, in which tenant.

    Attributes:
        tenant_id: tenant of the token.
        tenant: its name.
        subject_kind: `user` or `service-account`.
        subject_id: id of the subject.
        subject: its fully qualified name.
        token_id: token that proved it.
        scopes: verbs that the token is limited to; None for all.
        token_expires_at: end of the token.
        team_ids: teams that the subject is a member of.
    """

    tenant_id: str
    tenant: str
    subject_kind: str
    subject_id: str
    subject: str
    token_id: str
    scopes: frozenset[str] | None
    token_expires_at: datetime
    team_ids: tuple[str, ...] = ()

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """Ids whose grants the caller has: the own one, then those of the teams."""
        return (self.subject_id, *self.team_ids)
