"""What a caller should hear of beside its answer, as `Warning` headers: clients show it.

The form is the one that Kubernetes uses too: code 299, who warns, and a quoted text.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from splitplane.controlplane.identity.actor import Actor

TOKEN_WARNING: Final = timedelta(days=7)
"""How long before the end of a token its user is warned: enough working days to make a new one."""


def token_warning(actor: Actor, now: datetime) -> str | None:
    """The header's value while the caller's token is about to end; None before."""
    left = actor.token_expires_at - now
    if left > TOKEN_WARNING:
        return None
    hours = max(0, int(left.total_seconds() // 3600))
    shown = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
    day = actor.token_expires_at.astimezone(UTC).strftime("%Y-%m-%d")
    return f'299 splitplane "the token of {actor.subject} ends in {shown} ({day}): make a new one"'
