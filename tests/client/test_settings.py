from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from splitplane.client import ClientSettings, NotConfigured, load_settings
from splitplane.client.settings import read_login, write_login


def test_arguments_beat_environment_beats_login(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    write_login(ClientSettings("https://stored.example.com", "stored"), path)
    environ = {"SPLITPLANE_ENDPOINT": "https://env.example.com", "SPLITPLANE_TOKEN": "env"}

    stored = load_settings(environ={}, path=path)
    from_environ = load_settings(environ=environ, path=path)
    given = load_settings(endpoint="https://arg.example.com/", environ=environ, path=path)

    assert (stored.endpoint, stored.token) == ("https://stored.example.com", "stored")
    assert (from_environ.endpoint, from_environ.token) == ("https://env.example.com", "env")
    assert (given.endpoint, given.token) == ("https://arg.example.com", "env")


def test_a_stored_token_is_not_sent_to_another_endpoint(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    write_login(ClientSettings("https://stored.example.com", "stored"), path)

    settings = load_settings(endpoint="https://other.example.com", environ={}, path=path)

    assert settings.token is None


def test_the_login_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "splitplane" / "credentials.json"

    write_login(ClientSettings("https://cp.example.com", "secret"), path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert "secret" not in repr(load_settings(environ={}, path=path))


def test_a_login_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    write_login(ClientSettings("https://cp.example.com", "secret"), path)
    path.chmod(0o644)

    with pytest.raises(NotConfigured, match="has mode 0644: others can read the token"):
        load_settings(environ={}, path=path)


def test_without_anything_it_says_how_to_sign_in(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="run `splitplane login URL`"):
        load_settings(environ={}, path=tmp_path / "none.json")


@pytest.mark.parametrize(
    "endpoint",
    [
        "cp.example.com",
        "ftp://cp.example.com",
        "https://",
        "https://u:p@cp.example.com",
        "http://a:x",
    ],
)
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="is not the address of a control plane"):
        load_settings(endpoint=endpoint, token="t", environ={}, path=tmp_path / "none.json")


def test_a_login_file_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text('{"endpoint": "https://cp.example.com", "tokn": "x"}')
    path.chmod(0o600)

    with pytest.raises(NotConfigured, match="unknown or wrong field 'tokn'"):
        load_settings(environ={}, path=path)


@pytest.mark.parametrize(
    ("arguments", "variables", "stored", "expected"),
    [
        pytest.param({}, {}, {}, (30.0, 4), id="defaults"),
        pytest.param({}, {}, {"timeout_seconds": 7, "retries": 0}, (7.0, 0), id="login file"),
        pytest.param(
            {},
            {"SPLITPLANE_TIMEOUT_SECONDS": "2.5", "SPLITPLANE_RETRIES": "9"},
            {"timeout_seconds": 7, "retries": 0},
            (2.5, 9),
            id="environment",
        ),
        pytest.param(
            {"timeout_seconds": 1, "retries": 0},
            {"SPLITPLANE_TIMEOUT_SECONDS": "2.5", "SPLITPLANE_RETRIES": "9"},
            {"timeout_seconds": 7, "retries": 3},
            (1.0, 0),
            id="arguments",
        ),
    ],
)
def test_numbers_come_from_arguments_then_environment_then_the_login_file(
    tmp_path: Path,
    arguments: dict[str, Any],
    variables: dict[str, str],
    stored: dict[str, Any],
    expected: tuple[float, int],
) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({"endpoint": "https://cp.example.com", "token": "x", **stored}))
    path.chmod(0o600)

    found = load_settings(**arguments, environ=variables, path=path)

    assert (found.timeout_seconds, found.retries) == expected


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SPLITPLANE_TIMEOUT_SECONDS", "soon", "timeout 'soon' is not a number of seconds"),
        ("SPLITPLANE_TIMEOUT_SECONDS", "0", "above 0 and at most 600"),
        ("SPLITPLANE_TIMEOUT_SECONDS", "nan", "timeout 'nan'"),
        ("SPLITPLANE_RETRIES", "21", "retries '21' is not a whole number from 0 to 20"),
        ("SPLITPLANE_RETRIES", "1.5", "retries '1.5'"),
    ],
)
def test_a_number_out_of_its_range_is_refused(
    tmp_path: Path, variable: str, value: str, message: str
) -> None:
    variables = {
        "SPLITPLANE_ENDPOINT": "https://cp.example.com",
        "SPLITPLANE_TOKEN": "x",
        variable: value,
    }

    with pytest.raises(NotConfigured, match=message):
        load_settings(environ=variables, path=tmp_path / "none")


def test_a_login_keeps_numbers_that_are_no_defaults(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"

    write_login(ClientSettings("https://cp.example.com", "x", None, 12.5, 0), path)

    assert read_login(path) == ClientSettings("https://cp.example.com", "x", None, 12.5, 0)
