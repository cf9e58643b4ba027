"""Which clusters are production and must be protected; the rule as a table."""

from __future__ import annotations

import pytest

from splitplane_policy.model import UNKNOWN, Resource, Value
from splitplane_policy.protected_clusters import ProtectionSettings, check


def cluster(*environments: Value, is_protected: bool = False) -> Resource:
    inputs: dict[str, Value] = {"name": "c", "environments": environments}
    return Resource("splitplane:index:Cluster", "urn:c", inputs, is_protected)


def environment(name: Value, *, is_production: Value) -> Resource:
    inputs: dict[str, Value] = {"name": name, "isProduction": is_production}
    return Resource("splitplane:index:Environment", "urn:e", inputs)


def eks(tag: Value, *, is_protected: bool = False) -> Resource:
    inputs: dict[str, Value] = {"tags": {"environment": tag}}
    return Resource("aws:eks/cluster:Cluster", "urn:c", inputs, is_protected)


GKE = Resource(
    "gcp:container/cluster:Cluster", "urn:c", {"resourceLabels": {"environment": "prod"}}
)
AKS = Resource(
    "azure-native:containerservice:ManagedCluster", "urn:c", {"tags": {"environment": "prod"}}
)
BY_DEFAULT_TAGS = Resource(
    "aws:eks/cluster:Cluster",
    "urn:c",
    {},
    provider_inputs={"defaultTags": '{"tags":{"environment":"prod"}}'},
)


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param([environment("live", is_production=True), cluster("live")], id="by the stack"),
        pytest.param([cluster("live"), environment("live", is_production=True)], id="any order"),
        pytest.param([cluster("dev", "prod")], id="by its name"),
        pytest.param([eks("production")], id="EKS by its tag"),
        pytest.param([GKE], id="GKE by its label"),
        pytest.param([AKS], id="AKS by its tag"),
        pytest.param([BY_DEFAULT_TAGS], id="EKS by the provider's tags"),
    ],
)
def test_an_unprotected_production_cluster_is_found(resources: list[Resource]) -> None:
    (violation,) = check(resources, ProtectionSettings())

    assert violation.urn == "urn:c"
    assert violation.message.endswith("not protected; set the resource option protect to true")


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param(
            [environment("live", is_production=True), cluster("live", is_protected=True)],
            id="protected",
        ),
        pytest.param([eks("prod", is_protected=True)], id="EKS, protected"),
        pytest.param(
            [environment("dev", is_production=False), cluster("dev")], id="not production"
        ),
        pytest.param(
            [environment("dev", is_production=UNKNOWN), cluster("dev")], id="not known yet"
        ),
        pytest.param([cluster(UNKNOWN)], id="environment not known yet"),
        pytest.param([eks(UNKNOWN)], id="tag not known yet"),
        pytest.param([eks("dev")], id="EKS of dev"),
        pytest.param([environment("prod", is_production=True)], id="no cluster"),
        pytest.param([], id="nothing"),
    ],
)
def test_everything_else_passes(resources: list[Resource]) -> None:
    assert list(check(resources, ProtectionSettings())) == []


def test_names_of_environments_and_tags_are_settings() -> None:
    tagged = Resource("aws:eks/cluster:Cluster", "urn:c", {"tags": {"stage": "live"}})
    settings = ProtectionSettings(production_environments=("live",), environment_tags=("stage",))

    assert [v.urn for v in check([tagged, cluster("prod")], settings)] == ["urn:c"]
