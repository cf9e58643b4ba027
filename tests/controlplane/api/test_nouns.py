from typing import Any

import pytest
from api_harness import MANIFESTS, Api, fqn_of_manifest

ORDER = list(MANIFESTS)
CHANGES: dict[str, dict[str, Any]] = {
    "environments": {"color": "#112233"},
    "clusters": {"region": "eu-west-1"},
    "storage-integrations": {"display_name": "Disk"},
    "ml-repos": {"description": "fraud models"},
    "workspaces": {"labels": {"team": "fraud"}},
    "applications": {"replicas": 3},
    "users": {"display_name": "Ann"},
    "service-accounts": {"display_name": "CI"},
    "roles": {"verbs": ["application:read"]},
    "secret-stores": {"display_name": "AWS"},
    "secret-groups": {"secrets": {}},
    "container-registries": {"display_name": "Images"},
    "teams": {"members": []},
    "service-account-tokens": {"lifetime_days": 30},
    "role-bindings": {"role": "operator"},
}
VERBS = {
    "service-account-tokens": ("service-account:create-token", "service-account:create-token"),
    "role-bindings": ("cluster:grant", "cluster:grant"),
}
"""What changing and deleting needs, where the noun has no verbs of its own."""


def needed(plural: str) -> list[str]:
    """What must exist before the noun can, itself included."""
    chains = {
        "ml-repos": ["storage-integrations", "ml-repos"],
        "workspaces": ["clusters", "workspaces"],
        "applications": ["clusters", "workspaces", "applications"],
        "secret-groups": ["secret-stores", "secret-groups"],
        "teams": ["users", "teams"],
        "service-account-tokens": ["service-accounts", "service-account-tokens"],
        "role-bindings": ["users", "clusters", "role-bindings"],
    }
    return chains.get(plural, [plural])


