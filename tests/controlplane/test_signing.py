import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from splitplane.contract.commands import SignedCommand
from splitplane.controlplane.signing import CommandSigner, is_signed_by

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


def signed(signer: CommandSigner) -> SignedCommand:
    return signer.sign(
        command_id="0198d2f0-0000-7000-8000-000000000001",
        cluster_uid="uid-1",
        seq=4,
        kind="apply-bundle",
        spec='{"a":1}',
        not_before=NOW,
        expires_at=NOW + timedelta(hours=1),
        actor="user:ann@example.com",
    )


def test_the_key_is_made_once_and_readable_to_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"

    first = CommandSigner.load_or_create(path)
    second = CommandSigner.load_or_create(path)

    assert first.public_key == second.public_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.pem"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    CommandSigner.load_or_create(path)
    path.chmod(0o644)

    with pytest.raises(ValueError, match="has mode 644; only its owner may read it: chmod 600"):
        CommandSigner.load_or_create(path)


def test_a_signed_command_is_accepted_under_its_key_only(tmp_path: Path) -> None:
    signer = CommandSigner.load_or_create(tmp_path / "a.pem")
    other = CommandSigner.load_or_create(tmp_path / "b.pem")

    command = signed(signer)

    assert is_signed_by(command, [other.public_key, signer.public_key])
    assert not is_signed_by(command, [other.public_key])
    assert not is_signed_by(command, [])


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0198d2f0-0000-7000-8000-000000000002"},
        {"cluster_uid": "uid-2"},
        {"seq": 5},
        {"kind": "delete-bundle"},
        {"spec": '{"a":2}'},
        {"expires_at": NOW + timedelta(hours=2)},
        {"not_before": NOW - timedelta(hours=2)},
        {"actor": "user:eve@example.com"},
        {"signature": "AAAA"},
        {"signature": "not base64"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_command_is_not_accepted(tmp_path: Path, change: dict[str, object]) -> None:
    signer = CommandSigner.load_or_create(tmp_path / "a.pem")

    changed = signed(signer).model_copy(update=change)

    assert not is_signed_by(changed, [signer.public_key])


def test_a_command_survives_the_wire(tmp_path: Path) -> None:
    signer = CommandSigner.load_or_create(tmp_path / "a.pem")

    received = SignedCommand.model_validate_json(signed(signer).model_dump_json())

    assert is_signed_by(received, [signer.public_key])
