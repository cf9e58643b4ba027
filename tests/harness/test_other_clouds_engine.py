"""The stand-ins for Google Cloud and Azure under the real engine, by the same code."""

from __future__ import annotations

from dataclasses import replace

import pulumi
import pulumi_azure_native as azure
import pulumi_gcp as gcp
import pytest
from clouds.program import Clouds
from clouds.store import Record, Store
from pulumi import automation

from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools


def _changes(result: automation.UpResult | automation.RefreshResult) -> dict[str, int]:
    return {str(key): count for key, count in (result.summary.resource_changes or {}).items()}


def _find(store: Store, type: str) -> Record:
    return next(item for item in store.all() if item.type == type)


@pytest.mark.slow
def test_gke_and_aks_live_from_up_to_destroy(cloud_engine: Engine, clouds: Clouds) -> None:
    def program() -> None:
        account = gcp.serviceaccount.Account("nodes", account_id="nodes")
        gke = gcp.container.Cluster(
            "gke",
            location="europe-west1",
            initial_node_count=1,
            node_config={"service_account": account.email},
            deletion_protection=False,
        )
        group = azure.resources.ResourceGroup("group")
        aks = azure.containerservice.ManagedCluster(
            "aks",
            resource_group_name=group.name,
            dns_prefix="aks",
            tags={"env": "dev"},
            agent_pool_profiles=[{"name": "system", "mode": "System", "count": 2}],
        )
        pulumi.export("gke", gke.id)
        pulumi.export("aks", aks.id)

    stack = cloud_engine.stack("two", program, {"gcp:project": "acme"})

    outputs = stack.up().outputs
    assert outputs["gke"].value.startswith("projects/acme/locations/europe-west1/clusters/gke-")
    assert "/providers/Microsoft.ContainerService/managedClusters/aks" in outputs["aks"].value
    stack.up(expect_no_changes=True)

    store = clouds.store("azure-native")
    made = _find(store, "azure-native:containerservice:ManagedCluster")
    store.put(replace(made, inputs=made.inputs | {"tags": {"env": "prod"}}))
    account = _find(clouds.store("gcp"), "gcp:serviceaccount/account:Account")
    clouds.store("gcp").remove(account.type, account.id)
    assert _changes(stack.refresh()) == {"delete": 1, "same": 3, "update": 1}

    stack.destroy()
    assert store.all() == []
    assert clouds.store("gcp").all() == []


def test_an_object_is_imported(cloud_engine: Engine, clouds: Clouds) -> None:
    type = "azure-native:resources:ResourceGroup"
    id = "/subscriptions/s/resourceGroups/theirs"
    inputs = {"resourceGroupName": "theirs", "location": "westeurope"}
    clouds.store("azure-native").put(Record(type, id, "", inputs, inputs | {"name": "theirs"}))

    def program() -> None:
        azure.resources.ResourceGroup(
            "group",
            resource_group_name="theirs",
            location="westeurope",
            opts=pulumi.ResourceOptions(import_=id),
        )

    stack = cloud_engine.stack("import", program)

    assert _changes(stack.up()) == {"create": 1, "import": 1}
    assert [operation for operation, _, _ in clouds.store("azure-native").calls()] == ["read"]
