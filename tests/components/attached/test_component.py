from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from splitplane.components import (
    AttachedComputePlane,
    AttachedComputePlaneArgs,
    ClusterRefused,
    WrongArgument,
)
from splitplane.components.attached import component
from splitplane.components.attached.probe import Report

SECRET = "1b47061264138c4ac30d75fd1eb44270"
KUBECONFIG = """
current-context: prod
contexts: [{name: prod, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443"}}]
users: [{name: u, user: {token: t}}]
"""
Record = Callable[[Callable[[], object]], Any]


def _report(**changes: Any) -> Report:
    values: dict[str, Any] = {
        "server": "https://10.0.0.1:6443",
        "version": "v1.36.1",
        "minor": (1, 36),
        "distribution": "vanilla",
        "cluster_uid": "uid",
        "granted": frozenset(),
        "missing": frozenset(),
        "default_storage_classes": ("standard",),
        "custom_kinds": frozenset(),
    }
    return Report(**(values | changes))


def _args(**changes: Any) -> AttachedComputePlaneArgs:
    args: Any = {
        "name": "prod-eu",
        "kubeconfig": KUBECONFIG,
        "environments": ["prod"],
        "hub_url": "https://cp.example.com",
    }
    return args | changes


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(component, "read_report", lambda *_: _report())


def test_every_child_belongs_to_the_component(record: Record) -> None:
    found = record(lambda: AttachedComputePlane("eu", _args()))

    children = [item for item in found.resources if item.type.partition(":")[0] != "pulumi"]
    assert {item.parent for item in children[1:] if "index" not in item.type} == {"eu"}
    assert [item.type for item in children] == [
        "splitplane:index:AttachedComputePlane",
        "splitplane:index:Cluster",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:ServiceAccount",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:core/v1:Secret",
        "kubernetes:apps/v1:Deployment",
    ]


def test_the_kubernetes_provider_is_known_by_cluster_project_and_stack(record: Record) -> None:
    provider = record(lambda: AttachedComputePlane("eu", _args())).one(
        "pulumi:providers:kubernetes"
    )

    assert provider.inputs["clusterIdentifier"] == "prod-eu:acme:prod"
    assert provider.inputs["context"] == "prod"
    assert provider.parent == "eu"


def test_kubeconfig_and_join_token_stay_secret(record: Record) -> None:
    found = record(lambda: AttachedComputePlane("eu", _args()))

    provider = found.one("pulumi:providers:kubernetes")
    secret = found.one("kubernetes:core/v1:Secret")
    component_inputs = found.one("splitplane:index:AttachedComputePlane").inputs
    assert SECRET in str(provider.inputs["kubeconfig"])
    assert SECRET in str(component_inputs["kubeconfig"])
    assert SECRET in str(secret.inputs["stringData"])
    assert SECRET in str(found.outputs["eu"]["joinToken"])


def test_objects_use_the_explicit_provider(record: Record) -> None:
    found = record(lambda: AttachedComputePlane("eu", _args()))

    objects = [item for item in found.resources if item.type.startswith("kubernetes:")]
    assert {item.provider.partition("::")[0] for item in objects} != {""}
    assert all("eu-kubernetes" in item.provider for item in objects)


def test_the_workload_comes_after_everything_it_needs(record: Record) -> None:
    found = record(lambda: AttachedComputePlane("eu", _args()))

    deployment = found.one("kubernetes:apps/v1:Deployment")
    assert "eu-secret-splitplane-agent-splitplane-agent-join-token" in deployment.dependencies
    assert "eu-clusterrolebinding-splitplane-agent-splitplane-agent" in deployment.dependencies


def test_rbac_keeps_the_spelling_of_kubernetes(record: Record) -> None:
    found = record(lambda: AttachedComputePlane("eu", _args()))

    role = found.one("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    assert role.inputs["rules"][0] == {
        "apiGroups": [""],
        "resources": ["nodes"],
        "verbs": ["get", "list", "watch"],
    }


def test_outputs_say_what_was_found(record: Record) -> None:
    outputs = record(lambda: AttachedComputePlane("eu", _args())).outputs["eu"]

    assert {key: outputs[key] for key in outputs if key != "joinToken"} == {
        "clusterName": "prod-eu",
        "providerKind": "attached",
        "distribution": "vanilla",
        "kubernetesVersion": "v1.36.1",
        "endpoint": "https://10.0.0.1:6443",
        "delivery": "direct",
        "scope": "cluster",
        "allowedNamespaces": [],
        "deniedNamespaces": [],
        "storageClass": "standard",
    }


