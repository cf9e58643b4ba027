from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

DEV = {"type": "environment", "name": "dev", "is_production": False, "display_name": None}


def test_a_table_has_plain_columns_when_it_is_piped(
    run: Any, control_plane: Any, view: Any
) -> None:
    items = [view("environment", "environment:dev", DEV)]
    control_plane.answers("GET /api/v1/environments", httpx.Response(200, json={"items": items}))

    outcome = run("get", "environments")

    header, row = outcome.out.splitlines()
    assert header.split() == ["NAME", "STATUS", "IS", "PRODUCTION", "OPTIMIZE", "FOR", "AGE"]
    assert row.split()[:3] == ["environment:dev", "ready", "no"]


def test_json_is_the_whole_answer(run: Any, control_plane: Any, view: Any) -> None:
    answer = httpx.Response(200, json=view("environment", "environment:dev", DEV))
    control_plane.answers("GET /api/v1/environments/environment%3Adev", answer)

    assert json.loads(run("get", "environment", "dev", "-o", "json").out)["etag"] == "1"


def test_yaml_can_be_applied_again(run: Any, control_plane: Any, view: Any) -> None:
    answer = httpx.Response(200, json=view("environment", "environment:dev", DEV))
    control_plane.answers("GET /api/v1/environments/environment%3Adev", answer)

    outcome = run("get", "environment", "dev", "-o", "yaml")

    assert outcome.out == "type: environment\nname: dev\nis_production: false\n"


def test_filters_reach_the_server(run: Any, control_plane: Any) -> None:
    control_plane.answers("GET /api/v1/applications", httpx.Response(200, json={"items": []}))

    outcome = run("get", "services", "--workspace", "eu:team1")

    assert outcome.err == "no applications\n"
    assert control_plane.requests[0].url.params["workspace"] == "eu:team1"


def test_a_name_of_another_kind_is_refused(run: Any) -> None:
    outcome = run("get", "application", "eu:team1")

    assert outcome.code == 2
    assert outcome.err == (
        "error: 'eu:team1' names a workspace, application was asked for; "
        "write CLUSTER:WORKSPACE:APPLICATION\n"
    )


def test_a_set_is_deleted_from_the_inside_out(
    run: Any, control_plane: Any, tmp_path: Path, problem: Any
) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(
        "type: environment\nname: qa\n---\n"
        "type: cluster\nname: eu\nenvironments: [qa]\n---\n"
        "type: workspace\nname: team1\ncluster: eu\nenvironment: qa\n---\n"
        "type: job\nname: train\nworkspace: eu:team1\nimage: a:1\n"
    )
    for name in ("applications/eu%3Ateam1%3Atrain", "workspaces/eu%3Ateam1", "clusters/eu"):
        control_plane.answers(f"DELETE /api/v1/{name}", httpx.Response(204))
    control_plane.answers("DELETE /api/v1/environments/environment%3Aqa", problem(404, "not_found"))

    outcome = run("delete", "-f", str(path))

    assert outcome.out == (
        "application eu:team1:train deleted\n"
        "workspace eu:team1 deleted\n"
        "cluster eu deleted\n"
        "environment environment:qa was not there\n"
    )


def test_a_single_object_that_is_not_there_exits_with_4(
    run: Any, control_plane: Any, problem: Any
) -> None:
    control_plane.answers("DELETE /api/v1/clusters/eu", problem(404, "not_found"))

    assert run("delete", "cluster", "eu").code == 4


def test_an_application_is_deleted_by_force(run: Any, control_plane: Any) -> None:
    control_plane.answers("DELETE /api/v1/applications/eu%3Ateam1%3Aranker", httpx.Response(204))

    outcome = run("delete", "application", "eu:team1:ranker", "--force")

    assert (outcome.code, outcome.out) == (0, "application eu:team1:ranker deleted\n")
    assert control_plane.requests[0].url.params["force"] == "true"


def test_only_what_waits_for_an_agent_is_deleted_by_force(run: Any) -> None:
    outcome = run("delete", "cluster", "eu", "--force")

    assert outcome.code == 2
    assert "only one application or workspace" in outcome.err


def test_nested_facts_are_shown(run: Any, control_plane: Any, view: Any) -> None:
    store = {"store": {"kind": "vault"}}
    page = {"items": [view("secret-store", "secret-store:vault", store)], "next_cursor": None}
    control_plane.answers("GET /api/v1/secret-stores", httpx.Response(200, json=page))

    lines = run("get", "secret-stores").out.splitlines()

    assert lines[0].split("  ")[0] == "NAME"
    assert "STORE KIND" in lines[0]
    assert "vault" in lines[1].split()


@pytest.mark.parametrize(("status", "code"), [("available", 0), ("failed", 1)])
def test_watching_ends_when_the_object_settles(
    run: Any, control_plane: Any, view: Any, status: str, code: int
) -> None:
    condition = {
        "type": "Delivered",
        "status": "true",
        "reason": "Applied",
        "changed_at": "2025-01-01T00:00:00Z",
    }
    answer = view("application", "eu:team1:ranker", {}, status=status, conditions=[condition])
    control_plane.answers("GET /api/v1/resolve", httpx.Response(200, json=answer))
    control_plane.answers(
        f"GET /api/v1/applications/{answer['id']}", httpx.Response(200, json=answer)
    )

    outcome = run("status", "eu:team1:ranker", "--watch")

    assert outcome.code == code
    assert outcome.out == f"Delivered=true Applied\neu:team1:ranker is {status}\n"


def test_status_shows_the_pods(run: Any, control_plane: Any, view: Any) -> None:
    answer = view("application", "eu:team1:ranker", {}, status="available")
    pod = {
        "kind": "Pod",
        "namespace": "team1",
        "name": "ranker-1",
        "uid": "u",
        "resource_version": "1",
        "doc": {"phase": "Running", "ready": True},
        "updated_at": "2025-01-01T00:00:00Z",
    }
    control_plane.answers("GET /api/v1/resolve", httpx.Response(200, json=answer))
    control_plane.answers(
        f"GET /api/v1/applications/{answer['id']}", httpx.Response(200, json=answer)
    )
    control_plane.answers(
        f"GET /api/v1/applications/{answer['id']}/live-objects",
        httpx.Response(200, json={"items": [pod]}),
    )

    outcome = run("status", "eu:team1:ranker")

    assert "Pod   team1      ranker-1  Running" in outcome.out
