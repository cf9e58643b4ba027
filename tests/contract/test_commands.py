from __future__ import annotations

from datetime import UTC, datetime

from splitplane.contract.commands import (
    BundleRemoval,
    SignedCommand,
    encode_spec,
    key_id,
    signed_bytes,
    spec_digest,
)

COMMAND = SignedCommand(
    id="01890000-0000-7000-8000-000000000001",
    cluster_uid="u",
    seq=3,
    kind="delete-bundle",
    spec="{}",
    spec_sha256=spec_digest("{}"),
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=datetime(2026, 1, 2, tzinfo=UTC),
    actor="user:ann@example.com",
    key_id="k",
    signature="s",
)


def test_a_spec_is_compact_and_sorted() -> None:
    removal = BundleRemoval(
        application_id="i", application_fqn="c:w:a", workspace="w", namespace="w", delivery="direct"
    )

    assert encode_spec(removal) == (
        '{"application_fqn":"c:w:a","application_id":"i","delivery":"direct",'
        '"namespace":"w","workspace":"w"}'
    )


def test_the_signature_covers_every_field_but_itself() -> None:
    assert signed_bytes(COMMAND) == (
        b"splitplane-command-v1\n"
        b'{"actor":"user:ann@example.com","cluster_uid":"u","expires_at":"1767312000000",'
        b'"id":"01890000-0000-7000-8000-000000000001","key_id":"k","kind":"delete-bundle",'
        b'"not_before":"1767225600000","seq":3,'
        b'"spec_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}'
    )
    assert set(SignedCommand.model_fields) == {
        "actor", "cluster_uid", "expires_at", "id", "key_id", "kind", "not_before", "seq",
        "signature", "spec", "spec_sha256",
    }  # fmt: skip


def test_a_key_has_a_short_name() -> None:
    assert key_id(b"\0" * 32) == "66687aadf862bd77"
