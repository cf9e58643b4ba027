"""In which order a program registers what belongs to its cluster, and takes it back."""

from __future__ import annotations

from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import record

from splitplane.stacks.eks import EksConfig, deploy

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
OFFERINGS = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": ["m7i.large" for _ in ZONES],
        "locations": list(ZONES),
        "locationTypes": ["availability-zone" for _ in ZONES],
    }
}
CONFIG = {
    "environments": {"dev": {}},
    "workspaces": {"team1": {"environment": "dev"}},
    "compute_plane": {
        "name": "dev-eu",
        "kubernetes_version": "1.35",
        "hub_url": "https://hub.example.com",
        "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
    },
}


def test_a_workspace_goes_while_its_agent_can_clean_up_after_it() -> None:
    config = EksConfig.model_validate(CONFIG)

    found = record(lambda: deploy(config), answers=CloudAnswers(OFFERINGS))

    graph = recorded_graph(found)
    for needed in (
        "kubernetes:apps/v1:Deployment",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    ):
        assert_after(graph, "splitplane:index:Workspace", needed)
