from typing import Any

import pytest
from api_harness import CLUSTER, ML_REPO, SERVICE, STORAGE, WORKSPACE, Api
from fastapi import FastAPI

from splitplane.contract.permissions import BUILTIN_ROLES, VERBS
from splitplane.controlplane.app import create_app
from splitplane.controlplane.errors import StartError
from splitplane.controlplane.permissions.declare import (
    check_routes,
    declared_of,
    public,
    requires,
    walk_routes,
)
from splitplane.controlplane.settings import Settings

PUBLIC = {"/healthz", "/readyz", "/metrics", "/api/v1/sign-in", "/api/v1/info"}
PUBLIC_DOCUMENT = "/api/v1/openapi.json"
BOB = "user:bob@example.com"


@pytest.fixture(scope="module")
def routes() -> list[Any]:
    app = create_app(
        Settings(replica="test", roles=frozenset({"api"})), "postgresql://nowhere/none"
    )
    return list(walk_routes(app.routes))


def test_every_route_declares_its_permission(routes: list[Any]) -> None:
    assert len(routes) > 60
    assert [route.path for route in routes if declared_of(route.endpoint) is None] == []


def test_only_these_routes_are_public(routes: list[Any]) -> None:
    found = {
        route.path
        for route in routes
        if (declared := declared_of(route.endpoint)) and declared.mode == "public"
    }

    assert found == PUBLIC | {PUBLIC_DOCUMENT}


def test_only_these_routes_are_about_the_caller(routes: list[Any]) -> None:
    found = {
        route.path.removeprefix("/api/v1")
        for route in routes
        if (declared := declared_of(route.endpoint)) and declared.mode == "self"
    }

    assert found == {"/permissions", "/tokens", "/tokens/{token_id}", "/whoami"}


def test_every_verb_is_asked_somewhere(routes: list[Any]) -> None:
    asked = {
        verb
        for route in routes
        if (declared := declared_of(route.endpoint))
        for verb in declared.verbs
    }

    # Writing runs and models comes with the ML repo's own endpoints, using a registry with builds.
    assert asked - VERBS == set()
    assert VERBS - asked == {"container-registry:use", "ml-repo:write"}


def answer_nothing() -> None:
    """An endpoint without a declaration."""


def test_an_undeclared_route_stops_the_start() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/open", answer_nothing, methods=["GET"])

    with pytest.raises(StartError, match="GET /open"):
        check_routes(app)


def test_an_undeclared_route_of_a_mounted_application_stops_the_start() -> None:
    inner = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    inner.add_api_route("/open", answer_nothing, methods=["GET"])
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/inner", inner)

    with pytest.raises(StartError, match="/inner/open"):
        check_routes(app)


def test_an_unknown_verb_is_refused() -> None:
    with pytest.raises(StartError, match="cluster:fly"):
        requires("cluster:fly", object_from="path")


async def test_a_handler_that_asks_nothing_shows_nothing(api: Api) -> None:
    @requires("cluster:read", object_from="path")
    async def forgetful() -> dict[str, str]:
        return {"secret": "canary"}

    async def undeclared() -> dict[str, str]:
        return {"secret": "canary"}

    @public("for the comparison")
    async def declared() -> dict[str, str]:
        return {"hello": "world"}

    api.app.add_api_route("/forgetful", forgetful)
    api.app.add_api_route("/undeclared", undeclared)
    api.app.add_api_route("/declared", declared)

    for path in ("/forgetful", "/undeclared"):
        answer = await api.admin.get(path)
        assert answer.status_code == 500
        assert "canary" not in answer.text
    assert (await api.admin.get("/declared")).json() == {"hello": "world"}


async def test_every_route_refuses_the_anonymous(api: Api) -> None:
    for route in walk_routes(api.app.routes):
        if route.path in PUBLIC or route.path == PUBLIC_DOCUMENT:
            continue
        path = route.path.replace("{ref}", "x").replace("{token_id}", "x")
        for method in route.methods - {"HEAD"}:
            answer = await api.anonymous.request(method, path.replace("{grant_id}", "x"))
            assert answer.status_code == 401, (method, route.path, answer.text)


