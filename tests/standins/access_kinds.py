"""Values for the resources of people, rights, secrets and registries; a part of `kinds_table`."""

from __future__ import annotations

from kind_case import (
    ADMIN,
    ROLE_ARN,
    UUID,
    Case,
    make_cluster,
    make_secret_group,
    make_secret_store,
    make_service_account,
    make_user,
)

from splitplane.provider.codec import Properties

_STORES: dict[str, Properties] = {
    "awsParameterStore": {"region": "eu-west-1", "prefix": "/team/", "roleArn": ROLE_ARN},
    "gcpSecretManager": {"project": "project-a", "prefix": "team-"},
    "azureKeyVault": {"vaultUrl": "https://vault-a.vault.azure.net", "tenantId": UUID},
    "vault": {
        "address": "https://vault.example.com",
        "mount": "kv",
        "prefix": "team/",
        "namespace": "ml",
        "authMount": "kubernetes/prod",
        "role": "reader",
    },
    "kubernetes": {},
}
_REGISTRIES: dict[str, Properties] = {
    "gar": {"project": "project-a", "location": "europe-west1", "repository": "images"},
    "acr": {"loginServer": "images1.azurecr.io", "prefix": "team"},
    "other": {
        "host": "registry.example.com:5000",
        "prefix": "team",
        "username": "robot",
    },
}

ACCESS_CASES = (
    Case(
        name="SecretStore",
        kind="secret-store",
        required=lambda _, name: {"name": name, "awsSecretsManager": {"region": "eu-west-1"}},
        optional={
            "displayName": ("One", "Two"),
            "awsSecretsManager": (
                {"region": "eu-west-1", "prefix": "team/", "roleArn": ROLE_ARN},
                {"region": "eu-west-1", "prefix": "other/"},
            ),
        },
        replacing={"name": "other", "awsSecretsManager": {"region": "eu-west-2"}},
        fqn=lambda name: f"secret-store:{name}",
        elsewhere=tuple(_STORES),
        others=lambda _, __: tuple(
            {"awsSecretsManager": None, name: backend} for name, backend in _STORES.items()
        ),
    ),
    Case(
        name="SecretGroup",
        kind="secret-group",
        required=lambda plane, name: {
            "name": name,
            "secretStore": make_secret_store(plane, f"{name}-s"),
        },
        optional={
            "displayName": ("One", "Two"),
            "secrets": (
                {
                    "db.password": {"path": "db/main", "field": "password", "version": "3"},
                    "API_KEY": {"path": "api"},
                },
                {"db.password": {"path": "db/main"}},
            ),
            "collaborators": (
                [{"subject": ADMIN, "role": "admin"}],
                [{"subject": ADMIN, "role": "viewer"}],
            ),
        },
        replacing={"name": "other", "secretStore": "other"},
        fqn=lambda name: f"secret-group:{name}",
        references={
            "collaborators[0].subject": make_user,
            "collaborators[0].role": lambda _, __: "editor",
        },
    ),
    Case(
        name="ContainerRegistry",
        kind="container-registry",
        required=lambda _, name: {
            "name": name,
            "ecr": {"accountId": "123456789012", "region": "eu-west-1"},
        },
        optional={
            "displayName": ("One", "Two"),
            "ecr": (
                {
                    "accountId": "123456789012",
                    "region": "eu-west-1",
                    "prefix": "team",
                    "roleArn": ROLE_ARN,
                },
                {"accountId": "123456789012", "region": "eu-west-1", "prefix": "other"},
            ),
        },
        replacing={"name": "other", "ecr": {"accountId": "123456789012", "region": "eu-west-2"}},
        fqn=lambda name: f"registry:{name}",
        elsewhere=tuple(_REGISTRIES),
        others=lambda plane, name: (
            *({"ecr": None, key: registry} for key, registry in _REGISTRIES.items()),
            {
                "ecr": None,
                "other": {
                    "host": "registry.example.com",
                    "username": "robot",
                    "password": f"secret://{make_secret_group(plane, f'{name}-g')}/first",
                },
            },
        ),
        references={
            "other.password": lambda _, name: f"secret://{name}-g/second",
        },
    ),
    Case(
        name="Team",
        kind="team",
        required=lambda _, name: {"name": name},
        optional={
            "displayName": ("One", "Two"),
            "members": ([ADMIN], []),
            "tenantRole": ("member", "auditor"),
        },
        replacing={"name": "other"},
        fqn=lambda name: f"team:{name}",
        references={"members[0]": make_user},
    ),
    Case(
        name="ServiceAccount",
        kind="service-account",
        required=lambda _, name: {"name": name},
        optional={"displayName": ("One", "Two"), "tenantRole": ("member", "auditor")},
        replacing={"name": "other"},
        fqn=lambda name: f"sa:{name}",
    ),
    Case(
        name="Role",
        kind="role",
        required=lambda _, name: {
            "name": name,
            "scope": "workspace",
            "verbs": ["workspace:read"],
        },
        optional={
            "displayName": ("One", "Two"),
            "verbs": (["application:read", "workspace:read"], ["application:read"]),
        },
        replacing={"name": "other", "scope": "cluster"},
        fqn=lambda name: f"role:{name}",
        fixed=("scope", "verbs[0]", "verbs[1]"),
    ),
    Case(
        name="RoleBinding",
        kind="role-binding",
        required=lambda plane, name: {
            "name": name,
            "subject": make_user(plane, name),
            "role": "viewer",
            "object": make_cluster(plane, f"{name}-c"),
        },
        optional={
            "role": ("operator", "admin"),
            "expiresAt": ("2099-01-01T00:00:00+00:00", "2099-06-01T00:00:00Z"),
        },
        replacing={"name": "other", "subject": "team:other", "object": "tenant"},
        fqn=lambda name: f"role-binding:{name}",
        references={"role": lambda _, __: "admin"},
    ),
    Case(
        name="Token",
        kind="service-account-token",
        required=lambda plane, name: {
            "name": name,
            "serviceAccount": make_service_account(plane, f"{name}-a"),
        },
        optional={
            "lifetimeDays": (30, 60),
            "scopes": (["cluster:read", "workspace:read"], ["cluster:read"]),
            "rotationTrigger": ("1", "2"),
            "overlapSeconds": (60, 0),
        },
        replacing={"name": "other", "serviceAccount": "other"},
        fqn=lambda name: f"sa-token:{name}-a:{name}",
        fixed=("scopes[0]", "scopes[1]"),
    ),
)
