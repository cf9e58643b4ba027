from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from splitplane.cli.commands import doctor
from splitplane.client import client as client_module


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, httpx.Response]:
    """What the control plane answers, by path."""
    found: dict[str, httpx.Response] = {}
    original = client_module.Transport

    def build(*args: Any, **kwargs: Any) -> Any:
        wire = httpx.MockTransport(lambda request: found[request.url.path])
        return original(*args, **(kwargs | {"wire": wire}))

    monkeypatch.setattr(client_module, "Transport", build)
    monkeypatch.setenv("SPLITPLANE_ENDPOINT", "https://cp.example.com")
    return found


def _states(name: str) -> list[tuple[str, str]]:
    return [(f.state, f.message) for f in doctor.examine(None) if f.name == name]


def _info(version: str) -> httpx.Response:
    return httpx.Response(200, json={"version": version, "api_version": "v1"})


def test_a_machine_without_a_login_is_only_warned(run: Any) -> None:
    assert run("doctor").code == 0
    assert run("doctor", "--strict").code == 1


@pytest.mark.parametrize(
    ("version", "state"), [("0.3.0", "ok"), ("0.4.0", "warn"), ("1.0.0", "warn")]
)
def test_versions_may_be_two_minors_apart(
    answers: dict[str, httpx.Response], version: str, state: str
) -> None:
    answers["/api/v1/info"] = _info(version)

    assert _states("control plane")[0][0] == state


def test_a_missing_token_is_a_failure(answers: dict[str, httpx.Response], run: Any) -> None:
    answers["/api/v1/info"] = _info("0.1.0")

    assert _states("token") == [
        (
            "fail",
            "none for https://cp.example.com; run `splitplane login https://cp.example.com`",
        )
    ]
    assert run("doctor").code == 1


def test_a_refused_token_is_a_failure(
    answers: dict[str, httpx.Response], problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLITPLANE_TOKEN", "spl_pat_old")
    answers["/api/v1/info"] = _info("0.1.0")
    answers["/api/v1/whoami"] = problem(401, "unauthenticated")

    assert _states("token") == [("fail", "unauthenticated happened")]


def test_a_broken_kubeconfig_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text("contexts: [")
    monkeypatch.setenv("KUBECONFIG", str(path))

    (finding,) = _states("kubeconfig")
    assert finding[0] == "fail"
    assert f"{path} cannot be read" in finding[1]
