"""The cluster is told what was asked of its programs, and nothing else."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components.clouds.aws.cluster.control_plane import (
    api_server_config,
    controller_manager_config,
    scheduler_config,
)
from splitplane.components.clouds.aws.settings import ControlPlaneSettings, Scoring

NAMES = ("kubeApiServerConfig", "kubeControllerManagerConfig", "kubeSchedulerConfig")


def _sent(asked: dict[str, int] | None = None, scoring: Scoring = "default") -> dict[str, Any]:
    """Of a cluster's inputs those of its programs."""
    wanted = ControlPlaneSettings(**(asked or {}))

    def program() -> None:
        aws.eks.Cluster(
            "cluster",
            role_arn="arn:aws:iam::111122223333:role/cluster",
            vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=["subnet-1", "subnet-2"]),
            kube_api_server_config=api_server_config(wanted),
            kube_controller_manager_config=controller_manager_config(wanted),
            kube_scheduler_config=scheduler_config(scoring),
        )

    inputs = record(program, answers=CloudAnswers({})).one("aws:eks/cluster:Cluster").inputs
    return {name: inputs[name] for name in NAMES if name in inputs}


def test_nothing_is_sent_that_nobody_asked_for() -> None:
    assert _sent() == {}


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        pytest.param(
            {"event_lifetime_minutes": 60},
            {"kubeApiServerConfig": {"eventTtl": "60m"}},
            id="events",
        ),
        pytest.param(
            {"max_terminated_pods": 500},
            {
                "kubeControllerManagerConfig": {
                    "podGcControllerConfig": {"terminatedPodGcThreshold": 500}
                }
            },
            id="ended pods",
        ),
        pytest.param(
            {"pod_autoscaler_sync_seconds": 10},
            {
                "kubeControllerManagerConfig": {
                    "horizontalPodAutoscalerControllerConfig": {
                        "horizontalPodAutoscalerSyncPeriod": "10s"
                    }
                }
            },
            id="scaling",
        ),
    ],
)
def test_a_setting_comes_alone(asked: dict[str, int], sent: dict[str, Any]) -> None:
    assert _sent(asked) == sent


@pytest.mark.parametrize(
    ("asked", "ports"),
    [
        ({"node_port_min": 30500}, {"minPort": 30500, "maxPort": 32767}),
        ({"node_port_max": 31000}, {"minPort": 30000, "maxPort": 31000}),
        ({"node_port_min": 11000, "node_port_max": 12000}, {"minPort": 11000, "maxPort": 12000}),
    ],
)
def test_a_range_of_ports_always_has_both_ends(
    asked: dict[str, int], ports: dict[str, int]
) -> None:
    assert _sent(asked) == {"kubeApiServerConfig": {"serviceNodePortRange": ports}}


@pytest.mark.parametrize(
    ("scoring", "strategy"),
    [("most_allocated", "MostAllocated"), ("least_allocated", "LeastAllocated")],
)
def test_going_back_from_filling_nodes_is_sent_like_filling_them(
    scoring: Scoring, strategy: str
) -> None:
    assert _sent(scoring=scoring)["kubeSchedulerConfig"]["nodeResourcesFit"]["scoringStrategy"] == {
        "type": strategy,
        "resources": [{"name": "cpu", "weight": 1}, {"name": "memory", "weight": 1}],
    }
