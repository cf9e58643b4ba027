from typing import Any

import pytest
from api_harness import CLUSTER, ML_REPO, SERVICE, STORAGE, WORKSPACE, Api

Json = dict[str, Any]


async def refused(api: Api, method: str, path: str, body: Json | None = None) -> Json:
    answer = await api.admin.request(method, f"/api/v1/{path}", json=body)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: Json = answer.json()
    assert problem["status"] == answer.status_code
    return problem


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"replica": 2}, "replica", "did you mean 'replicas'?"),
        ({"replicas": "many"}, "replicas", None),
        ({"replicas": 501}, "replicas", None),
        ({"name": "Ranker"}, "name", None),
        ({"image": "no spaces allowed"}, "image", None),
        ({"workspace": "team1"}, "workspace", None),
        ({"workspace": "prod-eu:nowhere"}, "workspace", "make the workspace first"),
        ({"type": "servise"}, "type", "set type to service, job"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_wrong_fields_are_named(api: Api, change: Json, field: str, hint: str | None) -> None:
    await api.make("clusters", "workspaces")

    problem = await refused(api, "POST", "applications", SERVICE | change)

    assert (problem["status"], problem["code"]) == (422, "invalid_input")
    (error,) = problem["errors"]
    assert error["field"] == field
    assert error["message"]
    if hint is not None:
        assert error["hint"].startswith(hint)


async def test_all_wrong_fields_are_named_at_once(api: Api) -> None:
    problem = await refused(
        api, "POST", "clusters", {"name": "X", "environments": [], "delivery": "pigeon"}
    )

    assert sorted(error["field"] for error in problem["errors"]) == [
        "delivery",
        "environments",
        "name",
    ]


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"quota": {}}, "quota", "a quota needs at least one of cpu_millicores"),
        ({"quota": {"pods": -1}}, "quota.pods", "greater than or equal to 0"),
        (
            {"network_policy": {"egress_to": "workspace", "egress_cidrs": ["10.0.0.1/8"]}},
            "network_policy.egress_cidrs[0]",
            "did you mean 10.0.0.0/8",
        ),
        (
            {"network_policy": {"egress_namespaces": ["data"]}},
            "network_policy",
            "has no meaning while egress_to is 'anywhere'",
        ),
    ],
    ids=["empty-quota", "negative", "host-bits", "without-limit"],
)
async def test_bad_limits_of_a_workspace_are_named(
    api: Api, change: Json, field: str, message: str
) -> None:
    await api.make("clusters")

    problem = await refused(api, "POST", "workspaces", WORKSPACE | change)

    assert (problem["status"], problem["code"]) == (422, "invalid_input")
    (error,) = problem["errors"]
    assert error["field"] == field
    assert message in error["message"]


async def test_limits_of_a_workspace_without_an_agent_are_kept_and_it_is_ready(api: Api) -> None:
    await api.make("clusters")
    quota = {"cpu_millicores": 4000, "pods": 0}

    answer = await api.admin.post("/api/v1/workspaces", json=WORKSPACE | {"quota": quota})

    view = answer.json()
    assert answer.status_code == 201, view
    assert view["status"] == "ready"
    assert view["manifest"]["quota"] == {
        "cpu_millicores": 4000,
        "memory_mib": None,
        "gpu_count": None,
        "neuron_count": None,
        "storage_gib": None,
        "pods": 0,
    }


async def test_a_workspace_needs_an_environment_of_its_cluster(api: Api) -> None:
    await api.make("clusters")

    problem = await refused(api, "POST", "workspaces", WORKSPACE | {"environment": "staging"})

    (error,) = problem["errors"]
    assert (error["field"], error["value"]) == ("environment", "staging")
    assert error["allowed"] == "dev, prod"
    assert error["hint"] == "choose one of dev, prod, or add it to the cluster's environments"


async def test_an_unknown_environment_lists_the_known_ones(api: Api) -> None:
    problem = await refused(api, "POST", "clusters", CLUSTER | {"environments": ["dev", "moon"]})

    (error,) = problem["errors"]
    assert (error["field"], error["value"]) == ("environments[1]", "moon")
    assert error["allowed"] == "dev, prod, staging"


async def test_a_namespace_that_the_cluster_denies_is_refused(api: Api) -> None:
    await api.admin.post("/api/v1/clusters", json=CLUSTER | {"denied_namespaces": ["team1"]})

    problem = await refused(api, "POST", "workspaces", WORKSPACE)

    assert problem["errors"][0]["message"] == "cluster 'prod-eu' denies the namespace 'team1'"


async def test_a_cluster_keeps_the_namespaces_of_its_workspaces(api: Api) -> None:
    await api.make("clusters", "workspaces")

    problem = await refused(
        api, "PUT", "clusters/prod-eu", CLUSTER | {"allowed_namespaces": ["team2"]}
    )

    assert (problem["status"], problem["code"]) == (409, "in_use")


async def test_an_environment_in_use_stays(api: Api) -> None:
    await api.make("clusters", "workspaces")

    deleted = await refused(api, "DELETE", "environments/dev")
    removed = await refused(api, "PUT", "clusters/prod-eu", CLUSTER | {"environments": ["prod"]})

    assert (deleted["status"], deleted["code"]) == (409, "in_use")
    assert "prod-eu, prod-eu:team1" in deleted["detail"]
    assert (removed["status"], removed["code"]) == (409, "in_use")
    assert "prod-eu:team1 (dev)" in removed["detail"]


