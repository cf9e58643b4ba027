import asyncio

from api_harness import CLUSTER, ENVIRONMENT, USER, Api


async def test_a_repeated_creation_returns_the_same_object(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}

    first = await api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)
    second = await api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["idempotency-replayed"] == "true"
    assert first.json()["id"] == second.json()["id"]
    events = await api.events(object=first.json()["id"])
    assert [event["type"] for event in events] == ["environment.created"]


async def test_the_same_key_for_another_body_is_refused(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    await api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)

    changed = await api.admin.post(
        "/api/v1/environments", json=ENVIRONMENT | {"color": "#000000"}, headers=key
    )
    renamed = await api.admin.post("/api/v1/environments", json={"name": "qb"}, headers=key)

    for answer in (changed, renamed):
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


async def test_the_key_of_somebody_else_does_not_count(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    await api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)
    other = await api.caller("root@example.com", tenant_role="admin")

    answer = await other.post("/api/v1/environments", json=ENVIRONMENT, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


async def test_a_key_ends_with_its_object(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)
    await api.admin.delete("/api/v1/environments/qa")

    second = await api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)

    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]
    assert second.json()["etag"] != first.json()["etag"]


async def test_a_replayed_cluster_has_a_join_token_until_an_agent_enrols(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await api.admin.post("/api/v1/clusters", json=CLUSTER, headers=key)
    second = await api.admin.post("/api/v1/clusters", json=CLUSTER, headers=key)
    await api.enrol_agent(first.json()["id"])
    third = await api.admin.post("/api/v1/clusters", json=CLUSTER, headers=key)

    tokens = [answer.json()["observed"].get("join_token") for answer in (first, second, third)]

    assert tokens[0].startswith("spl_join_")
    assert tokens[1].startswith("spl_join_")
    assert tokens[0] != tokens[1]
    assert tokens[2] is None


async def test_of_many_equal_creations_at_once_one_wins(api: Api) -> None:
    answers = await asyncio.gather(
        *(api.admin.post("/api/v1/environments", json=ENVIRONMENT) for _ in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_exists"}


async def test_of_many_replays_at_once_all_see_one_object(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}

    answers = await asyncio.gather(
        *(api.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key) for _ in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_repeated_grant_answers_the_same(api: Api) -> None:
    await api.make("users", "clusters")
    body = {"subject": "user:ann@example.com", "role": "viewer", "object": "prod-eu"}
    key = {"Idempotency-Key": "k1"}

    first = await api.admin.post("/api/v1/grants", json=body, headers=key)
    second = await api.admin.post("/api/v1/grants", json=body, headers=key)
    other = await api.admin.post("/api/v1/grants", json=body | {"role": "admin"}, headers=key)

    assert first.json() == second.json()
    assert other.json()["code"] == "idempotency_key_reused"


async def test_a_repeated_request_for_a_secret_is_refused(api: Api) -> None:
    await api.make("clusters")
    key = {"Idempotency-Key": "k1"}

    first = await api.admin.post("/api/v1/clusters/prod-eu/join-token", headers=key)
    second = await api.admin.post("/api/v1/clusters/prod-eu/join-token", headers=key)

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_key_reused")
    assert first.json()["token"] not in second.text


async def test_a_key_that_is_too_long_is_refused(api: Api) -> None:
    answer = await api.admin.post(
        "/api/v1/users", json=USER, headers={"Idempotency-Key": "x" * 201}
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
