from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from api_harness import CLUSTER, ROLE, ROLE_BINDING, WORKSPACE, Api
from sqlalchemy import update

from splitplane.controlplane import tables

BOB = "user:bob@example.com"
ADMIN = "user:admin@splitplane.local"
PATH = "/api/v1/role-bindings/role-binding:ann-views"
BINDING = ROLE_BINDING | {"subject": BOB}


async def bind(client: Any, **changes: Any) -> Any:
    return await client.post("/api/v1/role-bindings", json=BINDING | changes)


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def test_a_binding_gives_its_role_until_it_is_deleted(api: Api) -> None:
    await api.make("clusters", "workspaces")
    bob = await api.caller("bob@example.com")

    made = await bind(api.admin)
    read = await bob.get("/api/v1/workspaces/prod-eu:team1")
    grants = (await api.admin.get("/api/v1/grants?object=prod-eu")).json()["items"]
    await api.admin.delete(PATH)
    after = await bob.get("/api/v1/workspaces/prod-eu:team1")

    assert made.status_code == 201
    assert made.json()["status"] == "ready"
    assert (read.status_code, after.status_code) == (200, 404)
    assert ("role-binding", BOB, "viewer") in [
        (grant["source"], grant["subject"], grant["role"]) for grant in grants
    ]


async def test_its_grant_changes_only_with_it(api: Api) -> None:
    await api.make("clusters")
    bob = await api.caller("bob@example.com")
    await bind(api.admin)
    grants = (await api.admin.get("/api/v1/grants?object=prod-eu")).json()["items"]
    (row,) = [grant["id"] for grant in grants if grant["source"] == "role-binding"]

    refused = await api.admin.delete(f"/api/v1/grants/{row}")
    changed = await api.admin.put(PATH, json=BINDING | {"role": "admin"})
    allowed = await bob.put("/api/v1/clusters/prod-eu", json=CLUSTER | {"region": "eu-west-1"})

    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert (changed.status_code, allowed.status_code) == (200, 200)


WRONG: list[tuple[dict[str, Any], str, str | None]] = [
    ({"subject": "user:nobody@example.com"}, "subject", None),
    ({"subject": "prod-eu"}, "subject", None),
    ({"role": "deployer"}, "role", "admin, operator, viewer"),
    ({"object": "lab"}, "object", None),
    ({"object": "environment:dev"}, "object", None),
    ({"object": "tenant", "role": "viewer"}, "role", "admin, auditor, member"),
    ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "a time in the future"),
    ({"expires_at": "2099-01-01T00:00:00"}, "expires_at", None),
]


async def test_wrong_fields_are_named(api: Api) -> None:
    await api.make("clusters")
    await api.caller("bob@example.com")

    for changes, field, allowed in WRONG:
        answer = await bind(api.admin, **changes)

        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, field)
        assert error["message"]
        assert allowed is None or (error["allowed"], bool(error["hint"])) == (allowed, True)


async def test_what_it_binds_never_changes(api: Api) -> None:
    await api.make("clusters", "workspaces", "users")
    await api.caller("bob@example.com")
    await bind(api.admin)
    other = {"subject": "user:ann@example.com", "object": "prod-eu:team1", "name": "other"}

    for field, value in other.items():
        answer = await api.admin.put(PATH, json=BINDING | {field: value})

        assert (answer.status_code, answer.json()["code"]) == (422, "immutable")
        assert answer.json()["errors"][0]["field"] == field


SCOPES = [
    ("prod-eu:team1", "editor", "workspaces/prod-eu:team1"),
    ("prod-eu", "operator", "clusters/prod-eu"),
    ("mlrepo:fraud", "editor", "ml-repos/mlrepo:fraud"),
    ("storage-integration:local", "user", "storage-integrations/local"),
    ("secret-store:aws", "user", "secret-stores/aws"),
    ("secret-group:db", "user", "secret-groups/db"),
    ("registry:ecr", "user", "container-registries/registry:ecr"),
    ("tenant", "auditor", "users/user:bob@example.com"),
]


async def test_a_role_can_be_bound_on_every_scope(api: Api) -> None:
    await api.make("clusters", "workspaces", "storage-integrations", "ml-repos")
    await api.make("secret-stores", "secret-groups", "container-registries")
    bob = await api.caller("bob@example.com")

    for number, (object, role, path) in enumerate(SCOPES):
        before = await bob.get(f"/api/v1/{path}")
        made = await bind(api.admin, name=f"scope-{number}", object=object, role=role)
        after = await bob.get(f"/api/v1/{path}")

        assert made.status_code == 201, made.text
        assert (before.status_code, after.status_code) == (404, 200), object


