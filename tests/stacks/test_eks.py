"""The EKS program: what it registers beside the compute plane, and what it refuses beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from clouds.answers import CloudAnswers
from recording_monitor import Recording, record

from splitplane.stacks.programs import ProgramError, deploy_program

FOLDER = Path(__file__).resolve().parents[2] / "stacks" / "eks"


def _args(name: str = "dev", **changes: Any) -> dict[str, Any]:
    document = yaml.safe_load((FOLDER / f"Pulumi.{name}.yaml").read_text())
    return {**document["config"]["program:args"], **changes}


def _run(args: dict[str, Any]) -> Recording:
    answers = CloudAnswers(settings={"region": "eu-central-1"})
    return record(lambda: deploy_program("eks", args), is_preview=True, answers=answers)


def _inputs(found: Recording, name: str) -> dict[str, Any]:
    (resource,) = [item for item in found.resources if item.name == name]
    return resource.inputs


def test_environments_come_before_the_cluster_and_workspaces_after_it() -> None:
    found = _run(_args(environments={"dev": {"color": "#4c9aff"}}))

    dependencies = {item.name: item.dependencies for item in found.resources}
    (cluster,) = [item for item in found.resources if item.type == "splitplane:index:Cluster"]
    assert "dev" in cluster.dependencies
    assert {cluster.name, "dev", "fraud"} <= set(dependencies["team1"])
    assert "storage" in dependencies["fraud"]


def test_environments_that_exist_are_named_and_not_made() -> None:
    found = _run(_args())

    (cluster,) = [item for item in found.resources if item.type == "splitplane:index:Cluster"]
    assert "splitplane:index:Environment" not in {item.type for item in found.resources}
    assert cluster.inputs["environments"] == ["dev"]
    assert _inputs(found, "team1")["environment"] == "dev"


def test_the_bucket_is_reached_by_the_platforms_role_where_there_is_one() -> None:
    production = _inputs(_run(_args("production")), "storage")["s3"]
    dev = _inputs(_run(_args()), "storage")["s3"]

    assert production["externalId"] == "acme-7f3a"
    assert production["roleArn"].startswith("arn:aws:iam::")
    assert production["region"] == "eu-central-1"
    assert set(dev) == {"bucket", "region"}


def test_no_storage_is_registered_without_ml_repos() -> None:
    args = _args(ml_repos=[], workspaces={"team1": {"environment": "dev"}})

    found = _run(args)

    assert "splitplane:index:StorageIntegration" not in {item.type for item in found.resources}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"environments": {}}, "environments: Dictionary should have at least 1 item"),
        (
            {"workspaces": {"team1": {"environment": "live"}}},
            "workspaces.team1.environment 'live' is not among environments: use one of dev",
        ),
        (
            {"workspaces": {"team1": {"environment": "dev", "ml_repos": {"churn": "editor"}}}},
            "workspaces.team1.ml_repos 'churn' is not among ml_repos: add it there",
        ),
        (
            {"environments": {"dev": {"is_existing": True, "is_production": True}}},
            "environments.dev exists already, so its other fields are not ours: leave them out",
        ),
        ({"cluster": "x"}, "unknown key 'cluster'"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProgramError) as caught:
        deploy_program("eks", _args(**changes))

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kubernetes_version", "1.30", "kubernetes_version '1.30' is not supported"),
        ("nodes", 3, "nodes is unknown"),
        ("addons", {"karpenta": {"mode": "off"}}, "addons 'karpenta'"),
        ("environments", ["dev"], "environments belong beside compute_plane, not into it"),
        ("platform", {"has_bucket": False}, "ml_repos need the bucket"),
    ],
)
def test_a_wrong_compute_plane_is_named_before_anything_is_registered(
    field: str, value: Any, message: str
) -> None:
    args = _args()
    args["compute_plane"] = {**args["compute_plane"], field: value}

    with pytest.raises(ProgramError) as caught:
        deploy_program("eks", args)

    assert message in str(caught.value)