async def status(client: Any, method: str, path: str, body: Any = None) -> int:
    answer = await client.request(method, f"/api/v1/{path}", json=body)
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("role", "target", "expected"),
    [
        # read app, change image, change command, create app, delete app, change workspace, cluster
        ("viewer", "prod-eu:team1", (200, 403, 403, 403, 403, 403, 404)),
        ("deployer", "prod-eu:team1", (200, 200, 403, 403, 403, 403, 404)),
        ("editor", "prod-eu:team1", (200, 200, 200, 201, 204, 403, 404)),
        ("admin", "prod-eu:team1", (200, 200, 200, 201, 204, 200, 404)),
        ("viewer", "prod-eu", (200, 403, 403, 403, 403, 403, 200)),
        ("operator", "prod-eu", (200, 403, 403, 403, 403, 403, 200)),
        ("admin", "prod-eu", (200, 200, 200, 201, 204, 200, 200)),
        ("member", "tenant", (404, 404, 404, 422, 404, 404, 404)),
        ("auditor", "tenant", (200, 403, 403, 403, 403, 403, 200)),
        ("admin", "tenant", (200, 200, 200, 201, 204, 200, 200)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_a_role_allows(
    api: Api, role: str, target: str, expected: tuple[int, ...]
) -> None:
    await api.make("clusters", "workspaces", "applications")
    bob = await api.caller("bob@example.com")
    if (role, target) != ("member", "tenant"):
        await api.grant(BOB, role, target)
    ref = "applications/prod-eu:team1:ranker"

    found = (
        await status(bob, "GET", ref),
        await status(bob, "PUT", ref, SERVICE | {"image": "nginx:2"}),
        await status(bob, "PUT", ref, SERVICE | {"image": "nginx:2", "command": ["run"]}),
        await status(bob, "POST", "applications", SERVICE | {"name": "other"}),
        await status(bob, "DELETE", ref),
        await status(bob, "PUT", "workspaces/prod-eu:team1", WORKSPACE | {"labels": {"a": "b"}}),
        await status(bob, "GET", "clusters/prod-eu"),
    )

    assert found == expected


async def test_a_grant_works_at_once_and_ends_at_once(api: Api) -> None:
    await api.make("clusters")
    bob = await api.caller("bob@example.com")
    before = await status(bob, "GET", "clusters/prod-eu")
    grant = await api.grant(BOB, "viewer", "prod-eu")
    during = await status(bob, "GET", "clusters/prod-eu")
    await api.admin.delete(f"/api/v1/grants/{grant['id']}")
    after = await status(bob, "GET", "clusters/prod-eu")

    assert (before, during, after) == (404, 200, 404)


async def test_the_creator_administers_what_it_made(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    await api.make("clusters")
    await api.grant(BOB, "admin", "prod-eu")

    assert await status(bob, "POST", "workspaces", WORKSPACE) == 201
    grants = (await bob.get("/api/v1/grants?object=prod-eu:team1")).json()["items"]

    assert [(g["subject"], g["role"], g["source"]) for g in grants] == [(BOB, "admin", "creator")]


async def test_collaborators_and_ml_repos_become_grants_and_follow_the_manifest(api: Api) -> None:
    await api.make("users", "clusters", "storage-integrations", "ml-repos")
    full = WORKSPACE | {
        "ml_repos": [{"ml_repo": "fraud", "role": "editor"}],
        "collaborators": [{"subject": "user:ann@example.com", "role": "editor"}],
    }
    await api.admin.post("/api/v1/workspaces", json=full)

    async def grants(target: str, source: str) -> list[tuple[str, str]]:
        found = (await api.admin.get("/api/v1/grants", params={"object": target})).json()["items"]
        return [(g["subject"], g["role"]) for g in found if g["source"] == source]

    on_workspace = await grants("prod-eu:team1", "workspace")
    on_repo = await grants("mlrepo:fraud", "workspace")
    await api.admin.put("/api/v1/workspaces/prod-eu:team1", json=WORKSPACE)

    assert on_workspace == [("user:ann@example.com", "editor")]
    assert on_repo == [("workspace:prod-eu:team1", "editor")]
    assert await grants("prod-eu:team1", "workspace") == []
    assert await grants("mlrepo:fraud", "workspace") == []


async def test_a_grant_of_a_manifest_goes_only_with_it(api: Api) -> None:
    await api.make("users", "clusters")
    await api.admin.post(
        "/api/v1/workspaces",
        json=WORKSPACE | {"collaborators": [{"subject": "user:ann@example.com", "role": "viewer"}]},
    )
    grants = (await api.admin.get("/api/v1/grants?object=prod-eu:team1")).json()["items"]
    (found,) = [grant for grant in grants if grant["source"] == "workspace"]

    answer = await api.admin.delete(f"/api/v1/grants/{found['id']}")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert answer.json()["hint"] == "change the workspace's manifest instead"


async def test_giving_a_workspace_an_ml_repo_needs_the_right_to_grant_it(api: Api) -> None:
    await api.make("clusters", "storage-integrations", "ml-repos")
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "admin", "prod-eu")
    await api.grant(BOB, "viewer", "mlrepo:fraud")
    body = WORKSPACE | {"ml_repos": [{"ml_repo": "fraud", "role": "admin"}]}

    answer = await bob.post("/api/v1/workspaces", json=body)

    assert (answer.status_code, answer.json()["verb"]) == (403, "ml-repo:grant")


async def test_an_ml_repo_needs_the_right_to_use_its_storage(api: Api) -> None:
    await api.admin.post("/api/v1/storage-integrations", json=STORAGE)
    await api.admin.post(
        "/api/v1/roles",
        json={"name": "repo-maker", "scope": "tenant", "verbs": ["ml-repo:create"]},
    )
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "repo-maker", "tenant")

    hidden = await bob.post("/api/v1/ml-repos", json=ML_REPO)
    await api.grant(BOB, "user", "storage-integration:local")
    made = await bob.post("/api/v1/ml-repos", json=ML_REPO)

    assert (hidden.status_code, hidden.json()["errors"][0]["field"]) == (422, "storage_integration")
    assert made.status_code == 201


async def test_nobody_makes_an_administrator_without_the_right_to_grant(api: Api) -> None:
    await api.admin.post(
        "/api/v1/roles",
        json={
            "name": "user-maker",
            "scope": "tenant",
            "verbs": ["user:create", "user:update", "user:read", "role:create", "role:update"],
        },
    )
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "user-maker", "tenant")

    plain = await bob.post("/api/v1/users", json={"name": "new@example.com"})
    admin = await bob.post(
        "/api/v1/users", json={"name": "boss@example.com", "tenant_role": "admin"}
    )
    himself = await bob.put(
        f"/api/v1/users/{BOB}", json={"name": "bob@example.com", "tenant_role": "admin"}
    )
    role = await bob.post(
        "/api/v1/roles", json={"name": "boss", "scope": "tenant", "verbs": ["tenant:grant"]}
    )

    assert plain.status_code == 201
    for answer in (admin, himself, role):
        assert (answer.status_code, answer.json()["verb"]) == (403, "tenant:grant")


