"""A version that a running cluster cannot get is refused before anything is registered."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components.clouds.aws.cluster.running import check_running_cluster
from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.components.errors import WrongArgument

BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
}


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Part", name)


def _refusal(version: str, running: dict[str, str], **changes: Any) -> str | None:
    """What is said; the program goes on, so that nothing of it is left behind."""
    answers = CloudAnswers(
        {
            "aws:eks/getClusters:getClusters": {"id": "eu-west-1", "names": list(running)},
            "aws:eks/getCluster:getCluster": [
                {"match": {"name": name}, "result": {"id": name, "name": name, "version": found}}
                for name, found in running.items()
            ],
        }
    )
    settings = parse_settings(BASE | {"kubernetes_version": version} | changes)
    said: list[str] = []

    def program() -> None:
        try:
            check_running_cluster(Part("plane"), settings)
        except WrongArgument as error:
            said.append(str(error))

    record(program, answers=answers)
    return said[0] if said else None


@pytest.mark.parametrize(
    ("version", "running"),
    [
        pytest.param("1.35", {}, id="none"),
        pytest.param("1.35", {"other": "1.30"}, id="others"),
        pytest.param("1.35", {"prod-eu": "1.35"}, id="same"),
        pytest.param("1.35", {"prod-eu": "1.34", "other": "1.30"}, id="next"),
    ],
)
def test_one_step_up_is_allowed(version: str, running: dict[str, str]) -> None:
    assert _refusal(version, running) is None


@pytest.mark.parametrize(
    ("version", "running", "message"),
    [
        ("1.35", "1.33", "'1.35' is 2 minors after the cluster's '1.33'"),
        ("1.33", "1.34", "'1.33' is older than the cluster's '1.34'"),
    ],
)
def test_other_steps_are_refused(version: str, running: str, message: str) -> None:
    refusal = _refusal(version, {"prod-eu": running})

    assert refusal is not None
    assert refusal.startswith(f"kubernetes_version {message}")


def test_a_cluster_that_runs_is_not_gone() -> None:
    assert _refusal("1.35", {"other": "1.35"}, is_cluster_gone=True) is None
    assert _refusal("1.35", {"prod-eu": "1.35"}, is_cluster_gone=True) == (
        "is_cluster_gone True is not so, EKS has the cluster 'prod-eu' here: leave it out, or what "
        "runs in the cluster would be forgotten"
    )
