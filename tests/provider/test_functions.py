"""The functions, through the plugin's process, on a real control plane."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane
from kinds_table import SERVICE, make_ml_repo, make_workspace
from provider_harness import PluginProcess

from splitplane.provider.codec import UNKNOWN, OutputValue, Properties, ResourceRef, Secret
from splitplane.provider.functions import FUNCTIONS
from splitplane.provider.schema import PATH

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())


def call(plugin: PluginProcess, name: str, arguments: Properties) -> Properties:
    result, failures = plugin.invoke(f"splitplane:index:{name}", arguments)
    assert failures == []
    return result


def refusals(plugin: PluginProcess, name: str, arguments: Properties) -> list[tuple[str, str]]:
    result, failures = plugin.invoke(f"splitplane:index:{name}", arguments)
    assert result == {}
    return failures


def test_the_schema_has_every_function_and_no_other() -> None:
    # A method of a component is a function whose name has a slash.
    found = {token for token in SCHEMA["functions"] if "/" not in token}

    assert found == set(FUNCTIONS)


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_arguments_and_results_are_described(token: str) -> None:
    spec = SCHEMA["functions"][token]
    properties = {**spec["inputs"]["properties"], **spec["outputs"]["properties"]}

    assert spec["description"]
    assert [name for name, entry in properties.items() if not entry["description"]] == []
    assert [name for name, entry in properties.items() if entry.get("secret")] == []


def test_a_cluster_is_found_by_name_and_by_id(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    made = control_plane.client.create(
        {"type": "cluster", "name": unique, "environments": ["dev"], "provider_kind": "gke"}
    )

    by_name = call(plugin, "getCluster", {"ref": unique})
    by_id = call(plugin, "getCluster", {"ref": made.id})

    assert by_name == by_id
    assert (by_name["id"], by_name["fqn"]) == (made.id, unique)
    assert (by_name["providerKind"], by_name["status"]) == ("gke", "never_connected")
    assert by_name["isConnected"] is False
    assert "kubernetesVersion" not in by_name
    assert "joinToken" not in by_name


def test_a_workspace_is_found_by_its_own_name_while_that_is_enough(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    fqn = make_workspace(control_plane, unique)
    name = fqn.rpartition(":")[2]
    only = call(plugin, "getWorkspace", {"ref": name})
    other = f"{unique}-other"
    control_plane.client.create({"type": "cluster", "name": other, "environments": ["dev"]})
    control_plane.client.create(
        {"type": "workspace", "name": name, "cluster": other, "environment": "dev"}
    )

    full = call(plugin, "getWorkspace", {"ref": fqn})
    ((path, reason),) = refusals(plugin, "getWorkspace", {"ref": name})

    assert only == full
    assert (full["fqn"], full["environment"]) == (fqn, "dev")
    assert path == "ref"
    assert reason == f"{name!r} is the name of 2 objects; allowed: {fqn}, {other}:{name}"


def test_environment_and_ml_repo_are_found(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    make_ml_repo(control_plane, unique)

    environment = call(plugin, "getEnvironment", {"ref": "environment:dev"})
    repo = call(plugin, "getMlRepo", {"ref": unique})

    assert (environment["name"], environment["optimizeFor"]) == ("dev", "cost")
    assert repo == call(plugin, "getMlRepo", {"ref": f"mlrepo:{unique}"})
    assert (repo["fqn"], repo["name"]) == (f"mlrepo:{unique}", unique)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("getCluster", "ref"),
        ("getWorkspace", "ref"),
        ("getEnvironment", "ref"),
        ("getMlRepo", "ref"),
        ("getCapabilities", "cluster"),
    ],
)
def test_what_is_not_there_names_the_argument(
    plugin: PluginProcess, unique: str, name: str, argument: str
) -> None:
    with pytest.raises(grpc.RpcError) as info:
        plugin.invoke(f"splitplane:index:{name}", {argument: unique})

    error: Any = info.value
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert f"{argument}: " in error.details()
    assert repr(unique) in error.details()


@pytest.mark.parametrize("name", ["getCluster", "getWorkspace", "getEnvironment", "getMlRepo"])
@pytest.mark.parametrize(
    ("arguments", "path", "reason"),
    [
        pytest.param({}, "ref", "is required", id="missing"),
        pytest.param({"ref": ""}, "ref", "must not be empty", id="empty"),
        pytest.param({"ref": 7}, "ref", "must be text, got int", id="number"),
        pytest.param({"ref": "a", "rf": "b"}, "rf", "unknown argument; allowed: ref", id="stray"),
        pytest.param({"ref": UNKNOWN}, "ref", "is not known yet; call the function", id="unknown"),
    ],
)
def test_a_wrong_argument_is_named(
    plugin: PluginProcess, name: str, arguments: Properties, path: str, reason: str
) -> None:
    ((found, text),) = refusals(plugin, name, arguments)

    assert found == path
    assert text.startswith(reason)


def test_secrets_references_and_outputs_count_as_their_values(plugin: PluginProcess) -> None:
    plain = call(plugin, "getEnvironment", {"ref": "dev"})

    for value in (Secret("dev"), OutputValue("dev"), ResourceRef("urn:x", plain["id"])):
        assert call(plugin, "getEnvironment", {"ref": value}) == plain


def test_a_preview_gets_the_same_answer(plugin: PluginProcess) -> None:
    token = "splitplane:index:getEnvironment"

    assert plugin.invoke(token, {"ref": "dev"}, preview=True) == plugin.invoke(
        token, {"ref": "dev"}
    )


def test_capabilities_are_those_of_the_kind_and_of_the_agent(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    control_plane.client.create(
        {"type": "cluster", "name": unique, "environments": ["dev"], "provider_kind": "gke"}
    )

    found = call(plugin, "getCapabilities", {"cluster": unique})

    assert found["nodeScaling"] == "vendor_managed"
    assert found["gpuSelectorLabel"] == "cloud.google.com/gke-accelerator"
    assert found["gpuTaint"] == {
        "key": "nvidia.com/gpu",
        "value": "present",
        "effect": "NoSchedule",
    }
    assert (found["isConnected"], found["agentCapabilities"]) == (False, [])


def test_an_application_is_rendered_and_not_made(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    workspace = make_workspace(control_plane, unique)
    arguments = {"name": unique, "workspace": workspace, "service": SERVICE}

    found = call(plugin, "renderApplication", arguments)

    kinds = [item["kind"] for item in found["objects"]]
    assert kinds[0] == "ServiceAccount"
    assert kinds[-1] == "Deployment"
    assert found["fqn"] == f"{workspace}:{unique}"
    assert (found["version"], found["isCurrent"]) == (1, False)
    assert not control_plane.is_listed("application", unique)
    assert call(plugin, "renderApplication", arguments) == found


def test_what_is_rendered_is_what_is_applied(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    from polling import wait_for

    token = "splitplane:index:Application"
    workspace = make_workspace(control_plane, unique)
    arguments = {"name": unique, "workspace": workspace, "service": SERVICE}
    made = plugin.create(token, {**arguments, "waitFor": "none"})
    wait_for(lambda: bool(control_plane.client.rendered(made.id)), what="the worker")

    found = call(plugin, "renderApplication", arguments)

    assert (found["applicationId"], found["version"]) == (made.id, 1)
    assert found["isCurrent"] is True
    assert found["objects"] == control_plane.client.rendered(made.id)


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({"service": {**SERVICE, "replicas": -1}}, "service.replicas", "should be greater"),
        ({"service": {**SERVICE, "imag": "x"}}, "service.imag", "unknown argument"),
        ({"service": {"image": UNKNOWN}}, "service.image", "is not known yet"),
        ({"job": {"image": "a:1"}}, "", "exactly one of 'service' and 'job'"),
        ({"waitFor": "none"}, "waitFor", "unknown argument"),
        ({"workspace": None}, "workspace", "is required"),
    ],
)
def test_a_wrong_application_names_the_property(
    plugin: PluginProcess, unique: str, changes: Properties, path: str, reason: str
) -> None:
    arguments = {"name": unique, "workspace": f"{unique}:a", "service": SERVICE, **changes}

    ((found, text), *_) = refusals(plugin, "renderApplication", arguments)

    assert found == path
    assert reason in text


def test_an_application_in_an_unknown_workspace_names_it(
    plugin: PluginProcess, unique: str
) -> None:
    arguments = {"name": unique, "workspace": f"{unique}:none", "service": SERVICE}

    with pytest.raises(grpc.RpcError) as info:
        plugin.invoke("splitplane:index:renderApplication", arguments)

    error: Any = info.value
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert f"workspace: '{unique}:none' does not exist" in error.details()


def test_the_agents_objects_hold_no_secret(plugin: PluginProcess) -> None:
    found = call(
        plugin,
        "getAgentManifests",
        {"hubUrl": "https://cp.example.com", "delivery": "direct", "namespace": "agents"},
    )

    kinds = [item["kind"] for item in found["objects"]]
    assert "Secret" not in kinds
    assert kinds[-1] == "Deployment"
    assert (found["namespace"], found["joinTokenSecret"]) == (
        "agents",
        "splitplane-agent-join-token",
    )
    volumes = found["objects"][-1]["spec"]["template"]["spec"]["volumes"]
    assert "splitplane-agent-join-token" in json.dumps(volumes)


def test_an_enrolled_agent_needs_no_token(plugin: PluginProcess) -> None:
    found = call(
        plugin,
        "getAgentManifests",
        {"hubUrl": "https://cp.example.com", "usesJoinToken": False, "replicas": 0},
    )

    assert "joinTokenSecret" not in found
    assert "splitplane-agent-join-token" not in json.dumps(found["objects"])
    assert found["objects"][-1]["spec"]["replicas"] == 0


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({}, "hubUrl"),
        ({"hubUrl": "cp.example.com"}, "hubUrl"),
        ({"hubUrl": "https://x", "delivery": "mail"}, "delivery"),
        ({"hubUrl": "https://x", "verbs": ["apply-bundle", "shell"]}, "verbs[1]"),
        ({"hubUrl": "https://x", "replicas": 2}, "replicas"),
        ({"hubUrl": "https://x", "joinToken": "spl_join_x"}, "joinToken"),
    ],
)
def test_wrong_settings_of_the_agent_are_named(
    plugin: PluginProcess, arguments: Properties, path: str
) -> None:
    ((found, _),) = refusals(plugin, "getAgentManifests", arguments)

    assert found == path


def test_an_unknown_function_is_refused(plugin: PluginProcess) -> None:
    with pytest.raises(grpc.RpcError) as info:
        plugin.invoke("splitplane:index:getPlanet", {})

    error: Any = info.value
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "splitplane:index:getCluster" in error.details()
