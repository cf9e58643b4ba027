"""The installed agent's service account as a kubeconfig, for an agent that runs outside its pod."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import yaml

from splitplane.contract.agent_manifests import AGENT_NAMESPACE
from splitplane.contract.agent_rbac import NAME
from splitplane.stacks.demo.cluster_view import ClusterView

_TOKEN_SECONDS: Final = 12 * 3600
"""Asked for; a cluster may give less (EKS at most a day), and half of what it gave is waited."""
_RETRY_SECONDS: Final = 30.0


class AgentAccount:
    """A kubeconfig whose token is renewed until `stop`; it has just the rights of the agent."""

    def __init__(self, cluster: ClusterView, folder: Path) -> None:
        """Knows where; nothing is written yet."""
        self.kubeconfig: Final = folder / "agent.kubeconfig"
        self._token: Final = folder / "agent.token"
        self._cluster = cluster
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """The kubeconfig is there, and its token is renewed from now on.

        Raises:
            httpx.HTTPError: the cluster gives no token; the account has to be installed first.
        """
        renew_after_seconds = self._renew()
        _write(self.kubeconfig, yaml.safe_dump(self._document()))
        self._thread = threading.Thread(
            target=self._keep_fresh, args=(renew_after_seconds,), name="agent-token", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """The token is not renewed any more and its file is gone; safe to call twice."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._token.unlink(missing_ok=True)

    def _keep_fresh(self, renew_after_seconds: float) -> None:
        while not self._stopped.wait(renew_after_seconds):
            try:
                renew_after_seconds = self._renew()
            except httpx.HTTPError:  # the old token is good for as long again
                renew_after_seconds = _RETRY_SECONDS

    def _renew(self) -> float:
        token, expires = self._cluster.service_account_token(AGENT_NAMESPACE, NAME, _TOKEN_SECONDS)
        _write(self._token, token)
        return (expires - datetime.now(expires.tzinfo)).total_seconds() / 2

    def _document(self) -> dict[str, object]:
        cluster = {"server": self._cluster.server}
        if self._cluster.authority_data is not None:
            cluster["certificate-authority-data"] = self._cluster.authority_data
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": NAME,
            "clusters": [{"name": NAME, "cluster": cluster}],
            "users": [{"name": NAME, "user": {"tokenFile": self._token.name}}],
            "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME}}],
        }


def _write(path: Path, text: str) -> None:
    """All of it or nothing, readable by its owner only: the agent may read at any time."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