def test_the_agent_gets_what_was_asked_for(record: Record) -> None:
    args = _args(
        allowed_namespaces=["team1"],
        agent_image="registry.example.com/agent:1",
        agent_memory_mib=512,
        agent_cpu_millicores=300,
    )
    found = record(lambda: AttachedComputePlane("eu", args))

    settings = found.one("kubernetes:core/v1:ConfigMap").inputs["data"]
    container = found.one("kubernetes:apps/v1:Deployment").inputs["spec"]["template"]["spec"][
        "containers"
    ][0]
    assert settings["SPLITPLANE_AGENT_ALLOWED_NAMESPACES"] == "team1"
    assert settings["SPLITPLANE_AGENT_HUB_URL"] == "https://cp.example.com"
    assert container["image"] == "registry.example.com/agent:1"
    assert container["resources"] == {
        "requests": {"cpu": "300m", "memory": "256Mi"},
        "limits": {"memory": "512Mi"},
    }
    assert found.one("splitplane:index:Cluster").inputs["allowedNamespaces"] == ["team1"]


def test_timeouts_are_those_of_every_child(record: Record) -> None:
    opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="7m"))
    found = record(lambda: AttachedComputePlane("eu", _args(), opts))

    made = [item for item in found.resources if not item.type.startswith("pulumi:")]
    assert {item.create_timeout for item in made} == {"7m"}


def _ask_for_namespace(record: Record, workspace: str, **lists: Any) -> list[str]:
    found: list[str] = []

    def program() -> None:
        plane = AttachedComputePlane("eu", _args(**lists))
        answer = plane.workspace_namespace({"workspace": pulumi.Output.from_input(workspace)})
        pulumi.Output.all(answer["namespace"], answer["fqn"]).apply(found.extend)

    record(program)
    return found


@pytest.mark.parametrize("allowed", [[], ["team1"]])
def test_a_workspace_is_in_the_namespace_of_its_name(record: Record, allowed: list[str]) -> None:
    found = _ask_for_namespace(record, "team1", allowed_namespaces=allowed)

    assert found == ["team1", "prod-eu:team1"]


@pytest.mark.parametrize(
    ("lists", "workspace", "message"),
    [
        (
            {"allowed_namespaces": ["team1", "a"]},
            "team2",
            "workspace 'team2' cannot be on this cluster: the only namespaces for workloads are "
            "a, team1",
        ),
        (
            {"denied_namespaces": ["team2", "db"]},
            "team2",
            "workspace 'team2' cannot be on this cluster: its namespace is among the denied ones "
            "(db, team2)",
        ),
        ({}, "kube-system", "workspace name 'kube-system' is reserved"),
        ({}, "Team", "workspace name 'Team' is not allowed"),
    ],
)
def test_a_workspace_that_cannot_be_there_is_refused(
    record: Record, lists: dict[str, Any], workspace: str, message: str
) -> None:
    with pytest.raises(WrongArgument) as caught:
        _ask_for_namespace(record, workspace, **lists)

    assert str(caught.value).startswith(message)


def test_a_cluster_that_is_refused_registers_nothing_in_it(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(component, "read_report", lambda *_: _report(minor=(1, 27)))
    errors: list[Exception] = []

    def program() -> None:
        try:
            AttachedComputePlane("eu", _args())
        except ClusterRefused as exc:
            errors.append(exc)

    found = record(program)

    assert len(errors) == 1
    assert not [item for item in found.resources if item.type.startswith("kubernetes:")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kubeconfg": "x"}, "unknown argument 'kubeconfg'; known are agent_cpu_millicores"),
        ({"name": ""}, "argument 'name' is missing"),
        ({"environments": []}, "argument 'environments' is missing"),
        ({"kubeconfig": 7}, "argument 'kubeconfig' must be plain text"),
        ({"name": "Prod"}, "cluster name 'Prod' is not allowed"),
        ({"hub_url": "http://cp"}, "hub_url 'http://cp' is not encrypted"),
        ({"delivery": "flux"}, "delivery 'flux' is not known: use argocd or direct"),
        ({"agent_memory_mib": 64}, "agent_memory_mib 64 is too little: use 128 or more"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArgument) as caught:
        AttachedComputePlane("eu", _args(**changes))

    assert message in str(caught.value)
