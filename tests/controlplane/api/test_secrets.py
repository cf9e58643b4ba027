from typing import Any

from api_harness import MANIFESTS, REGISTRY, SECRET_GROUP, SECRET_STORE, SERVICE, Api

Json = dict[str, Any]
BOB = "user:bob@example.com"
GROUP = "/api/v1/secret-groups/secret-group:db"
APPLICATION = "/api/v1/applications/prod-eu:team1:ranker"
USING = SERVICE | {"env": {"PASSWORD": "secret://db/password"}}
OTHER = {
    "kind": "other",
    "host": "registry.example.com:5000",
    "username": "robot",
    "password": "secret://db/password",
}
STORES: list[Json] = [
    {"kind": "aws-secrets-manager", "region": "eu-west-1", "prefix": "fraud/"},
    {"kind": "aws-parameter-store", "region": "eu-west-1"},
    {"kind": "gcp-secret-manager", "project": "fraud-prod"},
    {"kind": "azure-key-vault", "vault_url": "https://fraud.vault.azure.net"},
    {"kind": "vault", "address": "https://vault.example.com", "role": "splitplane"},
    {"kind": "kubernetes"},
]
REGISTRIES: list[Json] = [
    {"kind": "ecr", "account_id": "123456789012", "region": "eu-west-1"},
    {"kind": "gar", "project": "fraud-prod", "location": "europe", "repository": "images"},
    {"kind": "acr", "login_server": "fraud.azurecr.io"},
    {"kind": "other", "host": "registry.example.com"},
]
STORAGES: list[Json] = [
    {"kind": "gcs", "bucket": "fraud-models", "prefix": "ml"},
    {"kind": "azure-blob", "account": "fraudmodels", "container": "models", "prefix": "ml"},
]


PLACES = [
    ("secret-stores", "store", STORES),
    ("container-registries", "registry", REGISTRIES),
    ("storage-integrations", "storage", STORAGES),
]


async def everything(api: Api) -> None:
    """A group, and a workspace in which applications may refer to it."""
    await api.make("clusters", "workspaces", "secret-stores", "secret-groups")


def problem(answer: Any) -> tuple[int, str, str]:
    return (answer.status_code, answer.json()["code"], answer.json()["detail"])


async def test_every_kind_of_place_is_kept_as_it_was_written(api: Api) -> None:
    for plural, field, values in PLACES:
        for value in values:
            name = str(value["kind"])
            made = await api.admin.post(f"/api/v1/{plural}", json={"name": name, field: value})

            assert made.status_code == 201, made.text
            assert made.json()["manifest"][field].items() >= value.items()


async def test_an_ml_repo_lies_in_a_bucket_of_any_cloud(api: Api) -> None:
    for value in STORAGES:
        name = str(value["kind"])
        storage = {"name": name, "storage": value}
        repo = {"name": f"in-{name}", "storage_integration": name}

        await api.admin.post("/api/v1/storage-integrations", json=storage)

        assert (await api.admin.post("/api/v1/ml-repos", json=repo)).status_code == 201
        gone = await api.admin.delete(f"/api/v1/storage-integrations/{name}")
        assert (gone.status_code, gone.json()["code"]) == (409, "in_use")


IMMUTABLE: list[tuple[Json, Json]] = [
    (STORES[0], {"region": "eu-west-2"}),
    (STORES[2], {"project": "other-prod"}),
    (STORES[3], {"vault_url": "https://other.vault.azure.net"}),
    (STORES[4], {"address": "https://other.example.com"}),
    (REGISTRIES[0], {"account_id": "210987654321"}),
    (REGISTRIES[0], {"region": "eu-west-2"}),
    (REGISTRIES[1], {"project": "other-prod"}),
    (REGISTRIES[1], {"location": "us"}),
    (REGISTRIES[1], {"repository": "others"}),
    (REGISTRIES[2], {"login_server": "other.azurecr.io"}),
    (REGISTRIES[3], {"host": "other.example.com"}),
    (STORAGES[0], {"bucket": "other-models"}),
    (STORAGES[0], {"prefix": "other"}),
    (STORAGES[1], {"account": "othermodels"}),
    (STORAGES[1], {"container": "others"}),
    (STORAGES[1], {"prefix": "other"}),
]


async def test_what_a_place_is_never_changes(api: Api) -> None:
    for value, change in IMMUTABLE:
        plural, field, _ = next(place for place in PLACES if value in place[2])
        body = {"name": str(value["kind"]), field: value}
        await api.admin.post(f"/api/v1/{plural}", json=body)

        answer = await api.admin.put(
            f"/api/v1/{plural}/{body['name']}", json=body | {field: value | change}
        )

        (name,) = change
        (error,) = answer.json()["errors"]
        assert (answer.status_code, answer.json()["code"]) == (422, "immutable")
        assert (error["field"], error["value"]) == (f"{field}.{name}", change[name])
        assert error["allowed"] == repr(value[name])


