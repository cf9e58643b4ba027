"""No secret may stand in an input that is not marked as secret.

What is not marked lies readable in the state, in previews and in logs. Only what is a secret beyond
doubt is found: a token with a checksum that fits, a private key, a signed web token, a key id of
AWS. The message says where it stands and what it is, never what it says.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from splitplane_policy.errors import SettingsError
from splitplane_policy.model import Resource, SecretText, Violation, texts
from splitplane_policy.settings import setting

NAME: Final = "no-plain-secrets"


@dataclass(frozen=True)
class SecretSettings:
    """What else is a secret, and where nobody looks."""

    patterns: Mapping[str, str] = setting(
        "Further secrets: what to call it → regular expression.",
        {},
        {"type": "object", "additionalProperties": {"type": "string"}},
    )
    ignored_types: tuple[str, ...] = setting(
        "Type tokens of resources that are not looked at.",
        (),
        {"type": "array", "items": {"type": "string"}},
    )


def check(resource: Resource, settings: SecretSettings) -> Iterator[Violation]:
    """Each input that holds a secret and is not marked, once.

    Raises:
        SettingsError: a pattern of the settings is not a regular expression.
    """
    if resource.type in settings.ignored_types:
        return
    kinds = [*_KINDS, *_own_kinds(settings.patterns)]
    for path, text in texts(resource.inputs):
        if isinstance(text, SecretText):
            continue
        found = next((kind for kind in kinds if kind.is_in(text)), None)
        if found is not None:
            yield Violation(
                resource.urn,
                f"{path} holds {found.name} and is not secret; pass it as a secret "
                "(pulumi.Output.secret, or a secret of the stack's configuration), and replace it "
                "if it was ever in a state",
            )


@dataclass(frozen=True)
class _Kind:
    """One kind of secret."""

    name: str
    pattern: re.Pattern[str]
    is_real: Callable[[str], bool] = lambda text: True
    """Whether what the pattern found is one."""

    def is_in(self, text: str) -> bool:
        return any(self.is_real(found[0]) for found in self.pattern.finditer(text))


def _own_kinds(patterns: Mapping[str, str]) -> Iterator[_Kind]:
    for name, pattern in patterns.items():
        try:
            yield _Kind(name, re.compile(pattern))
        except re.error as exc:
            raise SettingsError(
                f"patterns.{name} is {pattern!r}, which is not a regular expression: {exc}"
            ) from exc


_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_LENGTH: Final = 6


def _has_checksum(token: str) -> bool:
    """Whether the last characters are the CRC-32 of the rest in base 62, as in our tokens."""
    number = zlib.crc32(token[:-_CHECK_LENGTH].encode())
    digits = ""
    for _ in range(_CHECK_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits == token[-_CHECK_LENGTH:]


def _has_header(token: str) -> bool:
    """Whether the first part is the header of a signed web token (RFC 7515)."""
    head = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError):
        return False
    return isinstance(header, dict) and "alg" in header


_KINDS: Final = (
    _Kind(
        "a token of the control plane",
        re.compile(r"(?<![0-9A-Za-z])spl_[a-z]+_[0-9A-Za-z]{49}(?![0-9A-Za-z])"),
        _has_checksum,
    ),
    # Long-lived (AKIA) and temporary (ASIA); the secret half is never far from its id.
    _Kind(
        "an access key of AWS",
        re.compile(r"(?<![0-9A-Za-z])(?:AKIA|ASIA)[A-Z2-7]{16}(?![0-9A-Za-z])"),
    ),
    _Kind("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")),
    _Kind(
        "a signed web token (JWT)",
        re.compile(r"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]+\.[\w-]{16,}"),
        _has_header,
    ),
)
