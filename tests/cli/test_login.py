from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from splitplane.client import client as client_module


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Answers sign-in and whoami in place of a server."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/api/v1/sign-in":
            body = {
                "token": "spl_pat_new",
                "subject": "user:ann@example.com",
                "tenant": "default",
                "expires_at": "2030-01-01T00:00:00Z",
            }
            return httpx.Response(200, json=body)
        who = {"subject": "user:ann@example.com", "tenant": "default", "tenant_roles": ["admin"]}
        return httpx.Response(200, json=who)

    original = client_module.Transport

    def build(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **(kwargs | {"wire": httpx.MockTransport(handle)}))

    monkeypatch.setattr(client_module, "Transport", build)
    return seen


def test_a_code_is_traded_for_a_stored_token(
    run: Any, transport: list[httpx.Request], tmp_path: Path
) -> None:
    outcome = run("login", "https://cp.example.com/", "--code", "AAAA-BBBB")

    path = tmp_path / "config" / "splitplane" / "credentials.json"
    assert outcome.code == 0
    assert outcome.out == (
        "signed in at https://cp.example.com as user:ann@example.com (tenant default); "
        f"token kept in {path}\n"
    )
    assert json.loads(path.read_text()) == {
        "endpoint": "https://cp.example.com",
        "token": "spl_pat_new",
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_token_from_standard_input_is_verified(
    run: Any, transport: list[httpx.Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("spl_pat_given\n"))

    assert run("login", "https://cp.example.com", "--token-stdin").code == 0
    assert transport[-1].headers["authorization"] == "Bearer spl_pat_given"


def test_without_a_terminal_a_code_must_be_given(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    outcome = run("login", "https://cp.example.com")

    assert outcome.code == 2
    assert outcome.err == "error: a one-time code is needed: --code CODE, or --token-stdin\n"