async def test_the_kind_of_a_place_never_changes(api: Api) -> None:
    for plural, field, values in PLACES:
        await api.admin.post(f"/api/v1/{plural}", json={"name": "place", field: values[0]})

        answer = await api.admin.put(
            f"/api/v1/{plural}/place", json={"name": "place", field: values[-1]}
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "immutable")
        assert f"{field}.kind" in [error["field"] for error in answer.json()["errors"]]


WRONG: list[tuple[str, Json, str, str | None]] = [
    ("secret-stores", {"store": {"kind": "file"}}, "store.kind", "aws-secrets-manager, "),
    ("secret-stores", {"store": {}}, "store.kind", "aws-secrets-manager, "),
    ("secret-stores", {"store": STORES[1] | {"rgion": "x"}}, "store.rgion", "kind, prefix, "),
    ("secret-groups", {"secrets": {"a b": {"path": "x"}}}, "secrets", None),
    ("secret-groups", {"secrets": {"a": {}}}, "secrets.a.path", None),
    ("secret-groups", {"secrets": {"a": "hunter2"}}, "secrets.a", "a mapping"),
    ("container-registries", {"registry": {"kind": "hub"}}, "registry.kind", "ecr, gar, "),
]


async def test_wrong_fields_are_named(api: Api) -> None:
    await api.make("secret-stores")

    for plural, changes, field, allowed in WRONG:
        body = MANIFESTS[plural] | changes | {"name": "place"}
        answer = await api.admin.post(f"/api/v1/{plural}", json=body)

        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, field)
        assert allowed is None or allowed in error["allowed"]


async def test_a_plain_password_is_refused_and_not_repeated(api: Api) -> None:
    registry = OTHER | {"password": "hunter2-canary"}

    answer = await api.admin.post(
        "/api/v1/container-registries", json=REGISTRY | {"registry": registry}
    )

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "registry.password")
    assert "hunter2" not in answer.text


async def test_a_store_in_use_stays(api: Api) -> None:
    await api.make("secret-stores", "secret-groups")

    refused = await api.admin.delete("/api/v1/secret-stores/aws")
    await api.admin.delete(GROUP)
    gone = await api.admin.delete("/api/v1/secret-stores/aws")

    assert problem(refused) == (
        409,
        "in_use",
        "secret-store 'secret-store:aws' is in use by secret-group:db",
    )
    assert gone.status_code == 204


async def test_the_creator_manages_what_it_made(api: Api) -> None:
    bob = await api.caller("bob@example.com")
    verbs = ["secret-store:create", "secret-group:create", "container-registry:create"]
    role = {"type": "role", "name": "makers", "scope": "tenant", "verbs": verbs}
    await api.admin.post("/api/v1/roles", json=role)
    await api.grant(BOB, "makers", "tenant")

    for plural, body in (
        ("secret-stores", SECRET_STORE),
        ("secret-groups", SECRET_GROUP),
        ("container-registries", REGISTRY),
    ):
        assert (await bob.post(f"/api/v1/{plural}", json=body)).status_code == 201
        listed = (await bob.get(f"/api/v1/{plural}")).json()["items"]
        assert [item["name"] for item in listed] == [body["name"]]
    granted = {"subject": BOB, "role": "user", "object": "secret-store:aws"}
    assert (await bob.post("/api/v1/grants", json=granted)).status_code == 201
    assert (await bob.get("/api/v1/grants?object=secret-group:db")).status_code == 200
    for path in ("container-registries/ecr", "secret-groups/db", "secret-stores/aws"):
        assert (await bob.delete(f"/api/v1/{path}")).status_code == 204


