"""What counts as a secret in a plain input; the rule as a table."""

from __future__ import annotations

import base64
import json

import pytest

from splitplane.controlplane.identity.secrets import JOIN, PERSONAL, SERVICE_ACCOUNT, new_secret
from splitplane_policy.errors import SettingsError
from splitplane_policy.model import UNKNOWN, Resource, SecretText, Value
from splitplane_policy.plain_secrets import SecretSettings, check


def part(document: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


TOKEN = new_secret(PERSONAL)
AWS_KEY = "AKIA" + "QYLPMN5HFIQR7XYA"
PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"
WEB_TOKEN = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': 'ann'})}.{'c2lnbmF0dXJl' * 3}"


def problems(inputs: dict[str, Value], settings: SecretSettings | None = None) -> list[str]:
    resource = Resource("splitplane:index:Application", "urn:it", inputs)
    return [violation.message for violation in check(resource, settings or SecretSettings())]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param(TOKEN, "a token of the control plane", id="personal token"),
        pytest.param(new_secret(SERVICE_ACCOUNT), "a token of the control plane", id="account"),
        pytest.param(new_secret(JOIN), "a token of the control plane", id="join token"),
        pytest.param(f"Bearer {TOKEN}", "a token of the control plane", id="inside a header"),
        pytest.param(AWS_KEY, "an access key of AWS", id="AWS key"),
        pytest.param("ASIA" + "QYLPMN5HFIQR7XYA", "an access key of AWS", id="temporary AWS key"),
        pytest.param(PRIVATE_KEY, "a private key", id="RSA key"),
        pytest.param("-----BEGIN PRIVATE KEY-----", "a private key", id="PKCS 8 key"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key", id="OpenSSH key"),
        pytest.param(WEB_TOKEN, "a signed web token (JWT)", id="JWT"),
        pytest.param(json.dumps({"key": PRIVATE_KEY}), "a private key", id="inside JSON"),
    ],
)
def test_a_secret_is_found_and_never_repeated(text: str, name: str) -> None:
    (message,) = problems({"service": {"env": [{"plain": "x"}, {"API_KEY": text}]}})

    assert message.startswith(f"service.env[1].API_KEY holds {name} and is not secret; ")
    assert text not in message


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(SecretText(TOKEN), id="marked as secret"),
        pytest.param({"deep": [SecretText(PRIVATE_KEY)]}, id="marked, deep inside"),
        pytest.param(UNKNOWN, id="not known yet"),
        pytest.param(TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"), id="wrong checksum"),
        pytest.param("spl_pat_example", id="too short for a token"),
        pytest.param("-----BEGIN CERTIFICATE-----", id="certificate"),
        pytest.param("-----BEGIN PUBLIC KEY-----", id="public key"),
        pytest.param("AKIAshort", id="too short for an AWS key"),
        pytest.param(f"X{AWS_KEY}X", id="part of a longer word"),
        pytest.param(f"eyJub3RqdGhlYWRlcg.eyJ4.{'x' * 20}", id="three parts, no header"),
        pytest.param(7.0, id="number"),
        pytest.param(None, id="nothing"),
    ],
)
def test_what_is_no_plain_secret_passes(value: Value) -> None:
    assert problems({"env": {"API_KEY": value}}) == []


def test_each_input_is_reported_once() -> None:
    assert len(problems({"a": f"{TOKEN} {AWS_KEY}", "b": TOKEN})) == 2


def test_further_patterns_are_a_setting() -> None:
    settings = SecretSettings(patterns={"a key of the shop": r"shop-\d{4}"})

    (message,) = problems({"args": ["shop-1234"]}, settings)

    assert message.startswith("args[0] holds a key of the shop and is not secret; ")


def test_a_pattern_that_is_none_is_refused() -> None:
    settings = SecretSettings(patterns={"x": "("})

    with pytest.raises(SettingsError, match=r"patterns\.x is '\(', which is not a regular"):
        problems({"args": ["a"]}, settings)


def test_ignored_types_are_a_setting() -> None:
    settings = SecretSettings(ignored_types=("splitplane:index:Application",))

    assert problems({"a": TOKEN}, settings) == []
