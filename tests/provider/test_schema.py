"""The schema is current, complete, and what the resource classes offer."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from splitplane import resources
from splitplane.contract.nouns import NOUNS
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.schema import PATH, build_schema

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
ENUMERATIONS = sorted(token for token, spec in SCHEMA["types"].items() if "enum" in spec)
OBJECTS = sorted(set(SCHEMA["types"]) - set(ENUMERATIONS))
TOKENS = sorted(token for token, spec in SCHEMA["resources"].items() if not spec.get("isComponent"))


def test_the_committed_schema_is_current() -> None:
    hint = "run python -m splitplane.provider.schema"

    assert PATH.read_text(encoding="utf-8") == build_schema(), hint


def test_every_noun_that_has_a_resource_is_there() -> None:
    wanted = {noun.kind for noun in NOUNS if noun.has_resource}

    assert {layout.kind for layout, _ in LAYOUTS} == wanted


def test_immutable_properties_are_the_contracts() -> None:
    shown = {layout.kind: sorted(layout.immutable) for layout, _ in LAYOUTS}

    assert shown == {
        "application": ["name", "workspace"],
        "cluster": ["name", "providerKind"],
        "container-registry": [
            "acr.loginServer",
            "ecr.accountId",
            "ecr.region",
            "gar.location",
            "gar.project",
            "gar.repository",
            "name",
            "other.host",
        ],
        "environment": ["name"],
        "ml-repo": ["name", "storageIntegration"],
        "role": ["name", "scope"],
        "role-binding": ["name", "object", "subject"],
        "secret-group": ["name", "secretStore"],
        "secret-store": [
            "awsParameterStore.region",
            "awsSecretsManager.region",
            "azureKeyVault.vaultUrl",
            "gcpSecretManager.project",
            "name",
            "vault.address",
        ],
        "service-account": ["name"],
        "service-account-token": ["name", "serviceAccount"],
        "storage-integration": [
            "azureBlob.account",
            "azureBlob.container",
            "azureBlob.prefix",
            "gcs.bucket",
            "gcs.prefix",
            "local.path",
            "name",
            "s3.bucket",
            "s3.prefix",
        ],
        "team": ["name"],
        "workspace": ["cluster", "name"],
    }


def test_everything_is_described() -> None:
    undescribed = [
        f"{token}.{name}"
        for token, spec in {**SCHEMA["resources"], **SCHEMA["types"]}.items()
        for name, prop in spec.get("properties", {}).items()
        if not prop.get("description")
    ]

    assert undescribed == []


@pytest.mark.parametrize("token", ENUMERATIONS)
def test_every_closed_set_of_texts_is_described(token: str) -> None:
    spec = SCHEMA["types"][token]

    assert spec["description"], "name and describe it in splitplane.provider.enums"
    assert [v["value"] for v in spec["enum"] if not v["description"]] == []


def test_defaults_are_those_of_the_contract() -> None:
    resources_, types = SCHEMA["resources"], SCHEMA["types"]
    environment = resources_["splitplane:index:Environment"]

    assert environment["inputProperties"]["optimizeFor"]["default"] == "cost"
    assert environment["inputProperties"]["isProduction"]["default"] is False
    assert "default" not in environment["inputProperties"]["displayName"]
    assert "default" not in environment["properties"]["optimizeFor"]
    assert types["splitplane:index:Resources"]["properties"]["memoryLimitMib"]["default"] == 500


def test_what_makes_another_object_is_marked_at_any_depth() -> None:
    s3 = SCHEMA["types"]["splitplane:index:S3Storage"]["properties"]
    cluster = SCHEMA["resources"]["splitplane:index:Cluster"]["inputProperties"]

    assert [name for name, prop in s3.items() if prop.get("willReplaceOnChanges")] == [
        "bucket",
        "prefix",
    ]
    assert [name for name, prop in cluster.items() if prop.get("willReplaceOnChanges")] == [
        "name",
        "providerKind",
    ]


def test_no_member_has_the_name_of_its_class() -> None:
    same = {
        f"{token}.{name}": prop.get("language", {}).get("csharp", {}).get("name")
        for token, spec in SCHEMA["resources"].items()
        for name, prop in {**spec["inputProperties"], **spec["properties"]}.items()
        if name.lower() == token.rpartition(":")[2].lower()
    }

    assert [name for name, csharp in same.items() if not csharp] == []


def test_every_reference_exists() -> None:
    text = json.dumps(SCHEMA)
    names = [part.split('"')[0] for part in text.split('"#/types/')[1:]]

    assert set(names) <= set(SCHEMA["types"])
    assert names


def test_what_is_secret_is_marked() -> None:
    secrets = [
        f"{token}.{name}"
        for token, spec in SCHEMA["resources"].items()
        for name, prop in spec["properties"].items()
        if prop.get("secret")
    ]

    assert secrets == [
        "splitplane:index:AttachedComputePlane.joinToken",
        "splitplane:index:Cluster.joinToken",
        "splitplane:index:EksComputePlane.deployerKubeconfig",
        "splitplane:index:EksComputePlane.joinToken",
        "splitplane:index:Token.token",
    ]
    assert SCHEMA["provider"]["inputProperties"]["token"]["secret"]


def test_a_component_is_one_with_its_arguments() -> None:
    spec = SCHEMA["resources"]["splitplane:index:AttachedComputePlane"]

    assert spec["isComponent"]
    assert spec["requiredInputs"] == ["environments", "hubUrl", "kubeconfig", "name"]
    assert spec["inputProperties"]["agentMemoryMib"]["type"] == "integer"
    assert spec["inputProperties"]["kubeconfig"]["plain"]
    assert "plain" not in spec["inputProperties"]["environments"]
    assert spec["inputProperties"]["environments"]["items"] == {"type": "string"}
    allowed = spec["inputProperties"]["allowedNamespaces"]
    assert (allowed["plain"], allowed["items"]) == (True, {"type": "string", "plain": True})
    assert "storageClass" not in spec["required"]
    assert "scope" in spec["required"]


@pytest.mark.parametrize("token", TOKENS)
def test_the_class_has_exactly_the_schemas_properties(token: str) -> None:
    spec = SCHEMA["resources"][token]
    cls = getattr(resources, token.rpartition(":")[2])
    parameters = inspect.signature(cls.__init__).parameters
    given = set(parameters) - {"self", "resource_name", "opts"}
    required = {n for n in given if parameters[n].default is inspect.Parameter.empty}

    assert {_camel(name) for name in given} == set(spec["inputProperties"])
    assert sorted(_camel(name) for name in required) == spec["requiredInputs"]
    assert {_camel(name) for name in _getters(cls)} == set(spec["properties"])


def _objects_in(part: Any) -> set[str]:
    """The object types that this part of the schema refers to, at any depth."""
    names = {text.split('"')[0] for text in json.dumps(part).split('"#/types/')[1:]}
    found = names & set(OBJECTS)
    return found.union(*(_objects_in(SCHEMA["types"][name]) for name in found))


# Methods of components are functions of the schema too; their token has a slash.
FUNCTIONS = {token: spec for token, spec in SCHEMA["functions"].items() if "/" not in token}
INPUTS = _objects_in(
    [SCHEMA["resources"][token]["inputProperties"] for token in TOKENS]
    + [spec["inputs"] for spec in FUNCTIONS.values()]
)
RESULTS = _objects_in([spec["outputs"] for spec in FUNCTIONS.values()])


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_the_function_has_exactly_the_schemas_arguments(token: str) -> None:
    name, spec = token.rpartition(":")[2], FUNCTIONS[token]
    python_name = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    result = getattr(resources, f"{name[:1].upper()}{name[1:]}Result")

    for function in (python_name, f"{python_name}_output"):
        parameters = inspect.signature(getattr(resources, function)).parameters
        given = set(parameters) - {"opts"}
        required = {n for n in given if parameters[n].default is inspect.Parameter.empty}
        assert {_camel(item) for item in given} == set(spec["inputs"]["properties"])
        assert sorted(_camel(item) for item in required) == spec["inputs"]["required"]
    assert {_camel(item) for item in _getters(result)} == set(spec["outputs"]["properties"])


@pytest.mark.parametrize("token", sorted(RESULTS))
def test_the_nested_result_has_exactly_the_schemas_properties(token: str) -> None:
    cls = getattr(resources, f"{token.rpartition(':')[2]}Result")

    assert {_camel(item) for item in _getters(cls)} == set(SCHEMA["types"][token]["properties"])


@pytest.mark.parametrize("token", sorted(INPUTS))
def test_the_nested_class_has_exactly_the_schemas_properties(token: str) -> None:
    cls = getattr(resources, f"{token.rpartition(':')[2]}Args")
    spec = SCHEMA["types"][token]
    hints: dict[str, str] = cls.__annotations__
    required = sorted(_camel(name) for name, hint in hints.items() if "None" not in hint)

    assert {_camel(name) for name in hints} == set(spec["properties"])
    assert required == spec["required"]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _getters(cls: type) -> set[str]:
    return {name for name, value in vars(cls).items() if isinstance(value, property)}
