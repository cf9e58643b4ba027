from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from splitplane.components import ClusterUnreachable, WrongArgument
from splitplane.components.attached.access import read_kubeconfig
from splitplane.components.attached.decide import CLUSTER_RIGHTS
from splitplane.components.attached.probe import read_report


def _kubeconfig(user: dict[str, Any], **cluster: Any) -> str:
    return yaml.safe_dump(
        {
            "current-context": "one",
            "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"} | cluster}],
            "users": [{"name": "u", "user": user}],
        }
    )


def test_the_current_context_is_used() -> None:
    access = read_kubeconfig(_kubeconfig({"token": "t"}))

    assert (access.context, access.server) == ("one", "http://127.0.0.1:9")
    with access.open_client() as client:
        assert client.headers["authorization"] == "Bearer t"


def test_a_token_file_is_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    access = read_kubeconfig(_kubeconfig({"tokenFile": "token"}), folder=tmp_path)

    with access.open_client() as client:
        assert client.headers["authorization"] == "Bearer from-file"


def test_a_sign_in_program_gives_the_token() -> None:
    script = 'print(\'{"status": {"token": "from-plugin"}}\')'
    access = read_kubeconfig(
        _kubeconfig({"exec": {"command": sys.executable, "args": ["-c", script]}})
    )

    with access.open_client() as client:
        assert client.headers["authorization"] == "Bearer from-plugin"


def test_a_failing_sign_in_program_is_named() -> None:
    access = read_kubeconfig(_kubeconfig({"exec": {"command": "no-such-program"}}))

    with pytest.raises(ClusterUnreachable, match="sign-in program 'no-such-program'"):
        access.open_client()


@pytest.mark.parametrize(
    ("text", "context", "message"),
    [
        ("just text", None, "kubeconfig is not the text of a kubeconfig"),
        ("a: [", None, "kubeconfig is not the text of a kubeconfig"),
        (_kubeconfig({}), "two", "context 'two' is not in the kubeconfig, which has 'one'"),
        (_kubeconfig({}, server=""), None, "names cluster 'c', which has no server"),
    ],
)
def test_a_wrong_kubeconfig_is_refused(text: str, context: str | None, message: str) -> None:
    with pytest.raises(WrongArgument) as caught:
        read_kubeconfig(text, context)

    assert message in str(caught.value)


def test_a_cluster_that_does_not_answer_is_named(unused_tcp_port: int) -> None:
    text = _kubeconfig({}, server=f"http://127.0.0.1:{unused_tcp_port}")

    with pytest.raises(ClusterUnreachable, match="of context 'one' did not answer"):
        read_report(read_kubeconfig(text), CLUSTER_RIGHTS)


@pytest.mark.needs_tools
def test_a_real_cluster_is_reported(local_cluster: Any) -> None:
    access = read_kubeconfig(local_cluster.kubeconfig.read_text())

    report = read_report(access, CLUSTER_RIGHTS, ["default", "no-such-namespace"])

    assert report.minor == (1, 36)
    assert report.distribution == "vanilla"
    assert report.missing == frozenset()
    assert report.missing_namespaces == ("no-such-namespace",)
    assert report.custom_kinds == frozenset()
    assert len(report.cluster_uid) == 36


@pytest.mark.needs_tools
def test_a_user_without_rights_is_told_which_are_missing(local_cluster: Any) -> None:
    with local_cluster.open_client() as client:
        token = _viewer_token(client)
    data = yaml.safe_load(local_cluster.kubeconfig.read_text())
    data["users"][0]["user"] = {"token": token}

    report = read_report(read_kubeconfig(yaml.safe_dump(data)), CLUSTER_RIGHTS)

    assert report.missing == CLUSTER_RIGHTS
    assert report.custom_kinds is None
    assert report.cluster_uid == ""


def _viewer_token(client: httpx.Client) -> str:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = client.post(path, json=body).raise_for_status().json()
    return str(answer["status"]["token"])
