from typing import Any

from api_harness import (
    CLUSTER,
    ENVIRONMENT,
    ML_REPO,
    SERVICE,
    STORAGE,
    WORKSPACE,
    Api,
)

Json = dict[str, Any]
EVERYTHING: list[Json] = [SERVICE, WORKSPACE, ML_REPO, STORAGE, CLUSTER, ENVIRONMENT]


async def apply(client: Any, *manifests: Json, dry_run: bool = False) -> Json:
    answer = await client.post(
        "/api/v1/apply", json={"manifests": list(manifests), "dry_run": dry_run}
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def count(api: Api, plural: str) -> int:
    return len((await api.admin.get(f"/api/v1/{plural}")).json()["items"])


async def test_manifests_in_any_order_are_created_together(api: Api) -> None:
    done = await apply(api.admin, *EVERYTHING)

    assert done["applied"] is True
    assert [(r["index"], r["fqn"], r["action"]) for r in done["results"]] == [
        (0, "prod-eu:team1:ranker", "created"),
        (1, "prod-eu:team1", "created"),
        (2, "mlrepo:fraud", "created"),
        (3, "storage-integration:local", "created"),
        (4, "prod-eu", "created"),
        (5, "environment:qa", "created"),
    ]
    assert done["results"][4]["object"]["observed"]["join_token"].startswith("spl_join_")
    assert done["results"][0]["object"]["status"] == "pending"


async def test_applying_again_changes_nothing(api: Api) -> None:
    await apply(api.admin, *EVERYTHING)

    done = await apply(api.admin, *EVERYTHING)

    assert {result["action"] for result in done["results"]} == {"unchanged"}
    assert "join_token" not in done["results"][4]["object"]["observed"]


async def test_a_change_is_shown_field_by_field(api: Api) -> None:
    await apply(api.admin, *EVERYTHING)

    done = await apply(api.admin, SERVICE | {"replicas": 2, "ports": [{"port": 9000}]})

    (result,) = done["results"]
    assert result["action"] == "updated"
    assert result["changes"] == [
        {"path": "ports[0].port", "before": 8000, "after": 9000},
        {"path": "replicas", "before": 1, "after": 2},
    ]
    assert result["permission"] == {
        "verb": "application:update",
        "allowed": True,
        "reason": "granted by a role",
    }


async def test_a_dry_run_says_everything_and_writes_nothing(api: Api) -> None:
    before = await api.events()

    done = await apply(api.admin, *EVERYTHING, dry_run=True)

    assert (done["dry_run"], done["applied"]) == (True, False)
    assert {result["action"] for result in done["results"]} == {"created"}
    assert {result["object"] for result in done["results"]} == {None}
    assert await count(api, "clusters") == await count(api, "applications") == 0
    assert await api.events() == before
    assert "spl_join_" not in str(done)


async def test_one_bad_manifest_stops_all(api: Api) -> None:
    done = await apply(api.admin, ENVIRONMENT, CLUSTER, WORKSPACE | {"environment": "qa"})

    assert done["applied"] is False
    assert [result["action"] for result in done["results"]] == ["created", "created", "invalid"]
    assert done["results"][2]["problem"]["errors"][0]["allowed"] == "dev, prod"
    assert {result["object"] for result in done["results"]} == {None}
    assert await count(api, "environments") == 3
    assert await count(api, "clusters") == 0


async def test_a_missing_right_is_told_for_its_manifest(api: Api) -> None:
    await api.make("clusters", "workspaces")
    bob = await api.caller("bob@example.com")
    await api.grant("user:bob@example.com", "editor", "prod-eu:team1")

    done = await apply(bob, SERVICE, CLUSTER | {"name": "mine"}, dry_run=True)

    service, cluster = done["results"]
    assert (service["action"], service["permission"]["allowed"]) == ("created", True)
    assert (cluster["action"], cluster["permission"]["verb"]) == ("denied", "cluster:create")
    assert cluster["permission"]["allowed"] is False
    assert "user:admin@splitplane.local" in cluster["problem"]["hint"]


async def test_unknown_types_and_repeated_names_are_invalid(api: Api) -> None:
    done = await apply(api.admin, {"type": "pipeline"}, ENVIRONMENT, ENVIRONMENT)

    assert [result["action"] for result in done["results"]] == ["invalid", "created", "invalid"]
    assert done["results"][0]["problem"]["errors"][0]["field"] == "type"
    assert "already" in done["results"][2]["problem"]["detail"]


async def test_something_else_than_manifests_is_refused(api: Api) -> None:
    for body in ({}, {"manifests": []}, {"manifests": ["x"]}, {"manifests": [{}], "force": True}):
        answer = await api.admin.post("/api/v1/apply", json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_each_change_of_an_application_is_a_version(api: Api) -> None:
    await apply(api.admin, *EVERYTHING)
    await apply(api.admin, SERVICE | {"replicas": 2})
    await apply(api.admin, SERVICE | {"replicas": 2})

    path = "/api/v1/applications/prod-eu:team1:ranker"
    listed = (await api.admin.get(f"{path}/deployments")).json()["items"]
    shown = (await api.admin.get(path)).json()

    assert [(d["fqn"], d["is_current"], d["manifest"]["replicas"]) for d in listed] == [
        ("prod-eu:team1:ranker:v2", True, 2),
        ("prod-eu:team1:ranker:v1", False, 1),
    ]
    assert shown["observed"]["version"] == 2
    assert [(c["type"], c["status"]) for c in shown["conditions"]] == [
        ("Built", "true"),
        ("Rendered", "unknown"),
        ("Delivered", "unknown"),
        ("Available", "unknown"),
    ]


async def test_an_application_on_a_cluster_with_an_agent_is_deleted_by_the_worker(
    api: Api,
) -> None:
    made = await apply(api.admin, *EVERYTHING)
    await api.enrol_agent(made["results"][4]["object"]["id"])
    path = "/api/v1/applications/prod-eu:team1:ranker"

    gone = await api.admin.delete(path)
    shown = await api.admin.get(path)
    changed = await api.admin.put(path, json=SERVICE | {"replicas": 5})
    again = await api.admin.post("/api/v1/applications", json=SERVICE)
    workspace = await api.admin.delete("/api/v1/workspaces/prod-eu:team1")

    assert gone.status_code == 204
    assert shown.json()["status"] == "deleting"
    assert (changed.status_code, changed.json()["code"]) == (409, "stale")
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert (workspace.status_code, workspace.json()["code"]) == (409, "in_use")


async def test_what_waits_for_a_lost_agent_is_forced_out_by_who_may_delete_the_cluster(
    api: Api,
) -> None:
    made = await apply(api.admin, *EVERYTHING)
    await api.enrol_agent(made["results"][4]["object"]["id"])
    bob = await api.caller("bob@example.com")
    await api.grant("user:bob@example.com", "admin", "prod-eu:team1")
    await api.grant("user:bob@example.com", "viewer", "prod-eu")
    path = "/api/v1/applications/prod-eu:team1:ranker"
    await api.admin.delete(path)

    refused = await bob.delete(path, params={"force": "true"})
    early = await api.admin.delete("/api/v1/workspaces/prod-eu:team1", params={"force": "true"})
    gone = await api.admin.delete(path, params={"force": "true"})
    workspace = await api.admin.delete("/api/v1/workspaces/prod-eu:team1", params={"force": "true"})
    again = await api.admin.delete(path, params={"force": "true"})

    assert (refused.status_code, refused.json()["verb"]) == (403, "cluster:delete")
    assert (early.status_code, early.json()["code"]) == (409, "in_use")
    assert (gone.status_code, workspace.status_code, again.status_code) == (204, 204, 404)
    forced = [e for e in await api.events() if e["data"].get("is_forced")]
    assert [(e["type"], e["actor"]) for e in forced] == [
        ("workspace.deletion-requested", "user:admin@splitplane.local"),
        ("application.deletion-requested", "user:admin@splitplane.local"),
    ]
    assert forced[1]["message"].endswith("by force: what lies in the cluster stays there")
