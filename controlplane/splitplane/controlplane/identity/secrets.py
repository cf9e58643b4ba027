"""Bearer secrets: prefix, 256 random bits in base 62, and a checksum; only digests are stored.

The prefix lets secret scanners find a leaked one, the checksum lets them (and us) tell a real one
from noise without a query. 256 bits make a slow password hash pointless.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from typing import Final

PERSONAL: Final = "spl_pat_"
"""Prefix of a user's personal access tokens."""
SERVICE_ACCOUNT: Final = "spl_sa_"
"""Prefix of a service account's tokens."""
JOIN: Final = "spl_join_"
"""Prefix of one-time join tokens of agents."""

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY_LENGTH: Final = 43  # 62**43 > 2**256
_CHECK_LENGTH: Final = 6  # 62**6 > 2**32
# Crockford's base 32: no letter that is mistaken for a digit.
_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS: Final = 5


def new_secret(prefix: str) -> str:
    """A new secret with that prefix."""
    body = _base62(secrets.randbits(256), _BODY_LENGTH)
    return prefix + body + _checksum(prefix + body)


def is_well_formed(text: str, prefix: str) -> bool:
    """Whether the text has the prefix, the length and the checksum of a secret."""
    if not text.startswith(prefix) or not text.isascii():
        return False
    if len(text) != len(prefix) + _BODY_LENGTH + _CHECK_LENGTH:
        return False
    return secrets.compare_digest(_checksum(text[:-_CHECK_LENGTH]), text[-_CHECK_LENGTH:])


def digest(text: str) -> str:
    """Hex SHA-256: what the database keeps."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_code() -> str:
    """A one-time code that a person can type: five groups of four, 100 random bits."""
    groups = (
        "".join(secrets.choice(_CODE_ALPHABET) for _ in range(4)) for _ in range(_CODE_GROUPS)
    )
    return "-".join(groups)


def normal_code(text: str) -> str:
    """The code as `new_code` wrote it, however it was typed: lower case, spaces, O for 0."""
    plain = text.upper().translate(str.maketrans("OIL", "011", " -\t\r\n"))
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
