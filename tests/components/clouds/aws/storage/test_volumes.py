"""A volume with a fixed place belongs to one claim, by a name that no other has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.components.clouds.aws.settings import ShareSettings
from splitplane.components.clouds.aws.storage.volumes import (
    bucket_handle,
    build_bucket_volume,
    build_share_volume,
    share_handle,
    share_path,
    volume_name,
)

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
SHARES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True)


def test_a_share_is_mounted_by_its_access_point_over_tls() -> None:
    handle = share_handle("fs-0a1b", "fsap-2c3d")

    assert build_share_volume(ShareSettings("data"), "team-a", handle) == {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "data.team-a"},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "capacity": {"storage": "1Pi"},
            "claimRef": {"namespace": "team-a", "name": "data"},
            "csi": {"driver": "efs.csi.aws.com", "volumeHandle": "fs-0a1b::fsap-2c3d"},
            "mountOptions": ["tls"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "volumeMode": "Filesystem",
        },
    }


def test_the_bucket_is_mounted_whole_by_the_claim_of_its_name() -> None:
    spec = build_bucket_volume("team-a", bucket_handle("fs-0a1b"))["spec"]

    assert spec["csi"] == {"driver": "efs.csi.aws.com", "volumeHandle": "s3files:fs-0a1b"}
    assert spec["claimRef"] == {"namespace": "team-a", "name": "bucket"}
    assert "mountOptions" not in spec


@pytest.mark.parametrize(
    ("share", "path"),
    [
        (ShareSettings("data"), "/shares/data"),
        (ShareSettings("data", path="/models/base"), "/models/base"),
    ],
    ids=["default", "chosen"],
)
def test_a_share_lies_below_shares_or_where_it_is_put(share: ShareSettings, path: str) -> None:
    assert share_path(share) == path


@given(SHARES, LABELS)
def test_names_of_volumes_are_allowed_and_short(claim: str, namespace: str) -> None:
    name = volume_name(claim, namespace)

    assert len(name) <= 63
    assert all(
        part and not part.startswith("-") and not part.endswith("-") for part in name.split(".")
    )


@given(st.sets(st.tuples(SHARES, LABELS), min_size=2, max_size=20))
def test_no_two_claims_have_one_volume(claims: set[tuple[str, str]]) -> None:
    assert len({volume_name(*one) for one in claims}) == len(claims)


def test_hyphens_do_not_make_two_claims_one() -> None:
    assert volume_name("a-b", "c") != volume_name("a", "b-c")
    assert volume_name("a", "b" * 63) != volume_name("a", "b" * 62 + "c")
