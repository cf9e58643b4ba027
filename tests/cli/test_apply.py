from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

SERVICE = "type: service\nname: ranker\nworkspace: eu:team1\nimage: a:1\nreplicas: 2\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "ranker.yaml"
    path.write_text(SERVICE)
    return str(path)


def _answer(*results: dict[str, Any], dry_run: bool = False) -> httpx.Response:
    rows = [{"index": index, **result} for index, result in enumerate(results)]
    return httpx.Response(200, json={"dry_run": dry_run, "applied": not dry_run, "results": rows})


def test_changed_fields_are_listed(run: Any, control_plane: Any, file: str) -> None:
    control_plane.answers(
        "POST /api/v1/apply",
        _answer(
            {
                "fqn": "eu:team1:ranker",
                "kind": "application",
                "action": "updated",
                "changes": [
                    {"path": "replicas", "before": 1, "after": 2},
                    {"path": "env.A", "before": None, "after": "x"},
                ],
            }
        ),
    )

    outcome = run("apply", "-f", file)

    assert outcome.code == 0
    assert outcome.out == (
        "application eu:team1:ranker updated\n  replicas: 1 -> 2\n  env.A: (none) -> x\n"
    )
    assert control_plane.body()["manifests"][0]["replicas"] == 2


def test_a_dry_run_says_that_nothing_changed(run: Any, control_plane: Any, file: str) -> None:
    result = {"fqn": "eu:team1:ranker", "kind": "application", "action": "created"}
    control_plane.answers("POST /api/v1/apply", _answer(result, dry_run=True))

    outcome = run("apply", "-f", file, "--dry-run")

    assert outcome.out == ("application eu:team1:ranker created\ndry run: nothing was changed\n")
    assert control_plane.body()["dry_run"] is True


def test_a_wrong_field_is_named_with_its_line(run: Any, control_plane: Any, file: str) -> None:
    control_plane.answers(
        "POST /api/v1/apply",
        _answer(
            {
                "kind": "application",
                "fqn": "eu:team1:ranker",
                "action": "invalid",
                "problem": {
                    "title": "Invalid input",
                    "status": 422,
                    "detail": "the manifest has 1 wrong field",
                    "code": "invalid_input",
                    "errors": [
                        {
                            "field": "replicas",
                            "value": 2,
                            "message": "is too many",
                            "allowed": "at most 1",
                        }
                    ],
                },
            }
        ),
    )

    outcome = run("apply", "-f", file)

    assert outcome.code == 2
    assert f"  {file}:5: replicas: is too many (got 2); allowed: at most 1\n" in outcome.err
    assert "nothing was changed: every manifest must be accepted" in outcome.err


def test_a_missing_right_exits_with_3(run: Any, control_plane: Any, file: str) -> None:
    permission = {"verb": "application:create", "allowed": False, "reason": "no role grants it"}
    control_plane.answers(
        "POST /api/v1/apply", _answer({"action": "denied", "permission": permission})
    )

    outcome = run("apply", "-f", file)

    assert outcome.code == 3
    assert "  application:create: no role grants it\n" in outcome.err


@pytest.mark.parametrize(
    ("observed", "line"),
    [
        ({"token": "spl_sa_x", "last4": "xxxx"}, "  token, shown only now: spl_sa_x\n"),
        ({"join_token": "spl_join_x"}, "  join token, shown only now: spl_join_x\n"),
        ({"last4": "xxxx"}, ""),
    ],
    ids=["token", "join-token", "nothing-new"],
)
def test_a_secret_that_is_shown_once_is_printed(
    run: Any, control_plane: Any, file: str, observed: dict[str, str], line: str
) -> None:
    made = {
        "id": "01a1ff10-98cb-717a-8152-307961c281bc",
        "fqn": "sa-token:ci:deploy",
        "kind": "service-account-token",
        "name": "deploy",
        "manifest": {},
        "status": "ready",
        "conditions": [],
        "observed": observed,
        "etag": "1",
        "created_at": "2026-11-21T00:00:00Z",
        "updated_at": "2026-11-21T00:00:00Z",
        "created_by": "user:ann@example.com",
    }
    result = {
        "fqn": "sa-token:ci:deploy",
        "kind": "service-account-token",
        "action": "created",
        "object": made,
    }
    control_plane.answers("POST /api/v1/apply", _answer(result))

    outcome = run("apply", "-f", file)

    assert outcome.out == f"service-account-token sa-token:ci:deploy created\n{line}"
