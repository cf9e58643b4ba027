"""Settings come from arguments and the environment, and wrong ones are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from splitplane.agent.errors import UserError
from splitplane.agent.settings import load_settings

HUB = {"SPLITPLANE_AGENT_HUB_URL": "https://hub.example.com"}


def test_lists_are_separated_by_commas() -> None:
    settings = load_settings(HUB | {"SPLITPLANE_AGENT_ALLOWED_NAMESPACES": "team1, team2,"})

    assert settings.allowed_namespaces == ("team1", "team2")


def test_arguments_beat_the_environment_and_none_leaves_it() -> None:
    settings = load_settings(
        HUB | {"SPLITPLANE_AGENT_NAMESPACE": "one", "SPLITPLANE_AGENT_MAX_DELETES": "7"},
        {"namespace": "two", "max_deletes": None},
    )

    assert (settings.namespace, settings.max_deletes) == ("two", 7)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, r"hub_url: field required \(set SPLITPLANE_AGENT_HUB_URL\)"),
        (HUB | {"SPLITPLANE_AGENT_HUB_ULR": "x"}, "SPLITPLANE_AGENT_HUB_ULR is not a setting"),
        ({"SPLITPLANE_AGENT_HUB_URL": "http://hub.example.com"}, "is not encrypted; use https"),
        ({"SPLITPLANE_AGENT_HUB_URL": "hub.example.com"}, "is not a url"),
        ({"SPLITPLANE_AGENT_HUB_URL": "https://u:p@h.example.com"}, "leave the rest out"),
        (HUB | {"SPLITPLANE_AGENT_VERBS": "exec"}, "verbs.0 'exec'"),
        (HUB | {"SPLITPLANE_AGENT_MAX_DELETES": "-1"}, "max_deletes '-1'"),
        (HUB | {"SPLITPLANE_AGENT_NAMESPACE": "No"}, "namespace 'No'"),
    ],
)
def test_wrong_setting_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=f"(?i){message}"):
        load_settings(environment)


@pytest.mark.parametrize("host", ["127.0.0.1:8470", "localhost:8470", "[::1]:8470"])
def test_plain_http_is_for_loopback(host: str) -> None:
    assert load_settings({}, {"hub_url": f"http://{host}/"}).hub_url == f"http://{host}"


def test_token_is_never_shown() -> None:
    settings = load_settings(HUB, {"join_token": "spl_join_secret"})

    assert "spl_join_secret" not in repr(settings)


def test_token_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("spl_join_x\n")

    assert load_settings(HUB, {"join_token_file": tmp_path / "token"}).read_join_token() == (
        "spl_join_x"
    )
    missing = load_settings(HUB, {"join_token_file": tmp_path / "none"})
    with pytest.raises(UserError, match="No such file"):
        missing.read_join_token()
