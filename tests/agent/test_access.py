"""Kubeconfigs are read strictly, and what is not supported is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from splitplane.agent.errors import UserError
from splitplane.agent.kube.access import in_cluster_access, load_access


def write(
    path: Path, *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None
) -> Path:
    document = {
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster or {"server": "https://127.0.0.1:6443/"}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }
    file = path / "kubeconfig"
    file.write_text(yaml.safe_dump(document))
    return file


def test_token_and_server_are_read(tmp_path: Path) -> None:
    access = load_access(write(tmp_path), None)

    assert (access.server, access.bearer()) == ("https://127.0.0.1:6443", "t")


def test_token_file_is_read_each_time(tmp_path: Path) -> None:
    access = load_access(write(tmp_path, user={"tokenFile": "token"}), "one")

    (tmp_path / "token").write_text("first\n")
    assert access.bearer() == "first"
    (tmp_path / "token").write_text("second\n")
    assert access.bearer() == "second"


@pytest.mark.parametrize(
    ("cluster", "user", "message"),
    [
        (None, {"exec": {"command": "aws"}}, "signs in by 'exec', which the agent does not run"),
        ({"server": "127.0.0.1"}, None, "is not an http or https URL"),
        (
            {"server": "https://x", "insecure-skip-tls-verify": True},
            None,
            "the agent always verifies",
        ),
        (
            {"server": "https://x", "certificate-authority": "none.crt"},
            None,
            r"'none\.crt' of the kubeconfig cannot be read",
        ),
        (
            {"server": "https://x", "certificate-authority-data": "!"},
            None,
            "certificate-authority-data of the kubeconfig is not base64",
        ),
    ],
)
def test_what_is_not_supported_is_named(
    tmp_path: Path, cluster: dict[str, Any] | None, user: dict[str, Any] | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        load_access(write(tmp_path, cluster=cluster, user=user), None)


def test_unknown_context_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no context 'two'; it has 'one'"):
        load_access(write(tmp_path), "two")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        load_access(tmp_path / "none", None)


def test_outside_of_a_pod_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="give --kubeconfig or set SPLITPLANE_AGENT_KUBECONFIG"):
        in_cluster_access({}, tmp_path)