async def test_a_custom_role_can_be_bound(api: Api) -> None:
    await api.make("clusters", "workspaces", "applications", "roles")
    bob = await api.caller("bob@example.com")

    made = await bind(api.admin, object="prod-eu:team1", role="releaser")
    read = await bob.get("/api/v1/applications/prod-eu:team1:ranker")
    kept = await api.admin.delete("/api/v1/roles/releaser")

    assert (made.status_code, read.status_code) == (201, 200)
    assert (kept.status_code, kept.json()["code"]) == (409, "in_use")


async def test_who_may_grant_on_the_object_makes_reads_and_removes_it(api: Api) -> None:
    await api.make("clusters", "workspaces", "users")
    bob = await api.caller("bob@example.com")
    eve = await api.caller("eve@example.com")
    await api.grant(BOB, "admin", "prod-eu:team1")
    body = {"subject": "user:ann@example.com", "object": "prod-eu:team1", "role": "editor"}

    made = await bind(bob, **body)
    listed = (await bob.get("/api/v1/role-bindings")).json()["items"]
    hidden = (await eve.get("/api/v1/role-bindings")).json()["items"]
    above = await bind(bob, **body | {"name": "above", "object": "tenant", "role": "admin"})
    unseen = await bind(bob, **body | {"name": "above", "object": "prod-eu", "role": "admin"})
    gone = await bob.delete(PATH)

    assert made.status_code == 201
    assert [item["name"] for item in listed] == ["ann-views"]
    assert hidden == []
    assert (above.status_code, above.json()["verb"]) == (403, "tenant:grant")
    assert (unseen.status_code, unseen.json()["errors"][0]["field"]) == (422, "object")
    assert gone.status_code == 204


async def test_a_role_on_a_cluster_shows_the_bindings_of_its_workspaces(api: Api) -> None:
    await api.make("clusters", "workspaces", "users")
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "admin", "prod-eu")
    body = {"subject": "user:ann@example.com", "role": "editor"}
    await bind(api.admin, **body | {"object": "prod-eu:team1"})
    await bind(api.admin, **body | {"name": "auditors", "object": "tenant", "role": "auditor"})

    listed = (await bob.get("/api/v1/role-bindings")).json()["items"]

    assert [item["name"] for item in listed] == ["ann-views"]
    assert (await bob.get(PATH)).status_code == 200


GRANTER = {
    "type": "role",
    "name": "granter",
    "scope": "workspace",
    "verbs": ["workspace:read", "workspace:grant", "workspace:update"],
}


@pytest.mark.parametrize("way", ["binding", "grant", "collaborator"])
async def test_nobody_hands_out_what_they_lack(api: Api, way: str) -> None:
    await api.make("clusters", "workspaces", "users")
    bob = await api.caller("bob@example.com")
    await api.admin.post("/api/v1/roles", json=GRANTER)
    await api.grant(BOB, "granter", "prod-eu:team1")

    async def give(role: str) -> Any:
        who = {"subject": "user:ann@example.com", "role": role}
        if way == "binding":
            return await bind(bob, **who, object="prod-eu:team1")
        if way == "grant":
            return await bob.post("/api/v1/grants", json=who | {"object": "prod-eu:team1"})
        body = WORKSPACE | {"collaborators": [who]}
        return await bob.put("/api/v1/workspaces/prod-eu:team1", json=body)

    more = await give("admin")
    same = await give("granter")

    assert (more.status_code, more.json()["verb"]) == (403, "application:create")
    assert "may not give the role 'admin' on prod-eu:team1" in more.json()["detail"]
    assert same.status_code in (200, 201), same.text
    assert "permission.denied" in [e["type"] for e in await api.events()]


async def test_collaborators_that_stay_need_no_right(api: Api) -> None:
    await api.make("clusters", "users")
    bob = await api.caller("bob@example.com")
    entry = [{"subject": "user:ann@example.com", "role": "admin"}]
    await api.admin.post("/api/v1/workspaces", json=WORKSPACE | {"collaborators": entry})
    await api.admin.post("/api/v1/roles", json=GRANTER)
    await api.grant(BOB, "granter", "prod-eu:team1")

    changed = await bob.put(
        "/api/v1/workspaces/prod-eu:team1",
        json=WORKSPACE | {"collaborators": entry, "labels": {"a": "b"}},
    )

    assert changed.status_code == 200


