"""The provider's own inputs: what they are, what is wrong with them, and what they come to.

Values come as the program's own (explicit providers of generated SDKs), or as text: configuration
of the stack is always text, and SDKs send whatever is no text as its JSON (pulumi v3.259.0,
docs/architecture/providers/implementers-guide.md, "Configuration").
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from splitplane.provider.backend import Failure
from splitplane.provider.codec import Properties, has_secret, has_unknown, unwrap

if TYPE_CHECKING:
    from splitplane.client import ClientSettings


@dataclass(frozen=True)
class Setting:
    """One input of the provider resource.

    Attributes:
        type: its type in the schema.
        description: what it means, in Markdown.
        is_secret: whether it is stored encrypted.
    """

    type: Literal["string", "number", "integer"]
    description: str
    is_secret: bool = False


CONFIG: Final = {
    "endpoint": Setting(
        "string",
        "Address of the control plane, `https://HOST[:PORT]`. Left out: the environment variable "
        "`SPLITPLANE_ENDPOINT`, then what `splitplane login` stored.",
    ),
    "token": Setting(
        "string",
        "Bearer token, secret. Left out: the environment variable `SPLITPLANE_TOKEN`, then what "
        "`splitplane login` stored for the same endpoint.",
        is_secret=True,
    ),
    "caBundle": Setting(
        "string",
        "File with the certificates to trust in place of the system's. Left out: the environment "
        "variable `SPLITPLANE_CA_BUNDLE`, then what `splitplane login` stored.",
    ),
    "timeoutSeconds": Setting(
        "number",
        "Longest wait for one answer of the control plane, seconds, at most 600. Left out: the "
        "environment variable `SPLITPLANE_TIMEOUT_SECONDS`, then the login file, then 30. How "
        "long an operation waits for a resource is its own timeout.",
    ),
    "retries": Setting(
        "integer",
        "Further tries of a request that is safe to repeat, 0 to 20, when the control plane is "
        "busy, being restarted or out of reach; with random pauses, or those it asks for. Left "
        "out: the environment variable `SPLITPLANE_RETRIES`, then the login file, then 4.",
    ),
}
"""Inputs of the provider resource by name."""

# The engine's own inputs of a provider resource.
_ENGINE_KEYS: Final = frozenset({"version", "pluginDownloadURL", "__internal"})


def config_failures(news: Properties) -> list[Failure]:
    """What is wrong with the inputs; what is unknown is not wrong, what is secret is not shown."""
    allowed = ", ".join(CONFIG)
    failures = [
        Failure(key, f"unknown property {key!r}; allowed: {allowed}")
        for key in news
        if key not in CONFIG and key not in _ENGINE_KEYS
    ]
    for name, setting in CONFIG.items():
        value = unwrap(news.get(name))
        if value in (None, "") or has_unknown(value):
            continue
        reason = _reason(name, setting, value)
        if reason is not None:
            is_hidden = setting.is_secret or has_secret(news.get(name))
            hidden = "the value is not allowed; it is a secret and not shown"
            failures.append(Failure(name, hidden if is_hidden else reason))
    return failures


def config_of(inputs: Properties) -> Properties:
    """The settings that are given, without secrets, numbers as numbers; unknowns stay."""
    plain = unwrap(inputs)
    return {
        name: _value(setting, plain[name])
        for name, setting in CONFIG.items()
        if plain.get(name) not in (None, "")
    }


def settings_of(config: Properties) -> ClientSettings:
    """The settings that hold: each as given, else from the environment, else the login file.

    Raises:
        NotConfigured: there is no endpoint, or something cannot be used.
    """
    from splitplane.client import load_settings

    return load_settings(
        endpoint=config.get("endpoint"),
        token=config.get("token"),
        ca_bundle=config.get("caBundle"),
        timeout_seconds=config.get("timeoutSeconds"),
        retries=config.get("retries"),
    )


def config_properties() -> dict[str, dict[str, Any]]:  # Any: JSON
    """The settings as properties of the schema."""
    return {
        name: {"type": setting.type, "description": setting.description}
        | ({"secret": True} if setting.is_secret else {})
        for name, setting in CONFIG.items()
    }


def _value(setting: Setting, value: Any) -> Any:  # Any: property values
    """The value in the setting's type where it has one, as a number of a JSON text has."""
    if setting.type == "string" or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _reason(name: str, setting: Setting, value: Any) -> str | None:  # Any: a property value
    from splitplane.client.errors import NotConfigured
    from splitplane.client.settings import check_endpoint, check_retries, check_timeout

    checks: dict[str, Callable[[Any], object]] = {
        "endpoint": check_endpoint,
        "timeoutSeconds": check_timeout,
        "retries": check_retries,
    }
    if setting.type == "string" and not isinstance(value, str):
        return f"must be text, got {type(value).__name__}"
    check = checks.get(name)
    try:
        if check is not None:
            check(_value(setting, value))
    except NotConfigured as error:
        return str(error)
    return None
