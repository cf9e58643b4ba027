"""In a whole plane: who gets a role of AWS, what waits for it, and what is told of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_plane import settings_of
from clouds.answers import CloudAnswers
from clouds.graph import Graph, assert_after, recorded_graph
from recording_monitor import record

from splitplane.components import EksComputePlane
from splitplane.components.clouds.aws.addons.accounts import addon_accounts

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
MACHINES = ("m7i.large", "m6i.large", "m5.large", "m7i.xlarge")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
ARGS: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
    "dns": {"zone_arns": [ZONE]},
    "makes_spot_service_role": True,
    "service_accounts": [{"namespace": "ml", "name": "train", "has_platform_rights": True}],
}


@cache
def _run() -> tuple[Graph, dict[str, str]]:
    offered = [(machine, zone) for machine in MACHINES for zone in ZONES]
    functions = {
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "instanceTypes": [machine for machine, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        }
    }
    bound: dict[str, str] = {}
    given: Any = ARGS  # Any: programs may pass anything

    def program() -> None:
        EksComputePlane("prod-eu", given).identity_bindings.apply(bound.update)

    answers = CloudAnswers(functions, settings={"region": "eu-west-1"})
    return recorded_graph(record(program, answers=answers)), bound


def test_the_output_tells_the_role_of_a_service_account_and_of_every_add_on() -> None:
    _, bound = _run()

    others = {key: value for key, value in bound.items() if key != "ml/train"}
    assert bound["ml/train"] == "arn:aws:iam::111122223333:role/prod-eu-pods-ml.train-eu-west-1"
    assert others.keys() == addon_accounts(settings_of(dns={"zone_arns": [ZONE]})).keys()


def test_no_workload_comes_before_the_roles_of_its_pods() -> None:
    graph, _ = _run()

    assert_after(
        graph,
        "kubernetes:apps/v1:Deployment",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation::prod-eu-pods-ml.train",
    )


def test_no_pool_comes_before_the_role_of_spot_machines() -> None:
    graph, _ = _run()

    assert_after(
        graph, "kubernetes:karpenter.sh/v1:NodePool", "aws:iam/serviceLinkedRole:ServiceLinkedRole"
    )
