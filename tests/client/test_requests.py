from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx

from splitplane.contract.manifests import EnvironmentManifest


def test_names_are_one_encoded_path_segment(wire: Any, view: Any) -> None:
    wire.answers(httpx.Response(200, json=view))

    wire.client().get("application", "prod-eu:team1:ranker")

    path = wire.requests[0].url.raw_path.decode()
    assert path == "/api/v1/applications/prod-eu%3Ateam1%3Aranker"


def test_the_token_is_sent_as_bearer(wire: Any, view: Any) -> None:
    wire.answers(httpx.Response(200, json=view))

    wire.client().get("environment", "environment:dev")

    assert wire.requests[0].headers["authorization"] == "Bearer spl_pat_x"


def test_a_list_follows_its_cursors(wire: Any, view: Any) -> None:
    second = {**view, "name": "prod"}
    wire.answers(
        httpx.Response(200, json={"items": [view], "next_cursor": "c1"}),
        httpx.Response(200, json={"items": [second], "next_cursor": None}),
    )

    names = [item.name for item in wire.client().list("environments", name=None)]

    assert names == ["dev", "prod"]
    assert [str(request.url.params) for request in wire.requests] == [
        "limit=200",
        "limit=200&cursor=c1",
    ]


def test_an_update_may_be_bound_to_a_version(wire: Any, view: Any) -> None:
    wire.answers(httpx.Response(200, json=view))

    wire.client().update("environment", "environment:dev", EnvironmentManifest(name="dev"), '"7"')

    assert wire.requests[0].method == "PUT"
    assert wire.requests[0].headers["if-match"] == '"7"'


def test_a_token_is_rotated_with_its_overlap(wire: Any) -> None:
    answer = {"token": "spl_sa_x", "expires_at": "2030-01-01T00:00:00Z"}
    wire.answers(httpx.Response(201, json=answer))

    rotated = wire.client().rotate_service_account_token("sa-token:ci:deploy", overlap_seconds=60)

    path = wire.requests[0].url.raw_path.decode()
    assert path == "/api/v1/service-account-tokens/sa-token%3Aci%3Adeploy/rotate"
    assert wire.requests[0].read() == b'{"overlap_seconds":60}'
    assert rotated.token == "spl_sa_x"


def test_a_deletion_may_be_forced(wire: Any) -> None:
    wire.answers(httpx.Response(204), httpx.Response(204))

    wire.client().delete("application", "prod-eu:team1:ranker")
    wire.client().delete("application", "prod-eu:team1:ranker", force=True)

    assert [str(request.url.params) for request in wire.requests] == ["", "force=true"]


def test_the_package_imports_neither_httpx_nor_pydantic_until_it_is_used() -> None:
    code = "import sys, splitplane.client; print({'httpx', 'pydantic'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