async def test_it_grants_nothing_after_its_end(api: Api) -> None:
    await api.make("clusters")
    bob = await api.caller("bob@example.com")
    end = in_hours(1)
    made = await bind(api.admin, expires_at=end)
    before = await bob.get("/api/v1/clusters/prod-eu")
    shown = (await api.admin.get("/api/v1/grants?object=prod-eu")).json()["items"]

    async with api.state.sessions.begin() as session:
        for table in (tables.Grant, tables.RoleBinding):
            await session.execute(
                update(table)
                .where(table.expires_at.is_not(None))
                .values(expires_at=datetime.now(UTC))
            )
    after = await bob.get("/api/v1/clusters/prod-eu")
    status = (await api.admin.get(PATH)).json()["status"]
    longer = await api.admin.put(PATH, json=BINDING | {"expires_at": in_hours(2)})
    again = await bob.get("/api/v1/clusters/prod-eu")

    assert made.json()["status"] == "ready"
    assert [g["expires_at"] is not None for g in shown if g["source"] == "role-binding"] == [True]
    assert (before.status_code, after.status_code, again.status_code) == (200, 404, 200)
    assert status == "expired"
    assert longer.json()["status"] == "ready"


async def test_it_goes_with_its_object(api: Api) -> None:
    await api.make("clusters")
    await api.caller("bob@example.com")
    made = (await bind(api.admin)).json()

    gone = await api.admin.delete("/api/v1/clusters/prod-eu")

    assert gone.status_code == 204
    assert (await api.admin.get(PATH)).status_code == 404
    assert "role-binding.deleted" in {e["type"] for e in await api.events(object=made["id"])}


async def test_nothing_is_bound_on_what_is_being_deleted(api: Api) -> None:
    made = await api.make("clusters", "workspaces")
    await api.caller("bob@example.com")
    await api.enrol_agent(made["clusters"]["id"])
    await api.admin.delete("/api/v1/workspaces/prod-eu:team1")

    answer = await bind(api.admin, object="prod-eu:team1")

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["value"]) == (422, "object", "prod-eu:team1")


async def test_it_goes_with_its_user(api: Api) -> None:
    await api.make("clusters")
    await api.caller("bob@example.com")
    await bind(api.admin)

    gone = await api.admin.delete(f"/api/v1/users/{BOB}")

    assert gone.status_code == 204
    assert (await api.admin.get(PATH)).status_code == 404


async def test_the_last_administrator_by_a_binding_stays(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    admin = {"object": "tenant", "role": "admin"}
    await bind(api.admin, **admin)
    member = {"name": "admin@splitplane.local", "tenant_role": "member"}
    await bob.put(f"/api/v1/users/{ADMIN}", json=member)

    answers = [
        await bob.put(PATH, json=BINDING | admin | {"role": "auditor"}),
        await bob.put(PATH, json=BINDING | admin | {"expires_at": in_hours(1)}),
        await bob.delete(PATH),
    ]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(409, "in_use")] * 3


async def test_an_administrator_with_an_end_does_not_count_as_the_last(api: Api) -> None:
    await api.caller("bob@example.com")
    await bind(api.admin, object="tenant", role="admin", expires_at=in_hours(1))

    gone = await api.admin.delete(f"/api/v1/users/{ADMIN}")

    assert (gone.status_code, gone.json()["code"]) == (409, "in_use")


async def test_lists_are_narrowed_by_subject_and_object(api: Api) -> None:
    await api.make("clusters", "workspaces")
    await api.caller("bob@example.com")
    await bind(api.admin)
    await bind(api.admin, name="team", object="prod-eu:team1")

    async def names(**filters: str) -> list[str]:
        answer = await api.admin.get("/api/v1/role-bindings", params=filters)
        return [item["name"] for item in answer.json()["items"]]

    assert await names(subject=BOB) == ["ann-views", "team"]
    assert await names(object="prod-eu:team1") == ["team"]
    assert await names(subject="user:ann@example.com") == []


async def test_everything_that_a_binding_names_is_applied_with_it_in_any_order(api: Api) -> None:
    user = {"type": "user", "name": "bob@example.com"}
    bound = BINDING | {"object": "prod-eu:team1", "role": "releaser"}
    manifests = [bound, WORKSPACE, CLUSTER, ROLE, user]

    dry = await api.admin.post("/api/v1/apply", json={"manifests": manifests, "dry_run": True})
    nothing = await api.admin.get(PATH)
    real = await api.admin.post("/api/v1/apply", json={"manifests": manifests})
    again = await api.admin.post("/api/v1/apply", json={"manifests": manifests})

    assert [result["action"] for result in dry.json()["results"]] == ["created"] * 5
    assert nothing.status_code == 404
    assert [result["action"] for result in real.json()["results"]] == ["created"] * 5
    assert [result["action"] for result in again.json()["results"]] == ["unchanged"] * 5