@pytest.mark.parametrize("plural", ORDER)
async def test_an_object_is_created_read_changed_and_deleted(api: Api, plural: str) -> None:
    made = (await api.make(*needed(plural)))[plural]
    fqn = fqn_of_manifest(MANIFESTS[plural])

    by_id = await api.admin.get(f"/api/v1/{plural}/{made['id']}")
    by_name = await api.admin.get(f"/api/v1/{plural}/{fqn}")
    changed = await api.admin.put(
        f"/api/v1/{plural}/{fqn}", json={**MANIFESTS[plural], **CHANGES[plural]}
    )
    gone = await api.admin.delete(f"/api/v1/{plural}/{fqn}")
    after = await api.admin.get(f"/api/v1/{plural}/{fqn}")

    assert made["fqn"] == fqn
    assert made["created_by"] == "user:admin@splitplane.local"
    assert by_id.json()["manifest"] == by_name.json()["manifest"] == made["manifest"]
    assert by_name.headers["etag"] == f'"{made["etag"]}"'
    assert changed.status_code == 200
    assert changed.json()["manifest"] == made["manifest"] | CHANGES[plural]
    assert changed.json()["etag"] != made["etag"]
    assert (gone.status_code, gone.content) == (204, b"")
    assert (after.status_code, after.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("plural", ORDER)
async def test_without_a_token_nothing_is_told(api: Api, plural: str) -> None:
    made = (await api.make(*needed(plural)))[plural]
    answers = [
        await api.anonymous.get(f"/api/v1/{plural}"),
        await api.anonymous.post(f"/api/v1/{plural}", json=MANIFESTS[plural]),
        await api.anonymous.get(f"/api/v1/{plural}/{made['id']}"),
        await api.anonymous.put(f"/api/v1/{plural}/{made['id']}", json=MANIFESTS[plural]),
        await api.anonymous.delete(f"/api/v1/{plural}/{made['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert answers[0].headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("plural", ORDER)
async def test_another_tenant_sees_nothing(api: Api, plural: str) -> None:
    made = (await api.make(*needed(plural)))[plural]
    eve = await api.stranger()

    answers = [
        await eve.get(f"/api/v1/{plural}/{made['id']}"),
        await eve.get(f"/api/v1/{plural}/{made['fqn']}"),
        await eve.put(f"/api/v1/{plural}/{made['id']}", json=MANIFESTS[plural]),
        await eve.delete(f"/api/v1/{plural}/{made['id']}"),
    ]
    listed = await eve.get(f"/api/v1/{plural}")

    assert [answer.status_code for answer in answers] == [404] * 4
    assert made["id"] not in [item["id"] for item in listed.json()["items"]]
    assert (await api.admin.get(f"/api/v1/{plural}/{made['id']}")).json()["etag"] == made["etag"]


@pytest.mark.parametrize("plural", [p for p in ORDER if p not in ("environments", "roles")])
async def test_what_may_not_be_read_does_not_exist(api: Api, plural: str) -> None:
    made = (await api.make(*needed(plural)))[plural]
    bob = await api.caller("bob@example.com")

    answers = [
        await bob.get(f"/api/v1/{plural}/{made['id']}"),
        await bob.put(f"/api/v1/{plural}/{made['id']}", json=MANIFESTS[plural]),
        await bob.delete(f"/api/v1/{plural}/{made['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert (await bob.get(f"/api/v1/{plural}")).json()["items"] == []


@pytest.mark.parametrize("plural", ORDER)
async def test_an_auditor_reads_but_changes_nothing(api: Api, plural: str) -> None:
    made = (await api.make(*needed(plural)))[plural]
    auditor = await api.caller("audit@example.com", tenant_role="auditor")
    kind = made["kind"]
    verbs = VERBS.get(plural, (f"{kind}:update", f"{kind}:delete"))

    read = await auditor.get(f"/api/v1/{plural}/{made['id']}")
    changed = await auditor.put(
        f"/api/v1/{plural}/{made['id']}", json=MANIFESTS[plural] | CHANGES[plural]
    )
    gone = await auditor.delete(f"/api/v1/{plural}/{made['id']}")

    assert read.status_code == 200
    assert (changed.status_code, changed.json()["verb"]) == (403, verbs[0])
    assert (gone.status_code, gone.json()["verb"]) == (403, verbs[1])
    assert "user:admin@splitplane.local" in gone.json()["hint"]


@pytest.mark.parametrize("plural", ["environments", "clusters", "users", "roles"])
async def test_creation_needs_its_verb(api: Api, plural: str) -> None:
    bob = await api.caller("bob@example.com")

    answer = await bob.post(f"/api/v1/{plural}", json=MANIFESTS[plural])

    assert answer.status_code == 403
    assert answer.json()["verb"] == f"{plural.removesuffix('s')}:create"


async def test_refusals_are_audited(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    await bob.post("/api/v1/clusters", json=MANIFESTS["clusters"])

    (denied,) = [e for e in await api.events() if e["type"] == "permission.denied"]

    assert denied["actor"] == "user:bob@example.com"
    assert denied["message"] == "user:bob@example.com was refused cluster:create on tenant"


async def test_a_stale_etag_is_refused(api: Api) -> None:
    made = (await api.make("environments"))["environments"]
    first = await api.admin.put(
        "/api/v1/environments/qa",
        json=MANIFESTS["environments"] | {"color": "#000001"},
        headers={"If-Match": f'"{made["etag"]}"'},
    )

    second = await api.admin.put(
        "/api/v1/environments/qa",
        json=MANIFESTS["environments"] | {"color": "#000002"},
        headers={"If-Match": f'"{made["etag"]}"'},
    )
    gone = await api.admin.delete(
        "/api/v1/environments/qa", headers={"If-Match": f'"{made["etag"]}"'}
    )

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "stale")
    assert (gone.status_code, gone.json()["code"]) == (409, "stale")


async def test_an_equal_manifest_changes_nothing(api: Api) -> None:
    made = (await api.make("environments"))["environments"]

    again = await api.admin.put("/api/v1/environments/qa", json=MANIFESTS["environments"])

    assert again.json()["etag"] == made["etag"]
    assert [e["type"] for e in await api.events(object=made["id"])] == ["environment.created"]


async def test_the_type_may_be_left_out_where_there_is_one(api: Api) -> None:
    answer = await api.admin.post("/api/v1/environments", json={"name": "qa"})

    assert answer.status_code == 201
    assert answer.json()["manifest"]["type"] == "environment"


async def test_the_first_start_has_three_environments(api: Api) -> None:
    listed = (await api.admin.get("/api/v1/environments")).json()["items"]

    assert [(e["name"], e["manifest"]["is_production"]) for e in listed] == [
        ("dev", False),
        ("prod", True),
        ("staging", False),
    ]


async def test_a_first_environment_can_be_changed_and_deleted(api: Api) -> None:
    changed = await api.admin.put(
        "/api/v1/environments/staging", json={"name": "staging", "is_production": True}
    )
    gone = await api.admin.delete("/api/v1/environments/staging")

    assert changed.json()["manifest"]["is_production"] is True
    assert gone.status_code == 204


async def test_pages_follow_each_other_without_gaps(api: Api) -> None:
    names = [f"env-{number:02}" for number in range(7)]
    for name in names:
        await api.admin.post("/api/v1/environments", json={"name": name})

    seen: list[str] = []
    cursor = None
    while True:
        parameters = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await api.admin.get("/api/v1/environments", params=parameters)).json()
        assert len(page["items"]) <= 3
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == ["dev", *names, "prod", "staging"]


async def test_filters_narrow_a_list(api: Api) -> None:
    await api.make("clusters", "workspaces", "applications")

    async def names(path: str) -> list[str]:
        return [item["name"] for item in (await api.admin.get(path)).json()["items"]]

    assert await names("/api/v1/workspaces?cluster=prod-eu") == ["team1"]
    assert await names("/api/v1/workspaces?cluster=other") == []
    assert await names("/api/v1/workspaces?environment=dev") == ["team1"]
    assert await names("/api/v1/applications?workspace=prod-eu:team1") == ["ranker"]
    assert await names("/api/v1/applications?cluster=prod") == []
    assert await names("/api/v1/applications?type=job") == []
    assert await names("/api/v1/clusters?environment=prod") == ["prod-eu"]
    assert await names("/api/v1/environments?name=dev") == ["dev"]


async def test_a_list_shows_only_what_was_granted(api: Api) -> None:
    await api.make("clusters", "workspaces", "applications")
    await api.admin.post(
        "/api/v1/workspaces",
        json={**MANIFESTS["workspaces"], "name": "team2"},
    )
    bob = await api.caller("bob@example.com")
    await api.grant("user:bob@example.com", "viewer", "prod-eu:team1")

    workspaces = (await bob.get("/api/v1/workspaces")).json()["items"]
    applications = (await bob.get("/api/v1/applications")).json()["items"]
    clusters = (await bob.get("/api/v1/clusters")).json()["items"]

    assert [item["name"] for item in workspaces] == ["team1"]
    assert [item["name"] for item in applications] == ["ranker"]
    assert clusters == []