async def test_a_group_needs_a_store_that_its_maker_may_use(api: Api) -> None:
    await api.make("secret-stores")
    bob = await api.caller("bob@example.com")
    role = {
        "type": "role",
        "name": "groups",
        "scope": "tenant",
        "verbs": ["secret-group:create"],
    }
    reader = {"type": "role", "name": "seer", "scope": "secret-store"}
    await api.admin.post("/api/v1/roles", json=role)
    await api.admin.post("/api/v1/roles", json=reader | {"verbs": ["secret-store:read"]})
    await api.grant(BOB, "groups", "tenant")

    hidden = await bob.post("/api/v1/secret-groups", json=SECRET_GROUP)
    await api.grant(BOB, "seer", "secret-store:aws")
    refused = await bob.post("/api/v1/secret-groups", json=SECRET_GROUP)
    await api.grant(BOB, "user", "secret-store:aws")
    made = await bob.post("/api/v1/secret-groups", json=SECRET_GROUP)
    missing = await api.admin.post(
        "/api/v1/secret-groups", json=SECRET_GROUP | {"name": "other", "secret_store": "gone"}
    )

    assert (hidden.status_code, hidden.json()["errors"][0]["field"]) == (422, "secret_store")
    assert (refused.status_code, refused.json()["verb"]) == (403, "secret-store:use")
    assert made.status_code == 201
    (error,) = missing.json()["errors"]
    assert (error["field"], error["value"], error["allowed"]) == ("secret_store", "gone", "aws")


async def test_the_store_of_a_group_never_changes(api: Api) -> None:
    await api.make("secret-stores", "secret-groups")
    await api.admin.post("/api/v1/secret-stores", json=SECRET_STORE | {"name": "other"})

    answer = await api.admin.put(GROUP, json=SECRET_GROUP | {"secret_store": "other"})

    assert (answer.status_code, answer.json()["code"]) == (422, "immutable")
    assert [error["field"] for error in answer.json()["errors"]] == ["secret_store"]


async def test_collaborators_of_a_group_are_granted_their_role(api: Api) -> None:
    await api.make("secret-stores")
    bob = await api.caller("bob@example.com")
    ann = await api.caller("ann@example.com")
    entries = [
        {"subject": BOB, "role": "editor"},
        {"subject": "user:ann@example.com", "role": "viewer"},
    ]
    body = SECRET_GROUP | {"collaborators": entries}
    made = await api.admin.post("/api/v1/secret-groups", json=body)

    edited = await bob.put(GROUP, json=body | {"secrets": {}})
    granting = await bob.put(GROUP, json=body | {"secrets": {}, "collaborators": entries[:1]})
    read = await ann.get(GROUP)
    refused = await ann.put(GROUP, json=body)

    assert (made.status_code, edited.status_code, read.status_code) == (201, 200, 200)
    assert (granting.status_code, granting.json()["verb"]) == (403, "secret-group:grant")
    assert (refused.status_code, refused.json()["verb"]) == (403, "secret-group:update")


async def test_lists_of_groups_are_narrowed_by_store(api: Api) -> None:
    await api.make("secret-stores", "secret-groups")

    async def names(store: str) -> list[str]:
        answer = await api.admin.get(f"/api/v1/secret-groups?secret_store={store}")
        return [item["name"] for item in answer.json()["items"]]

    assert (await names("aws"), await names("gcp")) == (["db"], [])


async def test_what_an_application_refers_to_stays(api: Api) -> None:
    await everything(api)
    made = await api.admin.post("/api/v1/applications", json=USING)

    gone = await api.admin.delete(GROUP)
    emptied = await api.admin.put(GROUP, json=SECRET_GROUP | {"secrets": {}})
    more = {"password": {"path": "elsewhere"}, "user": {"path": "fraud/user"}}
    moved = await api.admin.put(GROUP, json=SECRET_GROUP | {"secrets": more})
    await api.admin.put(APPLICATION, json=SERVICE)
    later = await api.admin.delete(GROUP)

    assert made.status_code == 201
    assert problem(gone) == (
        409,
        "in_use",
        "secret-group 'secret-group:db' is in use by prod-eu:team1:ranker",
    )
    assert (emptied.status_code, emptied.json()["code"]) == (409, "in_use")
    assert "keys password of secret group 'secret-group:db'" in emptied.json()["detail"]
    assert "prod-eu:team1:ranker" in emptied.json()["detail"]
    assert moved.status_code == 200
    assert later.status_code == 204


async def test_a_deleted_application_uses_nothing(api: Api) -> None:
    await everything(api)
    await api.admin.post("/api/v1/applications", json=USING)

    await api.admin.delete(APPLICATION)

    assert (await api.admin.delete(GROUP)).status_code == 204


async def test_a_key_that_the_group_lacks_is_named(api: Api) -> None:
    await everything(api)

    answer = await api.admin.post(
        "/api/v1/applications", json=SERVICE | {"env": {"USER": "secret://db/user"}}
    )

    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert (error["field"], error["value"]) == ("env.USER", "secret://db/user")
    assert (error["message"], error["allowed"]) == (
        "secret group 'db' has no key 'user'",
        "password",
    )
    assert error["hint"] == "name one of its keys, or add the key to the group first"


