"""What hangs on clusters and applications, with rows as the hub and the worker write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from api_harness import Api
from sqlalchemy import func, update

from splitplane.contract.ids import uuid7
from splitplane.controlplane import tables

Json = dict[str, Any]


async def add(api: Api, *rows: Any) -> None:
    async with api.state.sessions.begin() as session:
        for row in rows:
            row.tenant_id = await api.tenant_id()
            session.add(row)


def live(cluster_id: str, name: str, **changes: Any) -> tables.LiveObject:
    fields: Json = {
        "cluster_id": cluster_id,
        "kind": "Pod",
        "namespace": "team1",
        "name": name,
        "uid": name,
        "resource_version": "1",
        "doc": {"phase": "Running"},
    }
    return tables.LiveObject(**fields | changes)


def session_of(cluster_id: str, lease_seconds: float) -> tables.AgentSession:
    now = datetime.now(UTC)
    return tables.AgentSession(
        cluster_id=cluster_id,
        replica="replica-a",
        generation=3,
        agent_version="0.1.0",
        kubernetes_version="v1.36.1",
        connected_at=now,
        last_seen_at=now,
        lease_until=now + timedelta(seconds=lease_seconds),
    )


async def get(api: Api, path: str) -> Json:
    answer = await api.admin.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_new_cluster_has_never_connected(api: Api) -> None:
    made = (await api.make("clusters"))["clusters"]

    assert made["status"] == "never_connected"
    assert await get(api, "clusters/prod-eu/session") == {
        "cluster_id": made["id"],
        "is_connected": False,
        "generation": 0,
        "agent_version": None,
        "kubernetes_version": None,
        "connected_at": None,
        "last_seen_at": None,
    }


async def test_a_session_whose_lease_lapsed_is_not_connected(api: Api) -> None:
    made = (await api.make("clusters"))["clusters"]
    async with api.state.sessions.begin() as session:
        condition = await session.get_one(tables.ObjectCondition, (made["id"], "Connected"))
        condition.status, condition.reason = "true", "SessionOpen"
    await add(api, session_of(made["id"], lease_seconds=30))
    during = await get(api, "clusters/prod-eu")
    async with api.state.sessions.begin() as session:
        found = await session.get_one(tables.AgentSession, made["id"])
        found.lease_until = datetime.now(UTC) - timedelta(seconds=1)

    after = await get(api, "clusters/prod-eu")

    assert during["status"] == "connected"
    assert during["observed"]["agent_version"] == "0.1.0"
    assert after["status"] == "disconnected"
    assert after["conditions"][0]["reason"] == "LeaseExpired"
    assert (await get(api, "clusters/prod-eu/session"))["is_connected"] is False


async def test_a_rotated_join_token_replaces_the_older_one(api: Api) -> None:
    from splitplane.controlplane.identity.secrets import digest

    made = (await api.make("clusters"))["clusters"]
    first = made["observed"]["join_token"]

    second = (await api.admin.post("/api/v1/clusters/prod-eu/join-token")).json()
    shown = await get(api, "clusters/prod-eu")

    async with api.state.sessions() as session:
        from sqlalchemy import select

        rows = await session.execute(
            select(tables.JoinToken.token_sha256, tables.JoinToken.revoked_at)
        )
        revoked = {sha: moment is not None for sha, moment in rows}
    assert revoked == {digest(first): True, digest(second["token"]): False}
    assert second["cluster_id"] == made["id"]
    assert "join_token" not in shown["observed"]
    ends = (shown["observed"]["join_token_expires_at"], second["expires_at"])
    assert len({datetime.fromisoformat(end) for end in ends}) == 1


async def test_the_end_of_a_join_token_is_shown_until_it_is_used(api: Api) -> None:
    made = (await api.make("clusters"))["clusters"]
    async with api.state.sessions.begin() as session:
        await session.execute(update(tables.JoinToken).values(used_at=func.now()))

    shown = await get(api, "clusters/prod-eu")

    assert made["observed"]["join_token_expires_at"]
    assert "join_token_expires_at" not in shown["observed"]


async def test_live_objects_come_in_pages_without_tombstones(api: Api) -> None:
    cluster_id = (await api.make("clusters"))["clusters"]["id"]
    await add(
        api,
        *(live(cluster_id, f"pod-{number}") for number in range(5)),
        live(cluster_id, "gone", deleted_at=datetime.now(UTC)),
        live(cluster_id, "other", namespace="team2", kind="Job"),
        session_of(cluster_id, lease_seconds=30),
    )

    first = await get(api, "clusters/prod-eu/live-objects?limit=4")
    second = await get(api, f"clusters/prod-eu/live-objects?limit=4&cursor={first['next_cursor']}")
    pods = await get(api, "clusters/prod-eu/live-objects?namespace=team1&kind=Pod")

    names = [item["name"] for item in first["items"] + second["items"]]
    assert names == ["other", "pod-0", "pod-1", "pod-2", "pod-3", "pod-4"]
    assert second["next_cursor"] is None
    assert len(pods["items"]) == 5
    assert {item["is_stale"] for item in pods["items"]} == {False}


async def test_an_application_shows_only_what_its_own_cluster_claims(api: Api) -> None:
    made = await api.make("clusters", "workspaces", "applications")
    other = await api.admin.post(
        "/api/v1/clusters", json={"name": "other", "environments": ["dev"]}
    )
    application_id = made["applications"]["id"]
    await add(
        api,
        live(made["clusters"]["id"], "mine", application_id=application_id),
        live(other.json()["id"], "claimed", application_id=application_id),
        live(made["clusters"]["id"], "another", application_id=uuid7()),
    )

    found = await get(api, "applications/prod-eu:team1:ranker/live-objects")

    assert [item["name"] for item in found["items"]] == ["mine"]
    assert found["items"][0]["is_stale"] is True


async def test_commands_are_listed_newest_first_without_their_specs(api: Api) -> None:
    cluster_id = (await api.make("clusters"))["clusters"]["id"]
    now = datetime.now(UTC)
    await add(
        api,
        *(
            tables.Command(
                cluster_id=cluster_id,
                seq=seq,
                kind="apply-bundle",
                cluster_uid="uid",
                spec='{"canary": 1}',
                spec_sha256="00",
                signature="AA",
                key_id="00",
                not_before=now,
                expires_at=now + timedelta(hours=1),
                actor="user:ann@example.com",
            )
            for seq in (1, 2, 3)
        ),
    )

    first = await api.admin.get("/api/v1/clusters/prod-eu/commands?limit=2")
    rest = await get(api, f"clusters/prod-eu/commands?limit=2&cursor={first.json()['next_cursor']}")

    assert [item["seq"] for item in first.json()["items"] + rest["items"]] == [3, 2, 1]
    assert "canary" not in first.text


async def test_rendered_manifests_are_those_of_the_wanted_version(api: Api) -> None:
    made = await api.make("clusters", "workspaces", "applications")
    before = await get(api, "applications/prod-eu:team1:ranker/manifests")
    async with api.state.sessions.begin() as session:
        application = await session.get_one(tables.Application, made["applications"]["id"])
        assert application.desired_deployment_id is not None
        deployment = await session.get_one(tables.Deployment, application.desired_deployment_id)
        deployment.rendered = [{"kind": "Deployment"}]

    after = await get(api, "applications/prod-eu:team1:ranker/manifests")

    assert before["items"] == []
    assert after["items"] == [{"kind": "Deployment"}]


async def test_events_follow_each_other_in_both_directions(api: Api) -> None:
    await api.make("clusters", "workspaces", "applications")
    newest = await api.events()
    oldest_id = min(int(event["id"]) for event in newest)

    later = await api.events(since=str(oldest_id))
    page = (await api.admin.get("/api/v1/events?limit=2")).json()
    rest = (await api.admin.get(f"/api/v1/events?cursor={page['next_cursor']}")).json()
    of_workspace = await api.events(object="prod-eu:team1")

    assert [e["id"] for e in later] == [e["id"] for e in reversed(newest)][1:]
    assert [e["id"] for e in page["items"] + rest["items"]] == [e["id"] for e in newest]
    assert {event["type"] for event in of_workspace} == {
        "workspace.created",
        "application.created",
        "deployment.created",
    }


async def test_names_are_resolved(api: Api) -> None:
    made = await api.make("clusters", "workspaces")

    found = await get(api, "resolve?fqn=prod-eu:team1")
    unknown = await api.admin.get("/api/v1/resolve?fqn=prod-eu:team2")
    wrong = await api.admin.get("/api/v1/resolve?fqn=a:b:c:d")

    assert found == {
        "id": made["workspaces"]["id"],
        "kind": "workspace",
        "fqn": "prod-eu:team1",
    }
    assert (unknown.status_code, wrong.status_code) == (404, 422)
