"""Wrong inputs are named by property, value, what is allowed and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from kinds_table import SERVICE
from provider_harness import PluginProcess

from splitplane.provider.codec import UNKNOWN, Secret

APPLICATION = "splitplane:index:Application"
PLACE = {"name": "ranker", "workspace": "prod-eu:team1"}

NAME_RULE = (
    "environment name 'Dev!' is not allowed: use 2 to 32 lower-case letters, digits and hyphens, "
    "starting with a letter and not ending with a hyphen"
)


@pytest.mark.parametrize(
    ("token", "news", "expected"),
    [
        pytest.param(
            "splitplane:index:Environment", {"name": "Dev!"}, [("name", NAME_RULE)], id="name rule"
        ),
        pytest.param("splitplane:index:Environment", {}, [("name", "is missing")], id="missing"),
        pytest.param(
            "splitplane:index:Environment",
            {"name": "dev", "optimzeFor": "cost"},
            [("optimzeFor", "unknown property 'optimzeFor'; did you mean 'optimizeFor'?")],
            id="misspelt",
        ),
        pytest.param(
            "splitplane:index:Environment",
            {"name": "dev", "optimize_for": "cost"},
            [("optimize_for", "unknown property 'optimize_for'; did you mean 'optimizeFor'?")],
            id="the manifest's spelling",
        ),
        pytest.param(
            "splitplane:index:Environment",
            {"name": "dev", "optimizeFor": "speed"},
            [
                (
                    "optimizeFor",
                    "input should be 'cost' or 'availability' (got 'speed'); "
                    "allowed: 'cost' or 'availability'",
                )
            ],
            id="wrong choice",
        ),
        pytest.param(
            "splitplane:index:Environment",
            {"name": "dev", "isProduction": "maybe"},
            [
                (
                    "isProduction",
                    "input should be a valid boolean, unable to interpret input (got 'maybe'); "
                    "allowed: true or false",
                )
            ],
            id="wrong type",
        ),
        pytest.param(
            "splitplane:index:Cluster",
            {"name": "prod-eu", "environments": ["dev", "dev"]},
            [("environments", "['dev', 'dev'] names one environment twice; name each once")],
            id="twice",
        ),
        pytest.param(
            "splitplane:index:StorageIntegration",
            {"name": "local"},
            [("", "exactly one of 'local', 's3', 'gcs' and 'azureBlob' is needed, got none")],
            id="no variant",
        ),
        pytest.param(
            "splitplane:index:StorageIntegration",
            {"name": "local", "local": {"path": "/a"}, "s3": {"bucket": "bucket"}},
            [("", "exactly one of 'local', 's3', 'gcs' and 'azureBlob' is needed, got local, s3")],
            id="two variants",
        ),
        pytest.param(
            "splitplane:index:StorageIntegration",
            {"name": "local", "local": {"path": "a", "pth": "b"}},
            [
                ("local.pth", "unknown property 'pth'; did you mean 'path'?"),
                (
                    "local.path",
                    "string should match pattern '^/[^\\x00]*$' (got 'a'); "
                    "allowed: text that matches ^/[^\\x00]*$",
                ),
            ],
            id="inside a variant",
        ),
        pytest.param(
            APPLICATION,
            {**PLACE, "service": {**SERVICE, "ports": [{"port": 80}, {"port": 0}]}},
            [
                (
                    "service.ports[1].port",
                    "input should be greater than or equal to 1 (got 0); allowed: at least 1",
                )
            ],
            id="item",
        ),
        pytest.param(
            APPLICATION,
            {**PLACE, "workspace": "prod-eu", "service": SERVICE},
            [
                (
                    "workspace",
                    "'prod-eu' names a cluster, not a workspace; write CLUSTER:WORKSPACE",
                )
            ],
            id="unknown name",
        ),
        pytest.param(
            "splitplane:index:Cluster",
            {"name": "prod-eu", "environments": ["dev"], "waitUntilConnected": "yes"},
            [("waitUntilConnected", "'yes' is not allowed; allowed: true or false")],
            id="no truth value",
        ),
        pytest.param(
            "splitplane:index:SecretGroup",
            {
                "name": "db",
                "secretStore": "aws",
                "secrets": {"main.key": {"path": "", "verson": "1"}},
            },
            [
                (
                    'secrets["main.key"].verson',
                    "unknown property 'verson'; did you mean 'version'?",
                ),
                (
                    'secrets["main.key"].path',
                    "string should have at least 1 character (got ''); allowed: at least 1 long",
                ),
            ],
            id="inside a map",
        ),
        pytest.param(
            "splitplane:index:RoleBinding",
            {"name": "ann", "subject": "ann", "role": "admin", "object": "tenant"},
            [
                (
                    "subject",
                    "'ann' is not a subject: use user:MAIL, team:NAME, sa:NAME or "
                    "workspace:CLUSTER:NAME",
                )
            ],
            id="no subject",
        ),
        pytest.param(
            APPLICATION,
            {**PLACE, "service": SERVICE, "waitFor": "tomorrow"},
            [("waitFor", "'tomorrow' is not allowed; allowed: available, delivered, none")],
            id="beside the manifest",
        ),
    ],
)
def test_wrong_inputs_are_named(
    plugin: PluginProcess, token: str, news: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    _, failures = plugin.check(token, news)

    assert failures == expected


@pytest.mark.parametrize(
    "news",
    [
        pytest.param({**PLACE, "service": UNKNOWN}, id="all of the service"),
        pytest.param({**PLACE, "service": {**SERVICE, "image": UNKNOWN}}, id="image"),
        pytest.param({**PLACE, "service": {**SERVICE, "ports": [UNKNOWN]}}, id="port"),
        pytest.param({**PLACE, "service": {**SERVICE, "env": {"A": UNKNOWN}}}, id="variable"),
        pytest.param({**PLACE, "service": {**SERVICE, "resources": UNKNOWN}}, id="resources"),
        pytest.param({"name": UNKNOWN, "workspace": UNKNOWN, "job": UNKNOWN}, id="everything"),
    ],
)
def test_unknowns_are_not_wrong(plugin: PluginProcess, news: dict[str, Any]) -> None:
    assert plugin.check(APPLICATION, news) == (news, [])


def test_a_password_in_the_place_of_a_reference_is_not_repeated(plugin: PluginProcess) -> None:
    other = {"host": "registry.example.com", "username": "robot", "password": "canary-password"}

    _, failures = plugin.check(
        "splitplane:index:ContainerRegistry", {"name": "images", "other": other}
    )

    assert [path for path, _ in failures] == ["other.password"]
    assert "canary" not in str(failures)
    assert "secret://GROUP/KEY" in str(failures)


def test_a_password_needs_a_user_name(plugin: PluginProcess) -> None:
    other = {"host": "registry.example.com", "password": "secret://registry/password"}
    token = "splitplane:index:ContainerRegistry"

    _, failures = plugin.check(token, {"name": "images", "other": other})
    _, unknown = plugin.check(token, {"name": "images", "other": {**other, "username": UNKNOWN}})

    assert failures == [("other.username", "is missing, though there is a password")]
    assert unknown == []


def test_what_is_wrong_beside_an_unknown_is_still_wrong(plugin: PluginProcess) -> None:
    news = {"name": "Bad", "workspace": UNKNOWN, "service": UNKNOWN, "waitFor": "tomorrow"}

    _, failures = plugin.check(APPLICATION, news)

    assert [path for path, _ in failures] == ["name", "waitFor"]


def test_a_wrong_secret_is_not_repeated(plugin: PluginProcess) -> None:
    env = {"API_KEY": Secret("secret://canary")}
    news = {**PLACE, "service": {**SERVICE, "image": Secret("canary canary"), "env": env}}

    _, failures = plugin.check(APPLICATION, news)

    assert {path for path, _ in failures} == {"service.image", "service.env"}
    assert "canary" not in str(failures)
