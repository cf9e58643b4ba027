"""What has to name its environment, as a table; and the types with tags against the SDKs."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from splitplane_policy.cloud_tags import TAG_PROPERTIES
from splitplane_policy.model import UNKNOWN, Resource, Value
from splitplane_policy.required_tags import TagSettings, check

WORKSPACE = "splitplane:index:Workspace"
BUCKET = "aws:s3/bucket:Bucket"
GCP_BUCKET = "gcp:storage/bucket:Bucket"
GROUP = "azure-native:resources:ResourceGroup"


def problems(resource: Resource, settings: TagSettings | None = None) -> list[str]:
    return [violation.message for violation in check(resource, settings or TagSettings())]


@pytest.mark.parametrize(
    ("type_token", "inputs", "message"),
    [
        pytest.param(
            WORKSPACE, {}, "the workspace names no environment; set environment", id="workspace"
        ),
        pytest.param(
            WORKSPACE,
            {"environment": ""},
            "the workspace names no environment; set environment",
            id="workspace, empty",
        ),
        pytest.param(
            BUCKET,
            {},
            "tags has no 'environment'; add it with the name of the environment",
            id="aws",
        ),
        pytest.param(
            BUCKET,
            {"tags": {"environment": "", "team": "ml"}},
            "tags has no 'environment'; add it with the name of the environment",
            id="aws, empty",
        ),
        pytest.param(
            GCP_BUCKET,
            {"tags": {"environment": "dev"}},
            "labels has no 'environment'; add it with the name of the environment",
            id="gcp, in the wrong place",
        ),
        pytest.param(
            "gcp:container/cluster:Cluster",
            {},
            "resourceLabels has no 'environment'; add it with the name of the environment",
            id="gke",
        ),
        pytest.param(
            "azure-native:resources/v20240301:ResourceGroup",
            {},
            "tags has no 'environment'; add it with the name of the environment",
            id="azure, a package of one API version",
        ),
    ],
)
def test_a_missing_environment_is_found(
    type_token: str, inputs: dict[str, Value], message: str
) -> None:
    assert problems(Resource(type_token, "urn:it", inputs)) == [message]


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(Resource(WORKSPACE, "urn:it", {"environment": "dev"}), id="workspace"),
        pytest.param(
            Resource(WORKSPACE, "urn:it", {"environment": UNKNOWN}), id="workspace, not known yet"
        ),
        pytest.param(Resource(BUCKET, "urn:it", {"tags": {"environment": "dev"}}), id="aws"),
        pytest.param(Resource(BUCKET, "urn:it", {"tags": UNKNOWN}), id="aws, not known yet"),
        pytest.param(
            Resource(
                BUCKET,
                "urn:it",
                {},
                provider_inputs={"defaultTags": '{"tags":{"environment":"dev"}}'},
            ),
            id="aws, by the provider",
        ),
        pytest.param(
            Resource(
                GCP_BUCKET,
                "urn:it",
                {},
                provider_inputs={"defaultLabels": {"environment": "dev"}},
            ),
            id="gcp, by the provider",
        ),
        pytest.param(Resource(GROUP, "urn:it", {"tags": {"environment": "dev"}}), id="azure"),
        pytest.param(Resource("aws:ec2/route:Route", "urn:it", {}), id="takes no tags"),
    ],
)
def test_what_names_its_environment_or_cannot_passes(resource: Resource) -> None:
    assert problems(resource) == []


def test_environments_are_a_setting() -> None:
    settings = TagSettings(environments=("dev", "prod"))

    assert problems(Resource(WORKSPACE, "urn:it", {"environment": "dve"}), settings) == [
        "the environment 'dve' does not exist; one of dev, prod"
    ]


def test_names_of_tags_are_a_setting() -> None:
    settings = TagSettings(environment_tags=("stage", "env"))

    assert problems(Resource(BUCKET, "urn:it", {"tags": {"env": "dev"}}), settings) == []
    assert problems(Resource(BUCKET, "urn:it", {}), settings) == [
        "tags has no 'stage' or 'env'; add it with the name of the environment"
    ]


def test_further_types_are_a_setting() -> None:
    settings = TagSettings(further_types={"aws:sns/topic:Topic": "tags"})

    assert len(problems(Resource("aws:sns/topic:Topic", "urn:it", {}), settings)) == 1


@pytest.mark.parametrize("token", TAG_PROPERTIES)
def test_the_sdk_has_the_type_with_its_tags(token: str) -> None:
    package, module, _ = token.split(":")
    spec = find_spec(f"pulumi_{package.replace('-', '_')}")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / module.partition("/")[0]
    name = {"resourceLabels": "resource_labels"}.get(TAG_PROPERTIES[token], TAG_PROPERTIES[token])
    quoted = f"            '{token}',\n"

    (source,) = [
        text
        for path in folder.glob("*.py")
        if not path.name.startswith(("_", "get_"))
        if quoted in (text := path.read_text())
    ]

    assert re.search(
        rf"^    def {name}\(self\) -> pulumi\.Input\[Optional\[Mapping\[", source, re.MULTILINE
    )
