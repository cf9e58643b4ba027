from pathlib import Path

import pytest

from splitplane.controlplane.db import normal_url
from splitplane.controlplane.errors import StartError
from splitplane.controlplane.settings import load_settings


def test_arguments_beat_the_environment() -> None:
    environment = {"SPLITPLANE_SERVER_PORT": "1234", "SPLITPLANE_SERVER_HOST": "0.0.0.0"}

    settings = load_settings(environment, port=4321, host=None)

    assert (settings.port, settings.host) == (4321, "0.0.0.0")


def test_the_defaults_listen_on_loopback_with_an_embedded_database() -> None:
    settings = load_settings({})

    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8470, None)
    assert settings.url == "http://127.0.0.1:8470"
    assert settings.roles == {"api", "hub", "worker"}


def test_roles_are_a_list_with_commas() -> None:
    assert load_settings({"SPLITPLANE_SERVER_ROLES": "api,hub"}).roles == {"api", "hub"}


def test_the_database_has_its_usual_variable() -> None:
    settings = load_settings({"DATABASE_URL": "postgresql://db/x"})

    assert settings.database_url == "postgresql://db/x"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SPLITPLANE_SERVER_PROT": "1"}, "unknown setting 'prot'"),
        ({"SPLITPLANE_SERVER_PORT": "many"}, "setting 'port' is 'many'"),
        ({"SPLITPLANE_SERVER_PORT": "70000"}, "setting 'port' is '70000'"),
        ({"SPLITPLANE_SERVER_ROLES": "api,cook"}, "setting 'roles"),
        ({"SPLITPLANE_SERVER_TENANT": "Upper"}, "setting 'tenant' is 'Upper'"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(StartError, match=message):
        load_settings(environment)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("postgres://u:p@db/x", "postgresql+asyncpg://u:p@db/x"),
        ("postgresql://db/x?host=/run", "postgresql+asyncpg://db/x?host=%2Frun"),
        ("postgresql+asyncpg://db/x", "postgresql+asyncpg://db/x"),
    ],
)
def test_the_driver_is_named(url: str, normal: str) -> None:
    assert normal_url(url) == normal


@pytest.mark.parametrize("url", ["mysql://db/x", "not a url", "postgresql+psycopg://db/x"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(StartError, match="DATABASE_URL"):
        normal_url(url)


def test_state_lies_in_the_users_state_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert load_settings({}).state_dir == tmp_path / "splitplane"