@pytest.mark.parametrize(
    ("plural", "ref", "user"),
    [
        ("clusters", "prod-eu", "prod-eu:team1"),
        ("workspaces", "prod-eu:team1", "prod-eu:team1:ranker"),
        ("storage-integrations", "local", "mlrepo:fraud"),
    ],
)
async def test_what_contains_something_stays(api: Api, plural: str, ref: str, user: str) -> None:
    await api.make("clusters", "workspaces", "applications", "storage-integrations", "ml-repos")

    problem = await refused(api, "DELETE", f"{plural}/{ref}")

    assert (problem["status"], problem["code"]) == (409, "in_use")
    assert user in problem["detail"]
    assert problem["hint"] == f"delete {user} first"


async def test_an_ml_repo_that_a_workspace_uses_stays(api: Api) -> None:
    await api.make("clusters", "storage-integrations", "ml-repos")
    await api.admin.post(
        "/api/v1/workspaces", json=WORKSPACE | {"ml_repos": [{"ml_repo": "fraud"}]}
    )

    problem = await refused(api, "DELETE", "ml-repos/fraud")

    assert problem["code"] == "in_use"
    assert "prod-eu:team1" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("workspaces/prod-eu:team1", WORKSPACE | {"name": "team2"}, "name"),
        ("workspaces/prod-eu:team1", WORKSPACE | {"cluster": "other"}, "cluster"),
        ("applications/prod-eu:team1:ranker", SERVICE | {"workspace": "prod-eu:x2"}, "workspace"),
        ("ml-repos/fraud", ML_REPO | {"storage_integration": "other"}, "storage_integration"),
        (
            "storage-integrations/local",
            STORAGE | {"storage": {"kind": "local", "path": "/other"}},
            "storage.path",
        ),
        ("clusters/prod-eu", CLUSTER | {"provider_kind": "eks"}, "provider_kind"),
    ],
    ids=["name", "workspace.cluster", "application.workspace", "ml-repo", "storage", "cluster"],
)
async def test_immutable_fields_stay(api: Api, path: str, body: Json, field: str) -> None:
    await api.make("clusters", "workspaces", "applications", "storage-integrations", "ml-repos")

    problem = await refused(api, "PUT", path, body)

    assert (problem["status"], problem["code"]) == (422, "immutable")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert "make a new" in problem["errors"][0]["hint"]


async def test_a_taken_name_is_refused(api: Api) -> None:
    await api.make("environments")

    problem = await refused(api, "POST", "environments", {"name": "qa"})

    assert (problem["status"], problem["code"]) == (409, "already_exists")
    assert problem["fqn"] == "environment:qa"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"{", "(body)"),
        (b"[]", "(body)"),
        (b'{"name": "qa", "display_name": "\\u0000"}', "(body)"),
        (b'{"name": "qa", "display_name": "\\ud800"}', "(body)"),
        (b'{"name": NaN}', "(body)"),
        (b"[" * 100_000, "(body)"),
        (b"", "(body)"),
    ],
    ids=["half", "list", "nul", "surrogate", "nan", "deep", "empty"],
)
async def test_a_body_that_is_no_manifest_is_refused(api: Api, content: bytes, field: str) -> None:
    answer = await api.admin.post("/api/v1/environments", content=content)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_body_above_the_limit_is_refused(api: Api) -> None:
    async def endless() -> Any:
        for _ in range(5 * 1024):
            yield b" " * 1024

    said = await api.admin.post("/api/v1/environments", content=b" " * (5 * 1024 * 1024))
    unsaid = await api.admin.post("/api/v1/environments", content=endless())

    assert (said.status_code, said.json()["code"]) == (413, "too_large")
    assert (unsaid.status_code, unsaid.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=eyJhIjoiYSIsImsiOiJjbHVzdGVyIn0", "cursor"),
        ("colour=red", "colour"),
    ],
)
async def test_a_wrong_query_is_refused(api: Api, query: str, field: str) -> None:
    problem = await refused(api, "GET", f"environments?{query}")

    assert (problem["status"], problem["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("ref", ["nowhere", "a:b:c:d:e", "..", "%00", "prod-eu:team1:ranker:v1"])
async def test_an_unknown_name_is_not_found(api: Api, ref: str) -> None:
    problem = await refused(api, "GET", f"applications/{ref}")

    assert (problem["status"], problem["code"]) == (404, "not_found")


async def test_an_unknown_route_or_method_is_a_problem(api: Api) -> None:
    route = await refused(api, "GET", "nothing")
    method = await refused(api, "PATCH", "clusters/prod-eu")

    assert (route["status"], route["code"]) == (404, "not_found")
    assert (method["status"], method["code"]) == (405, "method_not_allowed")


async def test_answers_carry_security_headers_and_a_request_id(api: Api) -> None:
    answer = await api.admin.get("/api/v1/environments", headers={"X-Request-Id": "abc-1"})

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == "abc-1"
