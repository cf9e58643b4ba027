"""The signer of commands: an Ed25519 key in a file that only the control plane's user reads.

Agents pin the public key at enrolment and carry out nothing that it did not sign. Only the worker
that makes commands holds the signer; the hub, which faces the network, passes on what was signed.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from splitplane.contract.commands import (
    CommandKind,
    SignedCommand,
    key_id,
    signed_bytes,
    spec_digest,
)


class CommandSigner:
    """Signs commands with one key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    @classmethod
    def load_or_create(cls, path: Path) -> CommandSigner:
        """The signer whose key lies at `path` (PEM, mode 0600); the key is made when it is missing.

        Two processes that start together end up with the same key.

        Raises:
            ValueError: the file holds no Ed25519 key, or others than its owner may read it.
        """
        if not path.exists():
            _create_key(path)
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            raise ValueError(
                f"signing key {str(path)!r} has mode {mode:o}; "
                "only its owner may read it: chmod 600"
            )
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(
                f"signing key {str(path)!r} is not an Ed25519 key; remove it to have one made"
            )
        return cls(key)

    @property
    def public_key(self) -> str:
        """The raw public key, base64."""
        return base64.b64encode(self._public).decode()

    @property
    def key_id(self) -> str:
        """Short name of the public key."""
        return key_id(self._public)

    def sign(
        self,
        *,
        command_id: str,
        cluster_uid: str,
        seq: int,
        kind: CommandKind,
        spec: str,
        not_before: datetime,
        expires_at: datetime,
        actor: str,
    ) -> SignedCommand:
        """The command with its signature; times count in whole milliseconds."""
        unsigned = SignedCommand(
            id=command_id,
            cluster_uid=cluster_uid,
            seq=seq,
            kind=kind,
            spec=spec,
            spec_sha256=spec_digest(spec),
            not_before=not_before,
            expires_at=expires_at,
            actor=actor,
            key_id=self.key_id,
            signature="",
        )
        signature = base64.b64encode(self._key.sign(signed_bytes(unsigned))).decode()
        return unsigned.model_copy(update={"signature": signature})


def is_signed_by(command: SignedCommand, public_keys: Iterable[str]) -> bool:
    """Whether one of the keys (raw, base64) signed exactly this command and this spec."""
    if spec_digest(command.spec) != command.spec_sha256:
        return False
    for text in public_keys:
        raw = base64.b64decode(text)
        if key_id(raw) != command.key_id:
            continue
        return verify_ed25519(raw, command.signature, signed_bytes(command))
    return False


def verify_ed25519(public_key: bytes, signature: str, message: bytes) -> bool:
    """Whether the base64 signature over the message is by the raw public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            base64.b64decode(signature, validate=True), message
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _create_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link fails where the file exists, so the first of two processes wins.
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
