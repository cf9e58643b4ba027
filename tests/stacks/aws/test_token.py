"""The token is the request that EKS expects, signed as STS checks it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from aws_environment import KEY_ID, SECRET
from aws_signature import signature_of

from splitplane.stacks.aws.token import ClusterToken, build_token, render_exec_credential

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Keys:
    access_key: str = KEY_ID
    secret_key: str = SECRET
    token: str | None = None


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)


def _build(keys: Keys | None = None, cluster: str = "prod-eu") -> ClusterToken:
    return build_token(
        keys or Keys(),
        cluster=cluster,
        region="eu-central-1",
        sts_host="sts.eu-central-1.amazonaws.com",
    )


def _url(token: ClusterToken) -> str:
    prefix, _, encoded = token.text.partition("k8s-aws-v1.")
    assert prefix == ""
    assert "=" not in encoded
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()


def test_token_is_a_signed_question_who_one_is() -> None:
    assert _url(_build()) == (
        "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Feu-central-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
        "&X-Amz-Signature=338c7be2cc9fba1a3d558c18f0087ec174f5653781118a6f5958e7bec2729a2c"
    )


@pytest.mark.parametrize(
    "keys", [Keys(), Keys(token="IQoJb3JpZ2luX2VjE+/=A")], ids=["user", "session"]
)
def test_signature_is_the_one_of_the_specification(keys: Keys) -> None:
    url = _url(_build(keys))

    signed = dict(parse_qsl(urlsplit(url).query))

    assert signed["X-Amz-Signature"] == signature_of(url, SECRET, {"x-k8s-aws-id": "prod-eu"})
    assert signed.get("X-Amz-Security-Token") == keys.token


def test_token_of_one_cluster_is_not_signed_for_another() -> None:
    url = _url(_build(cluster="prod-eu"))

    assert not url.endswith(signature_of(url, SECRET, {"x-k8s-aws-id": "dev-eu"}))


def test_token_does_not_carry_the_key() -> None:
    assert SECRET not in _url(_build())


def test_exec_credential_expires_14_minutes_after_the_signature() -> None:
    token = _build()

    document = json.loads(render_exec_credential(token))

    assert document == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {"interactive": False},
        "status": {"expirationTimestamp": "2026-01-02T03:18:05Z", "token": token.text},
    }
