from __future__ import annotations

from pathlib import Path

import pytest

from splitplane.client import ClientSettings, NotConfigured, load_settings
from splitplane.client.settings import write_login


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
