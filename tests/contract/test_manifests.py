from __future__ import annotations

from typing import Any

import pytest

from splitplane.contract.errors import FieldError
from splitplane.contract.manifests import (
    MANIFEST_MODELS,
    EnvironmentManifest,
    ManifestError,
    parse_manifest,
    parse_secret_reference,
)
from splitplane.contract.nouns import NOUNS, fqn_of, noun_for_type, noun_for_word

SERVICE = {
    "type": "service",
    "name": "ranker",
    "workspace": "prod-eu:team1",
    "image": "ghcr.io/acme/ranker:1.2",
}


def errors_of(data: dict[str, Any]) -> list[FieldError]:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(data)
    return caught.value.errors


def test_a_manifest_gets_its_defaults() -> None:
    manifest = parse_manifest({"type": "environment", "name": "dev"})

    assert manifest == EnvironmentManifest(name="dev")
    assert manifest.model_dump() == {
        "type": "environment",
        "name": "dev",
        "display_name": None,
        "is_production": False,
        "optimize_for": "cost",
        "color": None,
    }


def test_an_unknown_field_is_named_with_the_nearest_known_one() -> None:
    (error,) = errors_of(SERVICE | {"replica": 2})

    assert (error.field, error.message, error.hint) == (
        "replica",
        "unknown field 'replica'",
        "did you mean 'replicas'?",
    )


def test_an_unknown_nested_field_is_named_by_its_path() -> None:
    (error,) = errors_of(SERVICE | {"ports": [{"port": 80, "prt": 1}]})

    assert (error.field, error.allowed) == ("ports[0].prt", "name, port, protocol")


def test_a_wrong_type_is_named_with_its_value() -> None:
    (error,) = errors_of(SERVICE | {"replicas": "many"})

    assert (error.field, error.value) == ("replicas", "many")


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("replicas", "many", "a whole number"),
        ("replicas", 1.5, "a whole number"),
        ("image", 7, "text"),
        ("ports", "8000", "a list"),
        ("env", [], "a mapping"),
        ("resources", 3, "a mapping"),
    ],
)
def test_a_wrong_type_is_named_with_what_is_allowed(
    field: str, value: object, allowed: str
) -> None:
    (error,) = errors_of({**SERVICE, field: value})

    assert (error.field, error.allowed) == (field, allowed)


def test_a_number_out_of_range_is_named_with_what_is_allowed() -> None:
    (error,) = errors_of(SERVICE | {"replicas": 501})

    assert (error.field, error.value, error.allowed) == ("replicas", 501, "at most 500")


def test_a_missing_field_is_named() -> None:
    (error,) = errors_of({"type": "service", "name": "ranker", "workspace": "prod-eu:team1"})

    assert (error.field, error.message, error.hint) == ("image", "is missing", "set image")


def test_every_wrong_field_is_named_at_once() -> None:
    errors = errors_of({"type": "service", "name": "R", "workspace": "prod-eu", "image": ":"})

    assert [error.field for error in errors] == ["image", "name", "workspace"]


def test_an_unknown_type_lists_the_known_ones() -> None:
    (error,) = errors_of({"type": "servce", "name": "x1"})

    assert (error.field, error.hint) == ("type", "did you mean 'service'?")
    assert error.allowed == ", ".join(MANIFEST_MODELS)


def test_a_wrong_value_of_a_variable_is_never_repeated() -> None:
    (error,) = errors_of(SERVICE | {"env": {"PASSWORD": ["hunter2"]}})

    assert error.value == "[hidden]"
    assert "hunter2" not in error.model_dump_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"resources": {"cpu_request_millicores": 600}},
            "cpu_request_millicores 600 is above cpu_limit_millicores 500",
        ),
        ({"resources": {"gpu_type": "A100"}}, "needs gpu_count of at least 1"),
        (
            {"resources": {"gpu_count": 1, "neuron_count": 2}},
            "gpu_count 1 and neuron_count 2 are on no node together; remove one",
        ),
        ({"ports": [{"port": 80}, {"port": 80}]}, "name one port twice"),
        ({"readiness_probe": {"http_path": "/"}}, "readiness_probe needs a port"),
        ({"liveness_probe": {"tcp": True, "http_path": "/"}}, "exactly one of"),
        ({"env": {"1A": "x"}}, "variable name '1A' is not allowed"),
        ({"env": {"A": "secret://x"}}, "write secret://GROUP/KEY"),
        ({"env": {"SPLITPLANE_TOKEN_FILE": "x"}}, "is reserved"),
    ],
    ids=[
        "limit",
        "gpu",
        "chips",
        "ports",
        "probe-port",
        "probe-kinds",
        "env-name",
        "secret",
        "reserved",
    ],
)
def test_fields_that_do_not_fit_together_are_refused(change: dict[str, Any], message: str) -> None:
    (error,) = errors_of(SERVICE | change)

    assert message in error.message


