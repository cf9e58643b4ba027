"""Objects of the stand-ins: names, replacement, import, drift, faults, functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clouds.plugin import CloudPlugin
from clouds.program import Clouds
from clouds.store import Fault, Record

from splitplane.provider.backend import Operation, State
from splitplane.provider.codec import UNKNOWN
from splitplane.provider.errors import (
    BadInput,
    NotReady,
    Taken,
    TryAgain,
    Unsupported,
    WrongArguments,
    WrongState,
)

MakePlugin = Callable[[str], CloudPlugin]

CLUSTER = "aws:eks/cluster:Cluster"
INPUTS: dict[str, Any] = {"roleArn": "arn:role", "vpcConfig": {"subnetIds": ["subnet-1"]}}


def _urn(token: str, name: str = "one") -> str:
    return f"urn:pulumi:prod::acme::{token}::{name}"


def _create(plugin: CloudPlugin, token: str, inputs: dict[str, Any], name: str = "one") -> State:
    urn = _urn(token, name)
    resource = plugin.resource_at(urn)
    checked, failures = resource.check({}, inputs)
    assert failures == []
    return resource.create(Operation(urn), checked)


def _delete(plugin: CloudPlugin, token: str, state: State, name: str = "one") -> None:
    urn = _urn(token, name)
    plugin.resource_at(urn).delete(Operation(urn), state.id, state.inputs, state.outputs)


def _replaces(plugin: CloudPlugin, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return plugin.resource_at(_urn(CLUSTER)).diff("x", INPUTS | old, {}, INPUTS | new).replaces


def test_a_name_that_was_made_up_stays_until_the_object_is_replaced(plugin: MakePlugin) -> None:
    aws = plugin("aws")
    resource = aws.resource_at(_urn(CLUSTER))
    planned, _ = resource.check({}, INPUTS)
    state = _create(aws, CLUSTER, INPUTS)

    kept, _ = resource.check(state.inputs, INPUTS)
    replacement, _ = resource.check({}, INPUTS)

    assert planned == state.inputs == kept
    assert state.id == state.outputs["name"] == planned["name"]
    assert replacement["name"] != state.id


def test_a_name_that_is_taken_is_refused(plugin: MakePlugin) -> None:
    _create(plugin("aws"), CLUSTER, INPUTS | {"name": "main"})

    with pytest.raises(Taken, match="'main' already exists"):
        _create(plugin("aws"), CLUSTER, INPUTS | {"name": "main"}, "two")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"version": "1.34"}, {"version": "1.35"}, []),
        ({"name": "a"}, {"name": "b"}, ["name"]),
        ({"bootstrapSelfManagedAddons": True}, {"bootstrapSelfManagedAddons": False}, None),
        ({}, {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}}, ["kubernetesNetworkConfig"]),
        ({}, {"kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}}}, []),
        ({"roleArn": "a"}, {"roleArn": UNKNOWN}, ["roleArn"]),
        (
            {"vpcConfig": {"controlPlaneEgressMode": "AWS_MANAGED"}},
            {"vpcConfig": {"controlPlaneEgressMode": "CUSTOMER_ROUTED"}},
            [],
        ),
        (
            {"vpcConfig": {"controlPlaneEgressMode": "CUSTOMER_ROUTED"}},
            {"vpcConfig": {"controlPlaneEgressMode": "AWS_MANAGED"}},
            ["vpcConfig.controlPlaneEgressMode"],
        ),
    ],
)
def test_the_table_and_the_sdks_text_say_what_replaces(
    plugin: MakePlugin, old: dict[str, Any], new: dict[str, Any], expected: list[str] | None
) -> None:
    found = _replaces(plugin("aws"), old, new)

    assert found == (["bootstrapSelfManagedAddons"] if expected is None else expected)


def test_what_keeps_its_own_name_is_deleted_before_it_is_replaced(plugin: MakePlugin) -> None:
    resource = plugin("aws").resource_at(_urn(CLUSTER))
    named = INPUTS | {"name": "main"}
    unnamed, _ = resource.check({}, INPUTS)

    def is_deleted_first(inputs: dict[str, Any]) -> bool:
        return resource.diff("x", inputs, {}, inputs | {"roleArn": "b"}).delete_before_replace

    assert is_deleted_first(named)
    assert not is_deleted_first(unnamed)


def test_what_the_cloud_made_inside_of_an_input_stays_when_the_input_changes(
    plugin: MakePlugin,
) -> None:
    aws = plugin("aws")
    state = _create(aws, CLUSTER, INPUTS | {"name": "main"})
    group = state.outputs["vpcConfig"]["clusterSecurityGroupId"]
    news = {**state.inputs, "version": "1.35", "vpcConfig": {"subnetIds": ["subnet-2"]}}
    resource = aws.resource_at(_urn(CLUSTER))

    for is_preview in (True, False):
        operation = Operation(_urn(CLUSTER), is_preview=is_preview)
        changed = resource.update(operation, state.id, state.inputs, state.outputs, news)
        assert changed["vpcConfig"]["clusterSecurityGroupId"] == group
        assert changed["vpcConfig"]["subnetIds"] == ["subnet-2"]


def test_an_object_is_imported_and_drift_is_read(plugin: MakePlugin, clouds: Clouds) -> None:
    inputs = INPUTS | {"name": "main", "version": "1.34"}
    clouds.store("aws").put(Record(CLUSTER, "main", "", inputs, {"name": "main"}))
    resource = plugin("aws").resource_at(_urn(CLUSTER))
    operation = Operation(_urn(CLUSTER))

    imported = resource.read(operation, "main", None, {})
    refreshed = resource.read(operation, "main", inputs | {"version": "1.35"}, {})

    assert imported is not None
    assert imported.inputs == inputs
    assert refreshed is not None
    assert refreshed.inputs["version"] == "1.34"
    assert resource.read(operation, "other", None, {}) is None


def test_an_object_in_use_is_not_deleted(plugin: MakePlugin) -> None:
    aws = plugin("aws")
    vpc = _create(aws, "aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    inputs = {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}
    subnet = _create(aws, "aws:ec2/subnet:Subnet", inputs)

    with pytest.raises(WrongState, match=f"'{vpc.id}' is in use by aws:ec2/subnet:Subnet"):
        _delete(aws, "aws:ec2/vpc:Vpc", vpc)
    _delete(aws, "aws:ec2/subnet:Subnet", subnet)
    _delete(aws, "aws:ec2/vpc:Vpc", vpc)
    _delete(aws, "aws:ec2/vpc:Vpc", vpc)


def test_a_protected_object_is_not_deleted(plugin: MakePlugin) -> None:
    state = _create(plugin("aws"), CLUSTER, INPUTS | {"deletionProtection": True})
    gke = _create(plugin("gcp"), "gcp:container/cluster:Cluster", {"location": "europe-west1"})

    with pytest.raises(WrongState, match="has deletionProtection: turn it off first"):
        _delete(plugin("aws"), CLUSTER, state)
    with pytest.raises(WrongState, match="has deletionProtection"):
        _delete(plugin("gcp"), "gcp:container/cluster:Cluster", gke)


def test_ids_and_outputs_are_those_of_the_cloud(plugin: MakePlugin) -> None:
    role = _create(plugin("aws"), "aws:iam/role:Role", {"name": "r", "assumeRolePolicy": "{}"})
    queue = _create(plugin("aws"), "aws:sqs/queue:Queue", {"name": "q"})
    gke = _create(
        plugin("gcp"), "gcp:container/cluster:Cluster", {"name": "c", "location": "europe-west1"}
    )
    aks = _create(
        plugin("azure-native"),
        "azure-native:containerservice:ManagedCluster",
        {"resourceGroupName": "g", "resourceName": "c"},
    )

    assert role.outputs["arn"] == "arn:aws:iam::111122223333:role/r"
    assert queue.id == "https://sqs.eu-west-1.amazonaws.com/111122223333/q"
    assert gke.id == "projects/acme/locations/europe-west1/clusters/c"
    assert aks.id.endswith("/Microsoft.ContainerService/managedClusters/c")
    assert aks.outputs["name"] == "c"


def test_a_second_route_to_the_same_destination_is_refused(plugin: MakePlugin) -> None:
    inputs = {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}
    made = _create(plugin("aws"), "aws:ec2/route:Route", inputs)

    assert made.id == "r-rtb-10.0.0.0/0"
    with pytest.raises(Taken, match="already exists"):
        _create(plugin("aws"), "aws:ec2/route:Route", inputs, "two")


def test_what_an_id_needs_is_asked_for(plugin: MakePlugin) -> None:
    with pytest.raises(BadInput, match="needs 'location'"):
        _create(plugin("gcp"), "gcp:container/cluster:Cluster", {"name": "c"})


def test_default_tags_are_among_all_tags(plugin: MakePlugin) -> None:
    aws = plugin("aws")
    aws.configure({"region": "eu-west-1", "defaultTags": '{"tags": {"team": "ml"}}'})

    state = _create(aws, "aws:sqs/queue:Queue", {"tags": {"env": "dev"}})

    assert state.outputs["tagsAll"] == {"team": "ml", "env": "dev"}


def test_faults_happen_at_the_call_that_they_name(plugin: MakePlugin, clouds: Clouds) -> None:
    store = clouds.store("aws")
    store.set_faults(
        [
            Fault("create", CLUSTER, call=1, kind="try_again", error="throttled"),
            Fault("create", CLUSTER, name="one", call=2, kind="partial", error="not active"),
        ]
    )

    with pytest.raises(TryAgain, match="throttled"):
        _create(plugin("aws"), CLUSTER, INPUTS)
    assert store.all() == []
    with pytest.raises(NotReady, match="not active"):
        _create(plugin("aws"), CLUSTER, INPUTS)
    assert [item.type for item in store.all()] == [CLUSTER]


def test_a_delay_longer_than_the_timeout_is_an_error(plugin: MakePlugin, clouds: Clouds) -> None:
    clouds.store("aws").set_faults([Fault("create", delay_seconds=0.2)])
    resource = plugin("aws").resource_at(_urn(CLUSTER))
    checked, _ = resource.check({}, INPUTS)

    with pytest.raises(WrongState, match="create of 'one' took too long"):
        resource.create(Operation(_urn(CLUSTER), timeout_seconds=0.01), checked)


def test_a_wrong_faults_file_is_refused(plugin: MakePlugin, clouds: Clouds) -> None:
    (clouds.store("aws").folder / "faults.json").write_text('[{"opreation": "create"}]')

    with pytest.raises(BadInput, match="opreation"):
        _create(plugin("aws"), CLUSTER, INPUTS)


def test_functions_answer_from_the_table_and_the_test(plugin: MakePlugin, clouds: Clouds) -> None:
    token = "aws:ec2/getVpc:getVpc"
    rows = [{"match": {"id": "vpc-1"}, "result": {"id": "{id}", "cidrBlock": "10.0.0.0/16"}}]
    clouds.answer("aws", {token: rows})
    aws = plugin("aws")

    zones = aws.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "x"})
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert aws.invoke(token, {"id": "vpc-1"}) == {"id": "vpc-1", "cidrBlock": "10.0.0.0/16"}
    with pytest.raises(WrongState, match="no result for these arguments"):
        aws.invoke(token, {"id": "vpc-2"})
    with pytest.raises(WrongArguments, match="vpcId: is no argument"):
        aws.invoke(token, {"vpcId": "vpc-1"})
    with pytest.raises(Unsupported, match="has no answer"):
        aws.invoke("aws:ec2/getSubnet:getSubnet", {"id": "subnet-1"})
    with pytest.raises(Unsupported, match="the SDK has no function"):
        aws.invoke("aws:ec2/getVcp:getVcp", {})


def test_an_account_is_another_and_a_function_fails_when_the_test_says_so(
    plugin: MakePlugin, clouds: Clouds
) -> None:
    token = "aws:eks/getAddon:getAddon"
    clouds.settle("aws", {"account": "123456789012"})
    clouds.answer("aws", {token: [{"error": "couldn't find resource"}]})
    aws = plugin("aws")

    role = _create(aws, "aws:iam/role:Role", {"name": "r", "assumeRolePolicy": "{}"})

    assert role.outputs["arn"] == "arn:aws:iam::123456789012:role/r"
    with pytest.raises(WrongState, match="couldn't find resource"):
        aws.invoke(token, {"clusterName": "c", "addonName": "a"})
