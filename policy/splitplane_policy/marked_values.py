"""Values from the engine with their marks: what is secret, and what is not known yet.

pulumi_policy 1.21.0 drops the secret mark before a validation sees the inputs, and raises where an
unknown is read. So its reader is replaced, in this process only, by one that marks secret texts;
and its proxies are unpacked here, with unknowns as values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pulumi_policy import policy
from pulumi_policy.proxy import UnknownValueError

from splitplane_policy.model import UNKNOWN, SecretText, Value

# Signatures of the engine's wire format, the same in every SDK
# (pulumi/pulumi: sdk/go/common/resource/properties.go).
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a secret

_READER: Final = "deserialize_properties"  # not exported, hence by its name
_read_properties: Callable[..., dict[str, Any]] = policy.__dict__[_READER]  # Any: JSON


def keep_secret_marks() -> None:
    """From now on secret texts arrive in validations as `SecretText`."""
    policy.__dict__[_READER] = _read_with_marks


def plain(value: Any) -> Value:  # Any: what pulumi_policy hands out
    """The value without proxies, with UNKNOWN where it is not known; assets become None."""
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, Mapping):
        return {str(name): _item(value, name) for name in value}
    if isinstance(value, Sequence):
        return [_item(value, index) for index in range(len(value))]
    return None


def _item(container: Any, key: Any) -> Value:  # Any: a proxy of pulumi_policy and its key
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def _read_with_marks(
    props: dict[str, Any],  # Any: JSON
    proxy_secrets: bool = False,
) -> dict[str, Any]:
    if proxy_secrets:  # for remediations, which keep marks by themselves
        return _read_properties(props, proxy_secrets)
    return _read_properties({name: _marked(value) for name, value in props.items()})


def _marked(value: Any, *, is_secret: bool = False) -> Any:  # Any: JSON
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return _marked(value.get("value"), is_secret=True)
        return {name: _marked(inner, is_secret=is_secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, is_secret=is_secret) for inner in value]
    return SecretText(value) if is_secret and isinstance(value, str) else value
