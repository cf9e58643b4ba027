"""The program that takes a cluster which exists already."""

from __future__ import annotations

from pathlib import Path

import pytest
from clouds.graph import assert_after, recorded_graph
from recording_monitor import record

from splitplane.components.attached import component
from splitplane.components.attached.probe import Report
from splitplane.stacks.attached import AttachedConfig, deploy

KUBECONFIG = """
current-context: prod
contexts: [{name: prod, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443"}}]
users: [{name: u, user: {token: t}}]
"""
REPORT = Report(
    server="https://10.0.0.1:6443",
    version="v1.36.1",
    minor=(1, 36),
    distribution="vanilla",
    cluster_uid="uid",
    granted=frozenset(),
    missing=frozenset(),
    default_storage_classes=("standard",),
    custom_kinds=frozenset(),
)


def test_a_workspace_goes_while_its_agent_can_clean_up_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(component, "read_report", lambda *_: REPORT)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    config = AttachedConfig(
        cluster="eu",
        hub_url="https://hub.example.com",
        environments=["dev"],
        workspaces={"team1": "dev"},
        kubeconfig_file=tmp_path / "kubeconfig",
    )

    found = record(lambda: deploy(config))

    graph = recorded_graph(found)
    assert_after(graph, "splitplane:index:Workspace", "kubernetes:apps/v1:Deployment")