def test_a_secret_reference_has_a_group_and_a_key() -> None:
    assert parse_secret_reference("secret://db/password") == ("db", "password")
    assert parse_secret_reference("plain") is None


@pytest.mark.parametrize(
    "image",
    ["nginx", "nginx:1.27", "ghcr.io/a/b-c:v1", "localhost:5000/x@sha256:" + "a" * 64],
)
def test_an_image_reference_is_accepted(image: str) -> None:
    parse_manifest(SERVICE | {"image": image})


@pytest.mark.parametrize("image", ["", "UPPER/lower:", "a b", "x@sha256:12", "http://x/y"])
def test_another_text_is_no_image(image: str) -> None:
    assert [error.field for error in errors_of(SERVICE | {"image": image})] == ["image"]


def test_the_fully_qualified_name_follows_from_the_manifest() -> None:
    assert str(fqn_of(parse_manifest(SERVICE))) == "prod-eu:team1:ranker"
    assert str(fqn_of(EnvironmentManifest(name="dev"))) == "environment:dev"


def test_a_token_is_named_after_its_service_account() -> None:
    token = {"type": "service-account-token", "name": "deploy", "service_account": "ci"}

    assert str(fqn_of(parse_manifest(token))) == "sa-token:ci:deploy"


@pytest.mark.parametrize(
    ("manifest", "field", "allowed"),
    [
        ({"type": "secret-store", "store": {"kind": "file"}}, "store.kind", "aws-secrets-manager"),
        ({"type": "secret-store", "store": {}}, "store.kind", "aws-secrets-manager"),
        (
            {"type": "storage-integration", "storage": {"kind": "gcs", "bucket": "abc", "pre": ""}},
            "storage.pre",
            "bucket, kind, prefix, service_account",
        ),
        (
            {"type": "secret-group", "secret_store": "aws", "secrets": {"vault": {"path": ""}}},
            "secrets.vault.path",
            "at least 1 long",
        ),
    ],
    ids=["unknown-kind", "no-kind", "field-of-the-kind", "key-like-a-kind"],
)
def test_a_field_of_several_shapes_is_named_without_the_shape(
    manifest: dict[str, Any], field: str, allowed: str
) -> None:
    (error,) = errors_of(manifest | {"name": "place"})

    assert error.field == field
    assert error.allowed is not None
    assert error.allowed.startswith(allowed)


def test_a_plain_password_is_not_repeated() -> None:
    registry = {"kind": "other", "host": "a.example.com", "username": "u", "password": "hunter2"}

    (error,) = errors_of({"type": "container-registry", "name": "own", "registry": registry})

    assert (error.field, error.value) == ("registry.password", "[hidden]")
    assert "hunter2" not in error.message


def test_every_manifest_belongs_to_exactly_one_noun() -> None:
    assert sorted(name for noun in NOUNS for name in noun.types) == sorted(MANIFEST_MODELS)


def test_a_noun_is_found_by_type_kind_and_plural() -> None:
    assert noun_for_type("job").kind == "application"
    assert noun_for_word("ml-repos") is noun_for_word("ml-repo")
    with pytest.raises(ValueError, match="kind 'pods' is not known"):
        noun_for_word("pods")


def test_every_field_has_a_description() -> None:
    bare = [
        f"{model.__name__}.{name}"
        for model in MANIFEST_MODELS.values()
        for name, field in model.model_fields.items()
        if not field.description and name != "type"
    ]

    assert bare == []


@pytest.mark.parametrize(
    ("storage", "field", "message"),
    [
        (
            {"external_id": "tenant-1"},
            "storage.external_id",
            "is given without a role to assume: set role_arn, or leave it out",
        ),
        (
            {"profile": "work", "role_arn": "arn:aws:iam::111122223333:role/sign"},
            "storage.profile",
            "is given beside a role to assume: leave one of them out",
        ),
    ],
    ids=["external-id-alone", "profile-and-role"],
)
def test_ways_to_sign_for_a_bucket_fit_together(
    storage: dict[str, str], field: str, message: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(
            {
                "type": "storage-integration",
                "name": "ml",
                "storage": {"kind": "s3", "bucket": "bucket-a", **storage},
            }
        )

    (error,) = caught.value.errors
    assert (error.field.replace(".s3", ""), message in error.message) == (field, True)
