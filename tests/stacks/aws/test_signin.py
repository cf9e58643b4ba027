"""Credentials come from the default chain or an assumed role, and what fails says what to do."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from aws_environment import KEY_ID, SECRET, isolate_aws, refusal, role_answer, running_sts

from splitplane.components.errors import WrongArgument as WrongName
from splitplane.stacks.aws.errors import Refused, RetryLater, WrongArgument
from splitplane.stacks.aws.signin import read_exec_credential

ROLE = "arn:aws:iam::123456789012:role/deployer"


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_aws(monkeypatch, tmp_path)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def _read(region: str = "eu-central-1", role_arn: str | None = None) -> dict[str, str]:
    """The query of the signed URL, and its host."""
    text = read_exec_credential(cluster="prod-eu", region=region, role_arn=role_arn)
    encoded = json.loads(text)["status"]["token"].removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    return dict(parse_qsl(url.query)) | {"host": url.netloc}


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "sts.eu-central-1.amazonaws.com"),
        ("us-east-1", "sts.us-east-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"),
    ],
)
def test_sts_of_the_region_is_asked(region: str, host: str) -> None:
    signed = _read(region)

    assert signed["host"] == host
    assert signed["X-Amz-Credential"].split("/")[0::2] == [KEY_ID, region, "aws4_request"]


def test_profile_gives_the_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "aws-credentials").write_text(
        "[deploy]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "deploy")

    assert _read()["X-Amz-Credential"].startswith("AKIDPROFILE/")


@pytest.mark.usefixtures("keys")
def test_role_is_assumed_for_as_short_as_sts_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sts(200, role_answer("ASIAROLE", "s", "session+/=")) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)

        signed = _read(role_arn=ROLE)

    assert sts.calls == [
        {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": ROLE,
            "RoleSessionName": "splitplane",
            "DurationSeconds": "900",
        }
    ]
    assert sts.signers[0].startswith(f"{KEY_ID}/")
    assert signed["X-Amz-Credential"].startswith("ASIAROLE/")
    assert signed["X-Amz-Security-Token"] == "session+/="
    assert signed["host"] == "sts.eu-central-1.amazonaws.com"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("AccessDenied", Refused, r"role 'arn:aws:iam::123456789012:role/deployer' may not be as"),
        ("ExpiredToken", Refused, r"the AWS credentials have expired: sign in again"),
        ("InvalidClientTokenId", Refused, r"AWS does not accept the credentials \(InvalidClient"),
        ("RegionDisabledException", WrongArgument, r"--region is not enabled in the account"),
        ("MalformedPolicy", Refused, r"AWS refused to give credentials \(MalformedPolicy\)"),
    ],
)
def test_refusal_of_sts_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, code: str, kind: type[Exception], message: str
) -> None:
    with running_sts(403, refusal(code)) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)

        with pytest.raises(kind, match=message):
            _read(role_arn=ROLE)


@pytest.mark.usefixtures("keys")
def test_sts_that_does_not_answer_is_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sts(200, "") as sts:
        closed = sts.url
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", closed)

    with pytest.raises(RetryLater, match=r"AWS did not answer: .*http://127\.0\.0\.1"):
        _read(role_arn=ROLE)


def test_without_credentials_it_says_where_they_may_be() -> None:
    with pytest.raises(Refused, match=r"no AWS credentials were found: set AWS_PROFILE, or AWS_"):
        _read()


def test_half_of_a_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)

    with pytest.raises(Refused, match=r"cannot be read: .*AWS_SECRET_ACCESS_KEY"):
        _read()


def test_profile_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")

    with pytest.raises(WrongArgument, match=r"AWS_PROFILE 'nope' is not in the AWS configuration"):
        _read()


@pytest.mark.parametrize("name", ["dev", "default"])
def test_profile_that_asks_for_a_code_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "aws-credentials").write_text(
        "[keys]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n"
    )
    section = "default" if name == "default" else f"profile {name}"
    (tmp_path / "aws-config").write_text(
        f"[{section}]\nrole_arn = {ROLE}\nsource_profile = keys\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/ann\n"
    )
    if name != "default":
        monkeypatch.setenv("AWS_PROFILE", name)

    with pytest.raises(Refused, match=rf"profile '{name}' asks for an MFA code, which a program"):
        _read()


SSO = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
ADDRESS = "sso_start_url = https://example.awsapps.com/start\nsso_region = eu-central-1\n"


@pytest.mark.parametrize(
    "config",
    [
        f"[profile dev]\n{SSO}{ADDRESS}",
        f"[profile dev]\n{SSO}sso_session = work\n[sso-session work]\n{ADDRESS}",
    ],
    ids=["profile", "session"],
)
def test_sso_without_a_session_says_how_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, config: str
) -> None:
    (tmp_path / "aws-config").write_text(config)
    monkeypatch.setenv("AWS_PROFILE", "dev")

    with pytest.raises(
        Refused, match=r"\(SSO\) of profile 'dev' is missing or has .*`aws sso login --profile dev`"
    ):
        _read()


def test_expired_sso_session_says_how_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "aws-config").write_text(f"[profile dev]\n{SSO}{ADDRESS}")
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    name = hashlib.sha1(b"https://example.awsapps.com/start", usedforsecurity=False).hexdigest()
    token = {"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"}
    (cache / f"{name}.json").write_text(json.dumps(token))
    monkeypatch.setenv("AWS_PROFILE", "dev")

    with pytest.raises(Refused, match=r"has expired: run `aws sso login --profile dev`"):
        _read()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("eu-centrl-1", r"'eu-centrl-1' is no AWS region .*: did you mean 'eu-central-1'\?"),
        ("nowhere", r"'nowhere' is no AWS region that is known here: for one that is newer"),
        ("x.evil.example/", r"'x\.evil\.example/' is no AWS region"),
    ],
)
def test_region_that_is_none_is_refused(region: str, message: str) -> None:
    with pytest.raises(WrongArgument, match=message):
        _read(region)


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    "role",
    ["deployer", "arn:aws:sts::123456789012:assumed-role/deployer/ann", "arn:aws:iam::1:role/x"],
)
def test_role_that_is_none_is_refused(role: str) -> None:
    with pytest.raises(WrongArgument, match=r"--role-arn '.*' is no role: write arn:aws:iam::ACC"):
        _read(role_arn=role)


def test_cluster_that_cannot_be_is_refused() -> None:
    with pytest.raises(WrongName, match=r"name 'a b' is not allowed"):
        read_exec_credential(cluster="a b", region="eu-central-1")
