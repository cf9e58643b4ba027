"""The agent outside its pod signs in with a short-lived token of its service account."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest
import yaml

from splitplane.agent.kube import load_access
from splitplane.stacks.demo.account import AgentAccount
from splitplane.stacks.demo.cluster_view import ClusterView


class Tokens:
    """Gives numbered tokens, each good for `seconds`; says when the third is asked for."""

    server = "http://127.0.0.1:1"
    authority_data = None

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.given = 0
        self.third = threading.Event()

    def service_account_token(self, *_: object) -> tuple[str, datetime]:
        self.given += 1
        if self.given == 3:
            self.third.set()
        return f"token-{self.given}", datetime.now(UTC) + timedelta(seconds=self.seconds)


def test_kubeconfig_leads_to_the_newest_token(tmp_path: Path) -> None:
    account = AgentAccount(cast("ClusterView", Tokens(seconds=3600)), tmp_path)

    account.start()
    bearer = load_access(account.kubeconfig, None).bearer()
    account.stop()

    assert bearer == "token-1"
    assert yaml.safe_load(account.kubeconfig.read_text())["users"][0]["user"] == {
        "tokenFile": "agent.token"
    }


def test_token_is_renewed_at_half_its_time_and_gone_at_the_end(tmp_path: Path) -> None:
    tokens = Tokens(seconds=0.02)
    account = AgentAccount(cast("ClusterView", tokens), tmp_path)

    account.start()
    is_renewed = tokens.third.wait(timeout=10)
    account.stop()

    assert is_renewed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agent.kubeconfig"]


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    account = AgentAccount(cast("ClusterView", Tokens(seconds=3600)), tmp_path)

    account.start()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    account.stop()

    assert modes == {"agent.kubeconfig": "0o600", "agent.token": "0o600"}


def test_without_the_installed_account_the_start_fails(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, request=request)

    kubeconfig = tmp_path / "person"
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
                "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
                "users": [{"name": "c", "user": {"token": "t"}}],
            }
        )
    )
    view = ClusterView(kubeconfig)
    view.close()
    view._http = httpx.Client(base_url=view.server, transport=httpx.MockTransport(refuse))  # pyright: ignore[reportPrivateUsage]

    with pytest.raises(httpx.HTTPStatusError, match="404"):
        AgentAccount(view, tmp_path).start()
    view.close()
