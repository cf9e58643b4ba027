from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from api_harness import MANIFESTS, TOKEN, Api, make_client
from sqlalchemy import select, update

from splitplane.controlplane import tables

FQN = "sa-token:ci:deploy"
PATH = f"/api/v1/service-account-tokens/{FQN}"


async def make(api: Api, **changes: Any) -> dict[str, Any]:
    """The token's object as its creation answered, with the secret."""
    await api.make("service-accounts")
    answer = await api.admin.post("/api/v1/service-account-tokens", json=TOKEN | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def user_of(api: Api, secret: str) -> httpx.AsyncClient:
    client = make_client(api.app, secret)
    api.clients.append(client)
    return client


async def works(api: Api, secret: str) -> bool:
    return (await user_of(api, secret).get("/api/v1/whoami")).status_code == 200


async def end_secrets(api: Api) -> None:
    """Every secret of a service account has ended."""
    async with api.state.sessions.begin() as session:
        await session.execute(
            update(tables.Token)
            .where(tables.Token.subject_kind == "service-account")
            .values(expires_at=datetime.now(UTC))
        )


async def test_the_secret_is_shown_once(api: Api) -> None:
    made = await make(api)
    secret = made["observed"]["token"]

    read = (await api.admin.get(PATH)).json()
    listed = await api.admin.get("/api/v1/service-account-tokens?service_account=ci")
    whoami = (await user_of(api, secret).get("/api/v1/whoami")).json()

    assert secret.startswith("spl_sa_")
    assert made["fqn"] == FQN
    assert made["status"] == "ready"
    assert whoami["subject"] == "sa:ci"
    assert read["observed"].keys() == {"expires_at", "last4", "last_used_at"}
    assert read["observed"]["last4"] == secret[-4:]
    lives = datetime.fromisoformat(read["observed"]["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < lives <= timedelta(days=90)
    assert [item["fqn"] for item in listed.json()["items"]] == [FQN]
    assert secret not in listed.text


async def test_its_last_use_is_shown(api: Api) -> None:
    made = await make(api)
    await works(api, made["observed"]["token"])
    await api.app.state.last_used.flush()

    read = (await api.admin.get(PATH)).json()

    assert made["observed"]["last_used_at"] is None
    assert read["observed"]["last_used_at"] is not None


async def test_a_repeated_creation_shows_a_new_secret_and_ends_the_first(api: Api) -> None:
    await api.make("service-accounts")
    key = {"Idempotency-Key": "k1"}

    first = await api.admin.post("/api/v1/service-account-tokens", json=TOKEN, headers=key)
    second = await api.admin.post("/api/v1/service-account-tokens", json=TOKEN, headers=key)

    secrets = [answer.json()["observed"]["token"] for answer in (first, second)]
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert [await works(api, secret) for secret in secrets] == [False, True]


async def test_somebody_elses_repetition_shows_no_secret(api: Api) -> None:
    made = await make(api)
    other = await api.caller("root@example.com", tenant_role="admin")

    answer = await other.post(
        "/api/v1/service-account-tokens", json=TOKEN, headers={"Idempotency-Key": "k1"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert await works(api, made["observed"]["token"])


@pytest.mark.parametrize(("overlap", "still_works"), [(0, False), (3600, True)])
async def test_rotation_ends_the_secret_before_when_the_overlap_is_over(
    api: Api, overlap: int, still_works: bool
) -> None:
    first = (await make(api))["observed"]["token"]

    answer = await api.admin.post(f"{PATH}/rotate", json={"overlap_seconds": overlap})

    second = answer.json()["token"]
    assert answer.status_code == 201
    assert answer.json().keys() == {"token", "expires_at"}
    assert await works(api, second)
    assert await works(api, first) is still_works
    await end_secrets(api)
    assert not await works(api, first)


async def test_an_overlap_never_lengthens_a_secrets_life(api: Api) -> None:
    await make(api)
    soon = datetime.now(UTC) + timedelta(seconds=60)
    async with api.state.sessions.begin() as session:
        await session.execute(
            update(tables.Token)
            .where(tables.Token.subject_kind == "service-account")
            .values(expires_at=soon)
        )

    await api.admin.post(f"{PATH}/rotate", json={"overlap_seconds": 86_400})

    tokens = (await api.admin.get("/api/v1/service-accounts/ci/tokens")).json()["items"]
    assert [datetime.fromisoformat(token["expires_at"]) for token in tokens][1:] == [soon]


async def test_a_wrong_overlap_is_refused(api: Api) -> None:
    await make(api)

    for overlap in (-1, 86_401, "long"):
        answer = await api.admin.post(f"{PATH}/rotate", json={"overlap_seconds": overlap})

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "overlap_seconds")


async def test_a_repeated_rotation_is_refused_and_changes_nothing(api: Api) -> None:
    await make(api)
    key = {"Idempotency-Key": "k1"}

    first = await api.admin.post(f"{PATH}/rotate", json={}, headers=key)
    second = await api.admin.post(f"{PATH}/rotate", json={}, headers=key)

    assert (second.status_code, second.json()["code"]) == (409, "idempotency_key_reused")
    assert await works(api, first.json()["token"])


async def test_an_ended_token_is_expired_until_it_is_rotated(api: Api) -> None:
    await make(api)
    await end_secrets(api)
    ended = (await api.admin.get(PATH)).json()["status"]
    longer = await api.admin.put(PATH, json=TOKEN | {"lifetime_days": 365})
    await api.admin.post(f"{PATH}/rotate", json={})

    assert ended == "expired"
    assert longer.json()["status"] == "expired"
    assert (await api.admin.get(PATH)).json()["status"] == "ready"


async def test_a_shorter_life_holds_for_the_present_secret(api: Api) -> None:
    made = await make(api)

    changed = (await api.admin.put(PATH, json=TOKEN | {"lifetime_days": 1})).json()

    end = datetime.fromisoformat(changed["observed"]["expires_at"])
    assert end - datetime.now(UTC) <= timedelta(days=1)
    assert await works(api, made["observed"]["token"])


async def test_scopes_limit_it_at_once_and_after_a_change(api: Api) -> None:
    await api.make("clusters")
    made = await make(api, scopes=["cluster:read"])
    await api.grant("sa:ci", "admin", "tenant")
    client = user_of(api, made["observed"]["token"])

    read = await client.get("/api/v1/clusters/prod-eu")
    gone = await client.delete("/api/v1/clusters/prod-eu")
    await api.admin.put(PATH, json=TOKEN | {"scopes": ["environment:read"]})
    later = await client.get("/api/v1/clusters/prod-eu")

    assert (read.status_code, gone.status_code, later.status_code) == (200, 403, 404)


async def test_a_limited_token_makes_none_that_is_limited_less(api: Api) -> None:
    scopes = ["service-account:create-token", "service-account:read"]
    made = await make(api, scopes=scopes)
    await api.grant("sa:ci", "admin", "tenant")
    client = user_of(api, made["observed"]["token"])
    await api.admin.post("/api/v1/service-account-tokens", json=TOKEN | {"name": "full"})

    async def post(path: str, body: dict[str, Any]) -> int:
        return (await client.post(f"/api/v1/{path}", json=body)).status_code

    assert await post("service-account-tokens", TOKEN | {"name": "more"}) == 403
    assert await post("service-account-tokens", TOKEN | {"name": "same", "scopes": scopes}) == 201
    assert await post("service-account-tokens/sa-token:ci:full/rotate", {}) == 403
    own = await client.post("/api/v1/tokens", json={"name": "own"})
    assert (await user_of(api, own.json()["token"]).get("/api/v1/clusters")).json()["items"] == []
    assert await status_of_creating_a_cluster(user_of(api, own.json()["token"])) == 403


async def status_of_creating_a_cluster(client: httpx.AsyncClient) -> int:
    return (await client.post("/api/v1/clusters", json=MANIFESTS["clusters"])).status_code


async def test_only_holders_of_the_verb_make_rotate_and_delete(api: Api) -> None:
    await make(api)
    role = {
        "type": "role",
        "name": "tokens",
        "scope": "tenant",
        "verbs": ["service-account:create-token", "service-account:read"],
    }
    await api.admin.post("/api/v1/roles", json=role)
    bob = await api.caller("bob@example.com")
    audit = await api.caller("audit@example.com", tenant_role="auditor")
    hidden = await bob.post(f"{PATH}/rotate", json={})
    refused = await audit.post(f"{PATH}/rotate", json={})

    await api.grant("user:bob@example.com", "tokens", "tenant")
    made = await bob.post("/api/v1/service-account-tokens", json=TOKEN | {"name": "bobs"})
    rotated = await bob.post(f"{PATH}/rotate", json={})
    gone = await bob.delete(PATH)

    assert hidden.status_code == 404
    assert (refused.status_code, refused.json()["verb"]) == (403, "service-account:create-token")
    assert [answer.status_code for answer in (made, rotated, gone)] == [201, 201, 204]


async def test_deletion_revokes(api: Api) -> None:
    secret = (await make(api))["observed"]["token"]

    gone = await api.admin.delete(PATH)

    assert gone.status_code == 204
    assert not await works(api, secret)
    assert (await api.admin.get("/api/v1/service-accounts/ci/tokens")).json()["items"] == []


async def test_it_goes_with_its_service_account(api: Api) -> None:
    made = await make(api)

    await api.admin.delete("/api/v1/service-accounts/ci")

    assert (await api.admin.get(PATH)).status_code == 404
    assert not await works(api, made["observed"]["token"])
    assert {e["type"] for e in await api.events(object=made["id"])} == {
        "service-account-token.created",
        "service-account-token.deleted",
    }


async def test_a_secret_that_was_deleted_by_itself_leaves_an_expired_token(api: Api) -> None:
    made = await make(api)
    (secret,) = (await api.admin.get("/api/v1/service-accounts/ci/tokens")).json()["items"]

    gone = await api.admin.delete(f"/api/v1/tokens/{secret['id']}")

    shown = (await api.admin.get(PATH)).json()
    assert gone.status_code == 204
    assert not await works(api, made["observed"]["token"])
    assert (shown["status"], shown["observed"].get("expires_at")) == ("expired", None)


async def test_the_service_account_must_exist(api: Api) -> None:
    answer = await api.admin.post("/api/v1/service-account-tokens", json=TOKEN)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["value"]) == (422, "service_account", "ci")
    assert error["hint"] == "make the service-account first, or name another one"


async def test_wrong_fields_are_named(api: Api) -> None:
    await api.make("service-accounts")
    wrong: list[dict[str, Any]] = [
        {"lifetime_days": 0},
        {"lifetime_days": 366},
        {"scopes": ["cluster:fly"]},
    ]

    for changes in wrong:
        answer = await api.admin.post("/api/v1/service-account-tokens", json=TOKEN | changes)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == list(changes)


async def test_a_dry_run_of_apply_makes_and_shows_no_secret(api: Api) -> None:
    manifests = [TOKEN, MANIFESTS["service-accounts"]]

    dry = await api.admin.post("/api/v1/apply", json={"manifests": manifests, "dry_run": True})
    real = await api.admin.post("/api/v1/apply", json={"manifests": manifests})

    assert [result["action"] for result in dry.json()["results"]] == ["created", "created"]
    assert "spl_sa_" not in dry.text
    assert await works(api, real.json()["results"][0]["object"]["observed"]["token"])


async def test_no_secret_is_stored_or_logged_in_clear(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (await make(api))["observed"]["token"]
    key = {"Idempotency-Key": "k1"}
    rotated = await api.admin.post(f"{PATH}/rotate", json={"overlap_seconds": 60}, headers=key)
    await works(api, rotated.json()["token"])
    events = await api.events()

    async with api.state.sessions() as session:
        rows = [
            (await session.execute(select(table))).all()
            for table in tables.Base.metadata.tables.values()
        ]
        found = str(rows)

    logged = "".join(capsys.readouterr())
    for secret in (first, rotated.json()["token"]):
        body = secret.removeprefix("spl_sa_")[:20]
        assert body not in found
        assert body not in logged
        assert body not in str(events)
    assert "service-account-token.rotated" in {event["type"] for event in events}
