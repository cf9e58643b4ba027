"""Client and command line against a real control plane: what the mocks assume, holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from control_plane import ControlPlane, running_control_plane

from splitplane.client import AlreadyExists, Client, Conflict, InvalidInput, NotFound, Refused

MANIFESTS = """
type: environment
name: qa
---
type: cluster
name: eu
environments: [qa]
---
type: workspace
name: team1
cluster: eu
environment: qa
---
type: service
name: ranker
workspace: eu:team1
image: registry.example.com/ranker:1
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ControlPlane]:
    with running_control_plane() as found:
        yield found


@pytest.fixture(autouse=True)
def signed_in(server: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPLITPLANE_ENDPOINT", server.endpoint)
    monkeypatch.setenv("SPLITPLANE_TOKEN", server.token)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "all.yaml"
    path.write_text(MANIFESTS)
    return str(path)


def test_manifests_live_from_apply_to_delete(run: Any, file: str, tmp_path: Path) -> None:
    assert "dry run: nothing was changed" in run("apply", "-f", file, "--dry-run").out
    assert run("get", "workspaces").err == "no workspaces\n"

    created = run("apply", "-f", file)
    again = run("apply", "-f", file)
    shown = run("get", "application", "eu:team1:ranker", "-o", "json")
    status = run("status", "eu:team1:ranker")
    exported = run("get", "application", "eu:team1:ranker", "-o", "yaml")

    assert re.sub(r"spl_join_\w+", "TOKEN", created.out) == (
        "environment environment:qa created\n"
        "cluster eu created\n"
        "  join token, shown only now: TOKEN\n"
        "workspace eu:team1 created\n"
        "application eu:team1:ranker created\n"
    )
    assert again.out.count(" unchanged\n") == 4
    assert "spl_join_" not in again.out + shown.out + exported.out
    assert json.loads(shown.out)["manifest"]["image"] == "registry.example.com/ranker:1"
    assert status.out.startswith("application eu:team1:ranker: ")

    copy = tmp_path / "copy.yaml"
    copy.write_text(exported.out)
    assert run("apply", "-f", str(copy)).out == "application eu:team1:ranker unchanged\n"

    copy.write_text(exported.out.replace("ranker:1", "ranker:2"))
    assert run("apply", "-f", str(copy)).out == (
        "application eu:team1:ranker updated\n"
        "  image: registry.example.com/ranker:1 -> registry.example.com/ranker:2\n"
    )
    assert run("delete", "environment", "qa").code == 5
    assert run("delete", "-f", file).code == 0
    assert run("get", "clusters").err == "no clusters\n"


def test_a_wrong_field_is_found_by_its_line(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "qa.yaml"
    path.write_text("type: environment\nname: qa\ncolour: red\n")

    outcome = run("apply", "-f", str(path))

    assert outcome.code == 2
    assert f"{path}:3: colour: unknown field 'colour'" in outcome.err
    assert "did you mean 'color'?" in outcome.err


def test_signing_in_with_a_code_works_once(
    run: Any, server: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = server.client.sign_in_code(server.client.whoami().subject)
    monkeypatch.delenv("SPLITPLANE_ENDPOINT")
    monkeypatch.delenv("SPLITPLANE_TOKEN")

    assert run("login", server.endpoint, "--code", code).code == 0
    assert run("get", "environments").code == 0
    assert run("login", server.endpoint, "--code", code).code == 3


def test_doctor_finds_the_control_plane(run: Any) -> None:
    outcome = run("doctor")

    assert "user:admin@splitplane.local in tenant default" in outcome.out


def test_errors_are_told_apart(server: ControlPlane) -> None:
    client = server.client
    client.create({"type": "environment", "name": "uat"})

    with pytest.raises(AlreadyExists):
        client.create({"type": "environment", "name": "uat"})
    with pytest.raises(NotFound):
        client.get("workspace", "eu:none")
    with pytest.raises(InvalidInput):
        client.create({"type": "environment", "name": "UAT"})
    with pytest.raises(Conflict):
        client.update(
            "environment", "environment:uat", {"type": "environment", "name": "uat"}, '"0"'
        )
    with Client(server.endpoint, "spl_pat_wrong") as stranger, pytest.raises(Refused):
        stranger.whoami()
    client.delete("environment", "environment:uat")


def test_lists_have_more_than_one_page(server: ControlPlane) -> None:
    client = server.client
    names = [f"page-{number}" for number in range(205)]
    for start in range(0, len(names), 100):
        client.apply([{"type": "environment", "name": name} for name in names[start : start + 100]])

    found = [item.name for item in client.list("environments")]

    assert set(names) <= set(found)
    assert len(found) == len(set(found))


def test_what_else_the_client_reads(server: ControlPlane) -> None:
    client = server.client
    client.apply(
        [
            {"type": "environment", "name": "it"},
            {"type": "cluster", "name": "us", "environments": ["it"], "delivery": "direct"},
            {"type": "workspace", "name": "team9", "cluster": "us", "environment": "it"},
            {"type": "job", "name": "train", "workspace": "us:team9", "image": "a:1"},
            {"type": "service-account", "name": "ci"},
        ]
    )

    token = client.create_token("pipeline", service_account="sa:ci")
    grant = client.create_grant("sa:ci", "viewer", "us:team9")

    assert client.rotate_join_token("us").token.startswith("spl_join_")
    assert client.session("us").is_connected is False
    assert list(client.commands("us")) == []
    assert [item.version for item in client.deployments("us:team9:train")] == [1]
    assert list(client.live_objects(application="us:team9:train")) == []
    assert list(client.live_objects(cluster="us", kind="Pod")) == []
    assert {"application.created"} <= {item.type for item in client.events(object="us:team9")}
    assert client.resolve("us:team9:train").kind == "application"
    assert grant.id in {item.id for item in client.grants(object="us:team9")}
    with Client(server.endpoint, token.token) as pipeline:
        assert pipeline.whoami().subject == "sa:ci"
    client.delete_grant(grant.id)
    client.revoke_token(token.id)
