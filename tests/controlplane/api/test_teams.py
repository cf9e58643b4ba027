from typing import Any

from api_harness import CLUSTER, MANIFESTS, ML_REPO, TEAM, WORKSPACE, Api
from sqlalchemy import event

BOB = "user:bob@example.com"
ADMIN = "user:admin@splitplane.local"
BOBS = TEAM | {"members": [BOB]}


async def team(api: Api, **changes: Any) -> dict[str, Any]:
    answer = await api.admin.post("/api/v1/teams", json=BOBS | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(api: Api, **changes: Any) -> Any:
    return await api.admin.put("/api/v1/teams/team:fraud", json=BOBS | changes)


async def test_what_is_granted_to_a_team_is_granted_to_its_members(api: Api) -> None:
    await api.make("clusters", "workspaces")
    bob = await api.caller("bob@example.com")
    await team(api)
    before = await bob.get("/api/v1/clusters/prod-eu")

    await api.grant("team:fraud", "viewer", "prod-eu")
    read = await bob.get("/api/v1/workspaces/prod-eu:team1")
    listed = (await bob.get("/api/v1/clusters")).json()["items"]
    refused = await bob.delete("/api/v1/clusters/prod-eu")
    await change(api, members=[])
    after = await bob.get("/api/v1/clusters/prod-eu")

    assert (before.status_code, read.status_code, after.status_code) == (404, 200, 404)
    assert [item["fqn"] for item in listed] == ["prod-eu"]
    assert (refused.status_code, refused.json()["verb"]) == (403, "cluster:delete")


async def test_a_team_is_a_collaborator_and_can_grant(api: Api) -> None:
    await api.make("clusters")
    bob = await api.caller("bob@example.com")
    ann = await api.caller("ann@example.com")
    await team(api)
    collaborators = [{"subject": "team:fraud", "role": "admin"}]

    await api.admin.post("/api/v1/workspaces", json=WORKSPACE | {"collaborators": collaborators})
    body = {"subject": "user:ann@example.com", "role": "viewer", "object": "prod-eu:team1"}
    granted = await bob.post("/api/v1/grants", json=body)
    refused = await ann.delete("/api/v1/workspaces/prod-eu:team1")
    grants = (await bob.get("/api/v1/grants?object=prod-eu:team1")).json()["items"]

    assert granted.status_code == 201
    assert "team:fraud" in refused.json()["hint"]
    assert ("team:fraud", "admin", "workspace") in [
        (grant["subject"], grant["role"], grant["source"]) for grant in grants
    ]


async def test_the_role_on_the_tenant_is_every_members(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    await team(api, tenant_role="auditor")

    whoami = (await bob.get("/api/v1/whoami")).json()
    read = await bob.get("/api/v1/users")
    await change(api)
    later = (await bob.get("/api/v1/whoami")).json()

    assert whoami["teams"] == ["team:fraud"]
    assert whoami["tenant_roles"] == ["auditor", "member"]
    assert ADMIN in [item["fqn"] for item in read.json()["items"]]
    assert later["tenant_roles"] == ["member"]


async def test_a_service_account_is_a_member_too(api: Api) -> None:
    await api.make("service-accounts", "clusters")
    await team(api, members=["sa:ci"])
    await api.grant("team:fraud", "viewer", "prod-eu")
    made = await api.admin.post("/api/v1/service-accounts/ci/tokens", json={"name": "pipeline"})
    headers = {"Authorization": f"Bearer {made.json()['token']}"}

    read = await api.anonymous.get("/api/v1/clusters/prod-eu", headers=headers)

    assert read.status_code == 200


async def test_a_list_is_narrowed_to_a_members_teams(api: Api) -> None:
    await api.caller("bob@example.com")
    await team(api)
    await team(api, name="empty", members=[])
    eve = await api.stranger()
    await eve.post("/api/v1/users", json={"name": "bob@example.com"})

    listed = await api.admin.get("/api/v1/teams", params={"member": BOB})

    assert [item["name"] for item in listed.json()["items"]] == ["fraud"]


WRONG = [
    ([ADMIN, "user:nobody@example.com"], "members[1]", "'user:nobody@example.com' does not exist"),
    (["team:other"], "members[0]", "'team:other' cannot be a member"),
    ([ADMIN, ADMIN], "members", f"'{ADMIN}' is named twice"),
    (["bob"], "members[0]", "'bob' is not a subject"),
]


async def test_a_wrong_member_is_named(api: Api) -> None:
    for members, field, message in WRONG:
        answer = await api.admin.post("/api/v1/teams", json=TEAM | {"members": members})

        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, field)
        assert error["message"].startswith(message)


async def test_membership_is_given_only_with_the_right_to_grant(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    verbs = ["team:create", "team:read", "team:update"]
    role = {"type": "role", "name": "teams", "scope": "tenant", "verbs": verbs}
    await api.admin.post("/api/v1/roles", json=role)
    await api.grant(BOB, "teams", "tenant")

    empty = await bob.post("/api/v1/teams", json=BOBS | {"members": []})
    renamed = await bob.put(
        "/api/v1/teams/team:fraud", json=BOBS | {"members": [], "display_name": "Fraud"}
    )
    joined = await bob.put("/api/v1/teams/team:fraud", json=BOBS)
    admin = await bob.put(
        "/api/v1/teams/team:fraud", json=BOBS | {"members": [], "tenant_role": "admin"}
    )

    assert [answer.status_code for answer in (empty, renamed)] == [201, 200]
    for answer in (joined, admin):
        assert (answer.status_code, answer.json()["verb"]) == (403, "tenant:grant")


async def test_a_team_that_manifests_name_stays(api: Api) -> None:
    await api.make("clusters", "storage-integrations")
    await api.caller("bob@example.com")
    await team(api)
    entry = [{"subject": "team:fraud", "role": "viewer"}]
    await api.admin.post("/api/v1/workspaces", json=WORKSPACE | {"collaborators": entry})
    await api.admin.post("/api/v1/ml-repos", json=ML_REPO | {"collaborators": entry})
    binding = MANIFESTS["role-bindings"] | {"subject": "team:fraud"}
    await api.admin.post("/api/v1/role-bindings", json=binding)

    refused = await api.admin.delete("/api/v1/teams/team:fraud")
    await api.admin.delete("/api/v1/role-bindings/ann-views")
    await api.admin.put("/api/v1/workspaces/prod-eu:team1", json=WORKSPACE)
    await api.admin.put("/api/v1/ml-repos/fraud", json=ML_REPO)
    gone = await api.admin.delete("/api/v1/teams/team:fraud")

    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    for name in ("mlrepo:fraud", "role-binding:ann-views", "prod-eu:team1"):
        assert name in refused.json()["detail"]
    assert gone.status_code == 204


async def test_plain_grants_go_with_the_team(api: Api) -> None:
    await api.make("clusters")
    bob = await api.caller("bob@example.com")
    await team(api)
    await api.grant("team:fraud", "viewer", "prod-eu")

    gone = await api.admin.delete("/api/v1/teams/team:fraud")
    await team(api)

    assert gone.status_code == 204
    assert (await bob.get("/api/v1/clusters/prod-eu")).status_code == 404


async def test_a_deleted_user_is_in_no_team_and_neither_is_a_namesake(api: Api) -> None:
    await api.make("clusters")
    await api.caller("bob@example.com")
    made = await team(api)
    await api.grant("team:fraud", "viewer", "prod-eu")

    await api.admin.delete(f"/api/v1/users/{BOB}")
    left = (await api.admin.get("/api/v1/teams/team:fraud")).json()
    bob = await api.caller("bob@example.com")

    assert left["manifest"]["members"] == []
    assert left["etag"] != made["etag"]
    assert (await bob.get("/api/v1/clusters/prod-eu")).status_code == 404
    assert (await bob.get("/api/v1/whoami")).json()["teams"] == []


async def test_the_last_administrator_may_be_one_by_a_team_and_stays(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    await team(api, tenant_role="admin")
    demoted = await bob.put(
        f"/api/v1/users/{ADMIN}", json={"name": "admin@splitplane.local", "tenant_role": "member"}
    )

    answers = [
        await bob.put("/api/v1/teams/team:fraud", json=BOBS | {"members": []}),
        await bob.put("/api/v1/teams/team:fraud", json=BOBS),
        await bob.delete("/api/v1/teams/team:fraud"),
        await bob.delete(f"/api/v1/users/{BOB}"),
    ]

    assert demoted.status_code == 200
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(409, "in_use")] * 4
    assert (await bob.get("/api/v1/users")).status_code == 200


async def test_a_team_of_another_tenant_gives_nothing(api: Api) -> None:
    await api.make("clusters")
    await team(api, members=[ADMIN])
    await api.grant("team:fraud", "admin", "prod-eu")
    eve = await api.stranger()
    await eve.post("/api/v1/teams", json=TEAM | {"members": ["user:eve@example.com"]})

    read = await eve.get("/api/v1/clusters/prod-eu")
    stolen = await eve.post("/api/v1/teams", json=TEAM | {"name": "other", "members": [ADMIN]})

    assert read.status_code == 404
    assert (stolen.status_code, stolen.json()["errors"][0]["field"]) == (422, "members[0]")


async def test_teams_cost_no_query_more(api: Api) -> None:
    await api.make("clusters")
    bob = await api.caller("bob@example.com")
    ann = await api.caller("ann@example.com")
    for number in range(5):
        await team(api, name=f"team-{number}")
    await api.grant("team:team-3", "viewer", "prod-eu")
    await api.grant("user:ann@example.com", "viewer", "prod-eu")
    asked: list[str] = []
    engine = api.state.engine.sync_engine

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    await ann.get("/api/v1/clusters/prod-eu")
    direct = len(asked)
    read = await bob.get("/api/v1/clusters/prod-eu")
    by_team = len(asked) - direct
    event.remove(engine, "before_cursor_execute", note)

    assert read.status_code == 200
    assert by_team == direct
    assert sum("role_verb" in statement for statement in asked) == 2


async def test_members_and_team_are_applied_together_in_any_order(api: Api) -> None:
    manifests = [TEAM, CLUSTER | {"name": "lab"}, MANIFESTS["users"]]

    answer = await api.admin.post("/api/v1/apply", json={"manifests": manifests})

    assert [result["action"] for result in answer.json()["results"]] == ["created"] * 3
