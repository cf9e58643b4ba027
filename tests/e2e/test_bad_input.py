"""Wrong manifests through the real API: the field, its value, what is allowed and what to do."""

from __future__ import annotations

from uuid import uuid4

import pytest
from platform_harness import CLUSTER, IMAGE, Json, Platform

from splitplane.client import AlreadyExists, InvalidInput, NotFound
from splitplane.contract.errors import Problem

pytestmark = pytest.mark.needs_tools

WORKSPACE: Json = {"type": "workspace", "name": "fine", "cluster": CLUSTER, "environment": "dev"}
SERVICE: Json = {"type": "service", "name": "fine", "workspace": f"{CLUSTER}:fine", "image": IMAGE}


@pytest.mark.parametrize(
    ("manifest", "field", "value", "says"),
    [
        pytest.param(
            # A misspelt field may hold a secret, so its value is not repeated.
            {**SERVICE, "replica": 3},
            "replica",
            None,
            ("unknown field 'replica'", "did you mean 'replicas'?"),
            id="unknown field",
        ),
        pytest.param(
            {**SERVICE, "replicas": "many"},
            "replicas",
            "many",
            ("a whole number",),
            id="wrong type",
        ),
        pytest.param(
            {**SERVICE, "ports": [{"port": 70_000}]},
            "ports[0].port",
            70_000,
            ("65535",),
            id="out of range",
        ),
        pytest.param(
            {**WORKSPACE, "environment": "staging"},
            "environment",
            "staging",
            ("dev", "prod"),
            id="environment that the cluster does not carry",
        ),
        pytest.param(
            {**WORKSPACE, "environment": "qa"},
            "environment",
            "qa",
            ("dev",),
            id="environment that does not exist",
        ),
        pytest.param(
            {**WORKSPACE, "name": "Team_1"},
            "name",
            "Team_1",
            ("use 2 to 32 lower-case letters, digits and hyphens",),
            id="name rule",
        ),
        pytest.param(
            {**WORKSPACE, "name": "kube-system"},
            "name",
            "kube-system",
            ("reserved", "choose a name"),
            id="reserved",
        ),
        pytest.param(
            {**SERVICE, "workspace": f"{CLUSTER}:nowhere"},
            "workspace",
            f"{CLUSTER}:nowhere",
            ("workspace",),
            id="unknown workspace",
        ),
        pytest.param(
            {**SERVICE, "workspace": "nowhere"},
            "workspace",
            "nowhere",
            ("CLUSTER:WORKSPACE",),
            id="malformed name of a workspace",
        ),
        pytest.param(
            {**WORKSPACE, "cluster": "nowhere"},
            "cluster",
            "nowhere",
            ("cluster",),
            id="unknown cluster",
        ),
    ],
)
@pytest.mark.parametrize("way", ["create", "apply", "dry run"])
def test_wrong_field_is_named_with_value_and_rule(
    platform: Platform, way: str, manifest: Json, field: str, value: object, says: tuple[str, ...]
) -> None:
    problem = _problem(platform, way, manifest)

    assert problem.code == "invalid_input"
    (error,) = problem.errors
    assert (error.field, error.value) == (field, value)
    text = f"{error.message} {error.allowed} {error.hint}"
    assert all(word in text for word in says), text


def test_unknown_type_is_answered_with_the_known_ones(platform: Platform) -> None:
    problem = _problem(platform, "apply", {"type": "servise", "name": "fine"})

    (error,) = problem.errors
    assert (error.field, error.value) == ("type", "servise")
    assert "service" in f"{error.message} {error.allowed} {error.hint}"


def test_one_wrong_manifest_keeps_all_others_out(platform: Platform) -> None:
    name = f"whole-{uuid4().hex[:8]}"
    good = {"type": "environment", "name": name}
    bad = {"type": "environment", "name": "No"}

    response = platform.client.apply([good, bad])

    assert response.applied is False
    assert response.results[1].action == "invalid"
    with pytest.raises(NotFound):
        platform.client.get("environment", f"environment:{name}")


def test_duplicate_name_is_refused_with_the_name_that_is_taken(platform: Platform) -> None:
    manifest = {"type": "environment", "name": f"twice-{uuid4().hex[:8]}"}
    platform.client.create(manifest)

    with pytest.raises(AlreadyExists) as refused:
        platform.client.create(manifest)

    problem = refused.value.problem
    assert problem is not None
    assert problem.fqn == f"environment:{manifest['name']}"
    assert problem.hint


@pytest.mark.parametrize(
    ("kind", "ref"),
    [
        ("application", f"{CLUSTER}:nowhere:ranker"),
        ("workspace", f"{CLUSTER}:nowhere"),
        ("environment", "environment:nowhere"),
        ("environment", "0190b1c2-0000-7000-8000-000000000000"),
    ],
)
def test_unknown_name_is_not_found_and_named(platform: Platform, kind: str, ref: str) -> None:
    with pytest.raises(NotFound) as missing:
        platform.client.get(kind, ref)

    problem = missing.value.problem
    assert problem is not None
    assert ref in problem.detail
    assert problem.hint


def _problem(platform: Platform, way: str, manifest: Json) -> Problem:
    if way == "create":
        with pytest.raises(InvalidInput) as refused:
            platform.client.create(manifest)
        assert refused.value.problem is not None
        return refused.value.problem
    response = platform.client.apply([manifest], dry_run=way == "dry run")
    (result,) = response.results
    assert response.applied is False
    assert result.action == "invalid"
    assert result.problem is not None
    return result.problem