async def test_without_a_group_it_is_a_secret_of_the_namespace(api: Api) -> None:
    await api.make("clusters", "workspaces")

    made = await api.admin.post("/api/v1/applications", json=USING)
    await api.make("secret-stores")
    empty = SECRET_GROUP | {"secrets": {}}
    grouped = await api.admin.post("/api/v1/secret-groups", json=empty)
    later = await api.admin.put(APPLICATION, json=USING | {"replicas": 2})

    assert (made.status_code, grouped.status_code) == (201, 201)
    assert (later.status_code, later.json()["errors"][0]["field"]) == (422, "env.PASSWORD")


async def test_referring_to_a_group_needs_the_right_to_use_it(api: Api) -> None:
    await everything(api)
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "editor", "prod-eu:team1")

    hidden = await bob.post("/api/v1/applications", json=USING)
    await api.grant(BOB, "viewer", "secret-group:db")
    refused = await bob.post("/api/v1/applications", json=USING)
    await api.grant(BOB, "user", "secret-group:db")
    made = await bob.post("/api/v1/applications", json=USING)

    (error,) = hidden.json()["errors"]
    assert (hidden.status_code, error["field"]) == (422, "env.PASSWORD")
    assert error["message"] == "you may not read the secret group 'db'"
    assert "allowed" not in error
    assert (refused.status_code, refused.json()["verb"]) == (403, "secret-group:use")
    assert made.status_code == 201


async def test_a_deployer_keeps_what_the_version_before_referred_to(api: Api) -> None:
    await everything(api)
    await api.admin.post("/api/v1/applications", json=USING)
    bob = await api.caller("bob@example.com")
    await api.grant(BOB, "deployer", "prod-eu:team1")

    kept = await bob.put(APPLICATION, json=USING | {"image": "nginx:1.30"})
    env = USING["env"] | {"AGAIN": "secret://db/password"}
    again = await bob.put(APPLICATION, json=USING | {"env": env})
    await api.admin.put(
        GROUP, json=SECRET_GROUP | {"secrets": {"password": {"path": "x"}, "key": {"path": "y"}}}
    )
    added = await bob.put(APPLICATION, json=USING | {"env": {"KEY": "secret://db/key"}})

    assert (kept.status_code, again.status_code) == (200, 200)
    assert (added.status_code, added.json()["errors"][0]["field"]) == (422, "env.KEY")


async def test_a_password_needs_a_user_name_and_a_key_that_exists(api: Api) -> None:
    await api.make("secret-stores")

    async def post(**changes: Any) -> tuple[int, str, str]:
        body = REGISTRY | {"registry": OTHER | changes}
        answer = await api.admin.post("/api/v1/container-registries", json=body)
        (error,) = answer.json()["errors"]
        return answer.status_code, error["field"], error["message"]

    assert await post(username=None) == (
        422,
        "registry.username",
        "is missing, though there is a password",
    )
    assert await post() == (
        422,
        "registry.password",
        "secret group 'db' does not exist, or you may not read it",
    )
    await api.make("secret-groups")
    assert await post(password="secret://db/other") == (
        422,
        "registry.password",
        "secret group 'db' has no key 'other'",
    )


async def test_a_registry_uses_its_group_and_key(api: Api) -> None:
    await api.make("secret-stores", "secret-groups")
    body = REGISTRY | {"registry": OTHER}
    await api.admin.post("/api/v1/container-registries", json=body)

    gone = await api.admin.delete(GROUP)
    emptied = await api.admin.put(GROUP, json=SECRET_GROUP | {"secrets": {}})
    anonymous = OTHER | {"username": None, "password": None}
    await api.admin.put("/api/v1/container-registries/ecr", json=REGISTRY | {"registry": anonymous})
    later = await api.admin.delete(GROUP)

    assert "in use by registry:ecr" in gone.json()["detail"]
    assert (emptied.status_code, emptied.json()["code"]) == (409, "in_use")
    assert later.status_code == 204


async def test_a_group_and_its_users_are_applied_together_in_any_order(api: Api) -> None:
    await api.make("clusters", "workspaces")
    manifests = [USING, REGISTRY | {"registry": OTHER}, SECRET_GROUP, SECRET_STORE]

    dry = await api.admin.post("/api/v1/apply", json={"manifests": manifests, "dry_run": True})
    nothing = (await api.admin.get("/api/v1/secret-groups")).json()["items"]
    real = await api.admin.post("/api/v1/apply", json={"manifests": manifests})

    assert [result["action"] for result in dry.json()["results"]] == ["created"] * 4
    assert nothing == []
    assert real.json()["applied"] is True
