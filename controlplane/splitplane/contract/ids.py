"""Identifiers: UUIDv7 made here, so that they do not depend on the database's version.

PostgreSQL has `uuidv7()` only from 18 on, and Python's `uuid.uuid7` only from 3.14 on.
"""

from __future__ import annotations

import secrets
import time
import uuid


def uuid7() -> str:
    """A new UUIDv7 (RFC 9562) in canonical text form; sorts by creation time to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Whether `text` is an identifier in canonical form, as opposed to a fully qualified name."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
