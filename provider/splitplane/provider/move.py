"""Whether a new configuration means another tenant: then nothing of the stack is there.

An endpoint may move and a token be renewed, and everything stays. But with the address of another
control plane, or a token of another tenant, every object of the stack would look deleted; and to
replace the provider would delete all of them with the old configuration, namespaces with what runs
in them. Neither is what a changed line of configuration should do: it is refused, with what to do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from splitplane.provider.codec import Properties, has_unknown
from splitplane.provider.config import settings_of
from splitplane.provider.errors import WrongState

if TYPE_CHECKING:
    from splitplane.client import ClientSettings
    from splitplane.contract.views import WhoAmI

# A control plane that was switched off must not hold a preview up.
_ASK_SECONDS: Final = 5.0
_ASK_RETRIES: Final = 1


def check_same_tenant(old: Properties, new: Properties) -> None:
    """Returns when the new configuration is of the old one's tenant, or that cannot be known.

    Each side is asked who it is, with its own token: the one in its inputs, or for the new side
    what holds without one. The old side is not asked with a token of the environment, which may
    be meant for the new one alone. It cannot be known while an input is unknown, when a side is
    not reachable, or refuses its token.

    Raises:
        WrongState: both sides answered, and are of different tenants.
    """
    if has_unknown(old) or has_unknown(new):
        return
    if (old.get("endpoint"), old.get("token")) == (new.get("endpoint"), new.get("token")):
        return
    if not old.get("endpoint") or not old.get("token"):
        return
    before, after = _who(old), _who(new)
    if before is None or after is None or before[1].tenant_id == after[1].tenant_id:
        return
    raise WrongState(
        f"endpoint and token are now those of tenant {after[1].tenant!r} at {after[0].endpoint}, "
        f"but the stack's objects are in tenant {before[1].tenant!r} at {before[0].endpoint}, "
        "where they would be left or deleted; nothing was changed. Undo the change, or use a "
        "stack or a provider resource of another name for the new tenant"
    )


def _who(config: Properties) -> tuple[ClientSettings, WhoAmI] | None:
    from splitplane.client import ApiError, Client

    try:
        settings = settings_of(config)
        if settings.token is None:
            return None
        timeout = min(settings.timeout_seconds, _ASK_SECONDS)
        hurried = replace(settings, timeout_seconds=timeout, retries=_ASK_RETRIES)
        with Client.from_settings(hurried) as client:
            found = client.whoami()
    except ApiError:
        return None
    return None if found.tenant_id is None else (settings, found)