async def test_a_custom_role_allows_its_verbs_and_follows_its_manifest(api: Api) -> None:
    await api.make("clusters", "workspaces", "applications", "roles")
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "releaser", "prod-eu:team1")
    ref = "applications/prod-eu:team1:ranker"

    before = await status(bob, "PUT", ref, SERVICE | {"replicas": 2})
    await api.admin.put(
        "/api/v1/roles/releaser",
        json={"name": "releaser", "scope": "workspace", "verbs": ["application:read"]},
    )
    after = await status(bob, "PUT", ref, SERVICE | {"replicas": 3})
    held = await api.admin.delete("/api/v1/roles/releaser")

    assert (before, after) == (200, 403)
    assert (held.status_code, held.json()["code"]) == (409, "in_use")
    assert BOB in held.json()["detail"]


async def test_a_role_may_not_take_a_built_in_name(api: Api) -> None:
    answer = await api.admin.post(
        "/api/v1/roles", json={"name": "editor", "scope": "cluster", "verbs": ["cluster:read"]}
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "user:no@example.com", "role": "viewer", "object": "prod-eu"}, "subject"),
        ({"subject": "team:ml", "role": "viewer", "object": "prod-eu"}, "subject"),
        ({"subject": "nobody", "role": "viewer", "object": "prod-eu"}, "subject"),
        ({"subject": "user:ann@example.com", "role": "boss", "object": "prod-eu"}, "role"),
        ({"subject": "user:ann@example.com", "role": "viewer"}, "object"),
        (
            {"subject": "user:ann@example.com", "role": "viewer", "object": "environment:dev"},
            "object",
        ),
    ],
)
async def test_a_wrong_grant_is_refused(api: Api, body: dict[str, str], field: str) -> None:
    await api.make("users", "clusters")

    answer = await api.admin.post("/api/v1/grants", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_cluster_of_another_tenant_cannot_be_granted(api: Api) -> None:
    made = (await api.make("users", "clusters"))["clusters"]
    eve = await api.stranger()

    answer = await eve.post(
        "/api/v1/grants",
        json={"subject": "user:eve@example.com", "role": "admin", "object": made["id"]},
    )

    assert answer.status_code == 404


async def test_the_table_of_roles_is_shown(api: Api) -> None:
    bob = await api.caller("bob@example.com")

    table = (await bob.get("/api/v1/permissions")).json()

    assert table["verbs"] == sorted(VERBS)
    assert {scope: set(roles) for scope, roles in table["roles"].items()} == {
        scope: set(roles) for scope, roles in BUILTIN_ROLES.items()
    }


async def test_reading_events_needs_the_right_on_their_object(api: Api) -> None:
    await api.make("clusters", "workspaces", "applications")
    bob = await api.caller("bob@example.com")
    await bob.get("/api/v1/clusters/prod-eu")
    before = (await bob.get("/api/v1/events")).json()["items"]
    await api.grant(BOB, "viewer", "prod-eu:team1")
    after = (await bob.get("/api/v1/events")).json()["items"]
    await api.admin.delete("/api/v1/applications/prod-eu:team1:ranker")
    later = (await bob.get("/api/v1/events")).json()["items"]

    assert before == []
    assert {event["type"] for event in after} == {
        "application.created",
        "deployment.created",
        "grant.created",
        "workspace.created",
    }
    assert "application.deleted" in {event["type"] for event in later}


async def test_a_cluster_in_another_tenant_may_have_the_same_name(api: Api) -> None:
    await api.make("clusters")
    eve = await api.stranger()

    assert await status(eve, "POST", "clusters", CLUSTER) == 201
