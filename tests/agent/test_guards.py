"""What the agent refuses, whatever a command says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from splitplane.agent.errors import AgentError, Refused, UserError
from splitplane.agent.guards import GuardRails
from splitplane.agent.runtime import build_rails
from splitplane.agent.settings import Settings
from splitplane.contract.agent_rbac import build_rbac
from splitplane.contract.frames import EnrolResponse

RAILS = GuardRails(
    own_namespaces=frozenset({"agent-home", "cd"}),
    allowed=None,
    denied=frozenset({"secret-team"}),
    verbs=frozenset({"apply-bundle"}),
    max_deletes=50,
)


def build(kind: str, *, api_version: str = "v1", namespace: str | None = "team1") -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": "x"}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


@pytest.mark.parametrize(
    ("namespace", "message"),
    [
        ("kube-system", "belongs to the cluster"),
        ("default", "belongs to the cluster"),
        ("istio-system", "belongs to the cluster"),
        ("agent-home", "belongs to the cluster"),
        ("cd", "belongs to the cluster"),
        ("secret-team", "is on the deny list"),
    ],
)
def test_namespace_is_refused(namespace: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        RAILS.check_namespace(namespace)


def test_only_allowed_namespaces_pass_and_the_deny_list_wins() -> None:
    rails = replace(RAILS, allowed=frozenset({"team1", "secret-team"}))

    rails.check_namespace("team1")
    with pytest.raises(Refused, match=r"not on the allow list of this agent \(secret-team, team1"):
        rails.check_namespace("team2")
    with pytest.raises(Refused, match="deny list"):
        rails.check_namespace("secret-team")


@pytest.mark.parametrize(
    ("local", "remote", "allowed"),
    [
        ((), (), None),
        (("a", "b"), (), {"a", "b"}),
        ((), ("a",), {"a"}),
        (("a", "b"), ("b", "c"), {"b"}),
        (("a",), ("b",), set[str]()),
    ],
)
def test_control_plane_can_only_narrow_the_allow_list(
    local: tuple[str, ...], remote: tuple[str, ...], allowed: set[str] | None
) -> None:
    settings = Settings(hub_url="https://hub.example.com", allowed_namespaces=local)
    enrolment = EnrolResponse(
        agent_id="a",
        cluster_id="c",
        cluster_fqn="prod-eu",
        signing_keys=[],
        delivery="direct",
        allowed_namespaces=list(remote),
        denied_namespaces=["d"],
    )

    rails = build_rails(settings, enrolment)

    assert rails.allowed == allowed
    assert rails.denied == {"d"}


def test_verb_that_is_not_listed_is_refused() -> None:
    RAILS.check_verb("apply-bundle")
    with pytest.raises(Refused, match="'delete-namespace' is not in the verb list"):
        RAILS.check_verb("delete-namespace")


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (build("ClusterRole", api_version="rbac.authorization.k8s.io/v1"), Refused),
        (build("RoleBinding", api_version="rbac.authorization.k8s.io/v1"), Refused),
        (build("CustomResourceDefinition", api_version="apiextensions.k8s.io/v1"), Refused),
        (
            build("MutatingWebhookConfiguration", api_version="admissionregistration.k8s.io/v1"),
            Refused,
        ),
        (build("Secret"), Refused),
        (build("Pod"), Refused),
        (build("Deployment", api_version="example.com/v1"), Refused),
        (build("ConfigMap", namespace="team2"), Refused),
        (build("ConfigMap", namespace=None), Refused),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, UserError),
        ({"kind": "ConfigMap", "metadata": {"name": "x"}}, UserError),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else value.__name__,
)
def test_object_is_refused(document: dict[str, Any], error: type[AgentError]) -> None:
    with pytest.raises(error, match=r"objects\[1\]"):
        RAILS.check_objects("team1", [build("Service"), document])


def test_same_object_twice_is_refused() -> None:
    with pytest.raises(UserError, match="'x' is in the bundle twice"):
        RAILS.check_objects("team1", [build("ConfigMap"), build("ConfigMap")])


def test_fifty_deletes_pass_and_one_more_is_refused() -> None:
    RAILS.check_deletes(50)
    with pytest.raises(Refused, match="would delete 51 objects"):
        RAILS.check_deletes(51)


FORBIDDEN_VERBS = {"*", "escalate", "bind", "impersonate", "update", "deletecollection"}
FORBIDDEN_WRITES = {
    "clusterroles",
    "clusterrolebindings",
    "customresourcedefinitions",
    "mutatingwebhookconfigurations",
    "nodes",
    "roles",
    "rolebindings",
    "validatingwebhookconfigurations",
}


@pytest.mark.parametrize("allowed", [(), ("team1",), tuple(f"team{n}" for n in range(30))])
@pytest.mark.parametrize("argocd", [None, "argocd"])
def test_rights_never_reach_beyond_workspaces(allowed: tuple[str, ...], argocd: str | None) -> None:
    objects = build_rbac(namespace="agent-home", allowed=allowed, argocd_namespace=argocd)

    for document in objects:
        for rule in document.get("rules", []):
            assert not FORBIDDEN_VERBS & set(rule["verbs"])
            assert "*" not in rule["resources"] + rule["apiGroups"]
            assert not any("/" in resource for resource in rule["resources"])
            if {"create", "patch", "delete"} & set(rule["verbs"]):
                assert not FORBIDDEN_WRITES & set(rule["resources"])
            if "secrets" in rule["resources"]:
                assert document["metadata"].get("namespace") == "agent-home"
                assert not {"list", "watch"} & set(rule["verbs"])


def test_with_an_allow_list_writing_is_only_possible_inside_it() -> None:
    objects = build_rbac(namespace="agent-home", allowed=("team1",), argocd_namespace=None)

    cluster_role = objects[0]
    writing = [
        rule for rule in cluster_role["rules"] if set(rule["verbs"]) - {"get", "list", "watch"}
    ]
    assert writing == [
        {
            "apiGroups": [""],
            "resources": ["namespaces"],
            "verbs": ["patch"],
            "resourceNames": ["team1"],
        }
    ]
    assert [o["metadata"].get("namespace") for o in objects if o["kind"] == "Role"] == [
        "agent-home",
        "team1",
    ]
