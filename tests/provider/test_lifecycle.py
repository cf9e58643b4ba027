"""Every resource and every property, through the plugin's process, on a real control plane."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane
from kinds_table import CASES, NOTHING, SERVICE, Case, make_ml_repo, make_workspace
from provider_harness import PluginProcess

from splitplane.provider.codec import UNKNOWN, Properties, ResourceRef, Secret, has_unknown
from splitplane.provider.schema import PATH

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())

cases = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
properties = pytest.mark.parametrize(
    ("case", "key"),
    [pytest.param(case, key, id=f"{case.name}.{key}") for case in CASES for key in case.optional],
)
replacing = pytest.mark.parametrize(
    ("case", "key"),
    [pytest.param(case, key, id=f"{case.name}.{key}") for case in CASES for key in case.replacing],
)


def _error(info: pytest.ExceptionInfo[grpc.RpcError]) -> tuple[grpc.StatusCode, str]:
    call: Any = info.value  # Any: what a failed call raises is also the call
    return call.code(), call.details()


@cases
def test_the_table_has_every_property_of_the_schema(case: Case) -> None:
    covered = {*case.optional, *case.replacing, *case.elsewhere}

    assert covered == set(SCHEMA["resources"][case.token]["inputProperties"])


@cases
def test_life_of_an_object(
    case: Case, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    smallest = case.required(control_plane, unique)
    inputs = {**smallest, **{key: values[0] for key, values in case.optional.items()}}

    checked, failures = plugin.check(case.token, inputs)
    assert (checked, failures) == (inputs, [])
    planned = plugin.create(case.token, inputs, preview=True)
    assert planned.id == ""
    assert planned.outputs["fqn"] == case.fqn(unique)
    assert not control_plane.is_listed(case.kind, unique)

    created = plugin.create(case.token, inputs)
    assert created.outputs["fqn"] == case.fqn(unique)
    made = _made_by_the_control_plane(case)
    known = {k: v for k, v in planned.outputs.items() if k not in made}
    assert {k: v for k, v in created.outputs.items() if k not in made} == known
    read_id, read_inputs, outputs = plugin.read(case.token, created.id, inputs, created.outputs)
    assert (read_id, read_inputs, outputs) == (created.id, inputs, created.outputs)
    assert not plugin.diff(case.token, created.id, inputs, outputs, inputs).has_changes

    for key, (_, other) in case.optional.items():
        news = {**inputs, key: other}
        planned_outputs = plugin.update(case.token, created.id, inputs, outputs, news, preview=True)
        outputs = plugin.update(case.token, created.id, inputs, outputs, news)
        assert planned_outputs == {
            k: v if not has_unknown(planned_outputs.get(k)) else planned_outputs[k]
            for k, v in outputs.items()
        }
        inputs = news
        assert plugin.read(case.token, created.id, inputs, outputs) == (
            created.id,
            inputs,
            outputs,
        )
    outputs = plugin.update(case.token, created.id, inputs, outputs, smallest)
    assert plugin.read(case.token, created.id, smallest, outputs)[1:] == (smallest, outputs)
    assert not plugin.diff(case.token, created.id, smallest, outputs, smallest).has_changes

    plugin.delete(case.token, created.id)
    assert not control_plane.is_listed(case.kind, unique)
    assert plugin.read(case.token, created.id, smallest, outputs) == ("", {}, {})
    plugin.delete(case.token, created.id)


@cases
def test_import_by_id_and_by_name(
    case: Case, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    smallest = case.required(control_plane, unique)
    created = plugin.create(case.token, smallest)

    by_id = plugin.read(case.token, created.id)
    by_name = plugin.read(case.token, case.fqn(unique))

    assert by_id == by_name
    found_id, inputs, outputs = by_id
    assert found_id == created.id
    # What is not part of the object, such as how long to wait for it, cannot be read from it.
    assert inputs == {k: v for k, v in smallest.items() if k != "waitFor"}
    assert not plugin.diff(case.token, found_id, inputs, outputs, inputs).has_changes


@properties
def test_setting_changing_and_removing_a_property_is_one_change(
    case: Case, key: str, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    base = _base(case, unique)
    one, other = ({**base, key: value} for value in case.optional[key])

    for old, new in ((base, one), (one, other), (other, base)):
        planned = plugin.create(case.token, old, preview=True).outputs
        found = plugin.diff(case.token, "id", old, planned, new)
        same = plugin.diff(case.token, "id", old, planned, old)

        assert {path.split(".")[0].split("[")[0] for path in found.detailed} <= {key}
        assert found.replaces == []
        assert not same.has_changes
        ignored = plugin.diff(case.token, "id", old, planned, new, ignore=[key])
        assert not ignored.has_changes


@properties
def test_an_unknown_property_is_tolerated(
    case: Case, key: str, plugin: PluginProcess, unique: str
) -> None:
    base = _base(case, unique)
    news = {**base, key: UNKNOWN}

    checked, failures = plugin.check(case.token, news)
    planned = plugin.create(case.token, news, preview=True).outputs
    known = plugin.create(case.token, base, preview=True).outputs
    updated = plugin.update(case.token, "id", base, known, news, preview=True)

    assert (checked, failures) == (news, [])
    assert planned[key] == UNKNOWN
    assert updated[key] == UNKNOWN
    assert plugin.diff(case.token, "id", base, known, news).replaces == []


@properties
def test_a_secret_property_stays_secret(
    case: Case, key: str, plugin: PluginProcess, unique: str
) -> None:
    value = case.optional[key][0]
    news = {**_base(case, unique), key: Secret(value)}

    checked, failures = plugin.check(case.token, news)
    planned = plugin.create(case.token, news, preview=True).outputs

    assert (checked, failures) == (news, [])
    assert isinstance(planned[key], Secret)
    plain = {**news, key: value}
    assert not plugin.diff(case.token, "id", news, planned, plain).has_changes


@replacing
def test_changing_an_immutable_property_replaces(
    case: Case, key: str, plugin: PluginProcess, unique: str
) -> None:
    base = _base(case, unique)
    planned = plugin.create(case.token, base, preview=True).outputs

    found = plugin.diff(case.token, "id", base, planned, {**base, key: case.replacing[key]})

    assert found.replaces
    assert all(path.split(".")[0] == key for path in found.replaces)
    is_in_name = key in ("name", "cluster", "workspace", "serviceAccount")
    assert found.deletes_first is not is_in_name
    assert plugin.diff(case.token, "id", base, planned, {**base, key: UNKNOWN}).has_changes


def test_another_variant_replaces(plugin: PluginProcess, unique: str) -> None:
    token = "splitplane:index:StorageIntegration"
    old = {"name": unique, "s3": {"bucket": "bucket-a"}}
    planned = plugin.create(token, old, preview=True).outputs

    found = plugin.diff(token, "id", old, planned, {"name": unique, "local": {"path": "/tmp/a"}})

    assert found.detailed == {"local": "ADD_REPLACE", "s3": "DELETE_REPLACE"}
    assert found.deletes_first


def test_a_service_and_a_job_are_different_objects(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    token = "splitplane:index:Application"
    place = {
        "name": unique,
        "workspace": make_workspace(control_plane, unique),
        "waitFor": "none",
    }
    service = {**place, "service": SERVICE}
    job = {
        **place,
        "job": {"image": "registry.example.com/a:1", "retries": 1, "timeoutSeconds": 60},
    }

    created = plugin.create(token, job)
    found = plugin.diff(token, created.id, job, created.outputs, service)

    assert created.outputs["job"]["completions"] == 1
    assert found.detailed == {"job": "DELETE_REPLACE", "service": "ADD_REPLACE"}
    assert plugin.read(token, created.id, job, created.outputs)[1] == job


def test_ml_repos_are_granted_to_a_workspace(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    token = "splitplane:index:Workspace"
    workspace = make_workspace(control_plane, f"{unique}-w")
    inputs = {
        "name": unique,
        "cluster": workspace.split(":")[0],
        "environment": "dev",
        "mlRepos": [
            {"mlRepo": make_ml_repo(control_plane, f"{unique}-z"), "role": "editor"},
            {"mlRepo": make_ml_repo(control_plane, f"{unique}-a")},
        ],
    }

    created = plugin.create(token, inputs)

    assert created.outputs["mlRepos"] == [
        {"mlRepo": f"{unique}-z", "role": "editor"},
        {"mlRepo": f"{unique}-a", "role": "viewer"},
    ]
    _, read_inputs, outputs = plugin.read(token, created.id, inputs, created.outputs)
    assert read_inputs == inputs
    assert not plugin.diff(token, created.id, inputs, outputs, inputs).has_changes


def test_the_join_token_is_secret_and_kept_until_its_trigger_changes(
    plugin: PluginProcess, unique: str
) -> None:
    token = "splitplane:index:Cluster"
    inputs: Properties = {"name": unique, "environments": ["dev"]}

    planned = plugin.create(token, inputs, preview=True).outputs["joinToken"]
    created = plugin.create(token, inputs)
    first = created.outputs["joinToken"]
    outputs = plugin.read(token, created.id, inputs, created.outputs)[2]
    renamed = {**inputs, "displayName": "x"}
    kept = plugin.update(token, created.id, inputs, outputs, renamed)
    triggered = {**renamed, "joinTokenTrigger": "1"}
    foreseen = plugin.update(token, created.id, renamed, kept, triggered, preview=True)
    rotated = plugin.update(token, created.id, renamed, kept, triggered)

    assert planned == Secret(UNKNOWN)
    assert isinstance(first, Secret)
    assert first.value.startswith("spl_join_")
    assert outputs["joinToken"] == kept["joinToken"] == first
    assert foreseen["joinToken"] == Secret(UNKNOWN)
    assert rotated["joinToken"].value.startswith("spl_join_")
    assert rotated["joinToken"] != first


@cases
def test_a_repeated_create_gives_the_same_object(
    case: Case, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = case.required(control_plane, unique)
    key, (value, _) = next(iter(case.optional.items()))
    changed = {**inputs, key: value}

    first = plugin.create(case.token, inputs)
    again = plugin.create(case.token, inputs)
    other = plugin.create(case.token, changed)

    assert first.id == again.id == other.id
    assert control_plane.count(case.kind, unique) == 1
    assert other.outputs[key] == plugin.read(case.token, first.id, changed, {})[2][key]


@cases
def test_a_strangers_object_is_refused_with_the_way_to_adopt_it(
    case: Case, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = case.required(control_plane, unique)
    plugin.create(case.token, inputs, name="theirs")

    with pytest.raises(grpc.RpcError) as info:
        plugin.create(case.token, inputs, name="ours")

    code, details = _error(info)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert f"pulumi import {case.token} ours {case.fqn(unique)}" in details


def test_an_object_in_use_is_not_deleted(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    workspace = make_workspace(control_plane, unique)
    cluster_id, _, _ = plugin.read("splitplane:index:Cluster", workspace.split(":")[0])

    with pytest.raises(grpc.RpcError) as info:
        plugin.delete("splitplane:index:Cluster", cluster_id)

    code, details = _error(info)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert workspace in details


def test_an_update_of_a_vanished_object_says_so(plugin: PluginProcess, unique: str) -> None:
    token = "splitplane:index:Environment"
    inputs = {"name": unique}
    created = plugin.create(token, inputs)
    plugin.delete(token, created.id)

    with pytest.raises(grpc.RpcError) as info:
        plugin.update(token, created.id, inputs, created.outputs, {**inputs, "color": "#000000"})

    code, details = _error(info)
    assert code is grpc.StatusCode.NOT_FOUND
    assert "pulumi refresh" in details


def test_what_the_control_plane_refuses_names_the_field(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    workspace = make_workspace(control_plane, f"{unique}-w")
    inputs = {
        "name": unique,
        "cluster": workspace.split(":")[0],
        "environment": "staging",
    }

    with pytest.raises(grpc.RpcError) as info:
        plugin.create("splitplane:index:Workspace", inputs)

    code, details = _error(info)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "environment" in details
    assert "staging" in details


def test_a_reference_to_a_resource_counts_as_its_id(plugin: PluginProcess, unique: str) -> None:
    news = {"name": unique, "displayName": ResourceRef("urn:x", "an-id")}

    checked, _ = plugin.check("splitplane:index:Environment", news)

    assert checked == {"name": unique, "displayName": "an-id"}


def test_an_unknown_resource_is_refused(plugin: PluginProcess) -> None:
    with pytest.raises(grpc.RpcError) as info:
        plugin.create("splitplane:index:Planet", {"name": "x"})

    code, details = _error(info)
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert "splitplane:index:Workspace" in details


def test_a_child_of_a_component_is_known_by_its_own_type(plugin: PluginProcess) -> None:
    from splitplane.provider.servicer import type_of

    urn = "urn:pulumi:s::p::my:index:Platform$splitplane:index:Cluster::name"

    assert type_of(urn) == "splitplane:index:Cluster"


def test_a_hundred_creates_at_once(plugin: PluginProcess, unique: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    token = "splitplane:index:Environment"
    names = [f"{unique}-{number}" for number in range(100)]

    with ThreadPoolExecutor(100) as pool:
        created = list(
            pool.map(lambda name: plugin.create(token, {"name": name}, name=name), names)
        )

    assert len({item.id for item in created}) == 100


def _made_by_the_control_plane(case: Case) -> set[str]:
    """The outputs that nobody knows before the object is made."""
    spec = SCHEMA["resources"][case.token]
    return set(spec["properties"]) - set(spec["inputProperties"]) - {"fqn"}


def _base(case: Case, name: str) -> Properties:
    """The smallest inputs without anything that they need being made."""
    return case.required(NOTHING, name)
