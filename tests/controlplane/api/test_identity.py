from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from api_harness import SERVICE_ACCOUNT, Api, make_client
from sqlalchemy import func, select, update

from splitplane.controlplane import tables
from splitplane.controlplane.identity.bootstrap import find_admin, issue_signin_code


async def new_code(api: Api) -> str:
    async with api.state.sessions.begin() as session:
        admin = await find_admin(session, "default")
        assert admin is not None
        return await issue_signin_code(session, admin)


async def sign_in(api: Api, code: str) -> Any:
    return await api.anonymous.post("/api/v1/sign-in", json={"code": code})


async def test_a_code_signs_in_once(api: Api) -> None:
    code = await new_code(api)

    first = await sign_in(api, code)
    second = await sign_in(api, code)

    assert first.status_code == 200
    assert first.json()["token"].startswith("spl_pat_")
    assert first.json()["subject"] == "user:admin@splitplane.local"
    assert (second.status_code, second.json()["code"]) == (401, "unauthenticated")
    whoami = await make_client(api.app, first.json()["token"]).get("/api/v1/whoami")
    assert whoami.json()["subject"] == "user:admin@splitplane.local"
    assert whoami.json()["tenant_roles"] == ["admin"]


async def test_a_code_may_be_typed_carelessly(api: Api) -> None:
    code = await new_code(api)

    answer = await sign_in(api, f" {code.lower().replace('-', ' ')} ")

    assert answer.status_code == 200


async def test_a_code_ends_after_an_hour_and_with_the_next_one(api: Api) -> None:
    old = await new_code(api)
    expired = await new_code(api)
    async with api.state.sessions.begin() as session:
        await session.execute(
            update(tables.SigninCode).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        )

    assert (await sign_in(api, old)).status_code == 401
    assert (await sign_in(api, expired)).status_code == 401


async def test_attempts_are_limited(api: Api) -> None:
    answers = [await sign_in(api, f"WRONG-{number}") for number in range(7)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


async def test_no_code_and_no_token_is_stored_in_clear(api: Api) -> None:
    code = await new_code(api)
    token = (await sign_in(api, code)).json()["token"]

    async with api.state.sessions() as session:
        text = await session.scalar(
            select(
                func.concat(
                    select(func.json_agg(tables.SigninCode.code_sha256)).scalar_subquery(),
                    select(func.json_agg(tables.Token.token_sha256)).scalar_subquery(),
                    select(func.json_agg(tables.Event.message)).scalar_subquery(),
                    select(func.json_agg(tables.Event.data)).scalar_subquery(),
                )
            )
        )

    assert text is not None
    assert code not in text
    assert token not in text
    assert token.removeprefix("spl_pat_")[:20] not in text


async def test_a_token_works_until_it_is_deleted(api: Api) -> None:
    made = await api.admin.post("/api/v1/tokens", json={"name": "laptop"})
    client = make_client(api.app, made.json()["token"])
    before = await client.get("/api/v1/whoami")

    listed = (await api.admin.get("/api/v1/tokens")).json()["items"]
    gone = await api.admin.delete(f"/api/v1/tokens/{made.json()['id']}")
    after = await client.get("/api/v1/whoami")

    assert made.status_code == 201
    assert [(t["name"], t.get("token")) for t in listed if t["name"] == "laptop"] == [
        ("laptop", None)
    ]
    lives = datetime.fromisoformat(made.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < lives <= timedelta(days=90)
    assert (before.status_code, gone.status_code, after.status_code) == (200, 204, 401)


async def test_an_expired_token_is_refused(api: Api) -> None:
    made = await api.admin.post("/api/v1/tokens", json={"name": "old"})
    async with api.state.sessions.begin() as session:
        await session.execute(
            update(tables.Token)
            .where(tables.Token.id == made.json()["id"])
            .values(expires_at=datetime.now(UTC))
        )

    answer = await make_client(api.app, made.json()["token"]).get("/api/v1/whoami")

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic abc", "Bearer spl_pat_" + "0" * 49, "Bearer spl_pat_é"],
)
async def test_a_malformed_token_is_refused(api: Api, header: str) -> None:
    answer = await api.anonymous.get(
        "/api/v1/whoami", headers={b"Authorization": header.encode("latin-1")}
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_service_account_acts_with_its_role_and_no_more(api: Api) -> None:
    await api.make("service-accounts", "clusters")
    await api.grant("sa:ci", "viewer", "prod-eu")
    made = await api.admin.post("/api/v1/service-accounts/ci/tokens", json={"name": "pipeline"})
    client = make_client(api.app, made.json()["token"])

    whoami = await client.get("/api/v1/whoami")
    read = await client.get("/api/v1/clusters/prod-eu")
    gone = await client.delete("/api/v1/clusters/prod-eu")

    assert made.json()["token"].startswith("spl_sa_")
    assert whoami.json()["subject"] == "sa:ci"
    assert whoami.json()["tenant_roles"] == []
    assert (read.status_code, gone.status_code) == (200, 403)


async def test_a_deleted_subject_cannot_act(api: Api) -> None:
    await api.make("service-accounts")
    made = await api.admin.post("/api/v1/service-accounts/ci/tokens", json={"name": "pipeline"})
    client = make_client(api.app, made.json()["token"])
    await api.admin.delete("/api/v1/service-accounts/ci")
    await api.admin.post("/api/v1/service-accounts", json=SERVICE_ACCOUNT)

    assert (await client.get("/api/v1/whoami")).status_code == 401


async def test_scopes_limit_a_token(api: Api) -> None:
    await api.make("clusters")
    made = await api.admin.post("/api/v1/tokens", json={"name": "reader"})
    async with api.state.sessions.begin() as session:
        await session.execute(
            update(tables.Token)
            .where(tables.Token.id == made.json()["id"])
            .values(scopes=["cluster:read"])
        )
    client = make_client(api.app, made.json()["token"])

    assert (await client.get("/api/v1/clusters/prod-eu")).status_code == 200
    assert (await client.delete("/api/v1/clusters/prod-eu")).status_code == 403
    assert (await client.get("/api/v1/environments")).json()["items"] == []


async def test_use_of_a_token_is_noted(api: Api) -> None:
    await api.admin.get("/api/v1/whoami")
    await api.app.state.last_used.flush()

    (token,) = (await api.admin.get("/api/v1/tokens")).json()["items"]

    assert token["last_used_at"] is not None


async def test_the_last_administrator_stays(api: Api) -> None:
    ref = "user:admin@splitplane.local"
    gone = await api.admin.delete(f"/api/v1/users/{ref}")
    demoted = await api.admin.put(
        f"/api/v1/users/{ref}", json={"name": "admin@splitplane.local", "tenant_role": "member"}
    )
    await api.caller("root@example.com", tenant_role="admin")
    later = await api.admin.delete(f"/api/v1/users/{ref}")

    assert (gone.status_code, gone.json()["code"]) == (409, "in_use")
    assert (demoted.status_code, demoted.json()["code"]) == (409, "in_use")
    assert later.status_code == 204


async def test_an_administrator_lets_a_user_sign_in(api: Api) -> None:
    await api.make("users")
    bob = await api.caller("bob@example.com", tenant_role="auditor")

    refused = await bob.post("/api/v1/users/user:ann@example.com/sign-in-code")
    made = await api.admin.post("/api/v1/users/user:ann@example.com/sign-in-code")
    answer = await sign_in(api, made.json()["code"])

    assert refused.status_code == 403
    assert answer.json()["subject"] == "user:ann@example.com"
