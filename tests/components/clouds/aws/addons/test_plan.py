"""Which add-ons of EKS are installed, and how they are configured."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_plane import SCOPE, settings_of
from hypothesis import given
from hypothesis import strategies as st

from splitplane.components.clouds.aws.addons.order import STEPS
from splitplane.components.clouds.aws.addons.plan import (
    ADDON_NAMES,
    EKS_ADDONS,
    addon_mode,
    check_addons,
    is_first,
    plan_addons,
    startup_taints,
    unnamed_addons,
)
from splitplane.components.clouds.aws.identity.documents import Scope

ALL = [
    "eks-pod-identity-agent",
    "kube-proxy",
    "vpc-cni",
    "coredns",
    "snapshot-controller",
    "aws-efs-csi-driver",
    "metrics-server",
    "eks-node-monitoring-agent",
    "aws-ebs-csi-driver",
]
EBS_TAINT = "ebs.csi.aws.com/agent-not-ready"
EFS_TAINT = "efs.csi.aws.com/agent-not-ready"


def _names(**settings: Any) -> list[str]:
    return [planned.step.name for planned in plan_addons(settings_of(**settings), SCOPE)]


def _values(name: str, *, scope: Scope = SCOPE, **settings: Any) -> Any:
    (found,) = [
        planned.configuration
        for planned in plan_addons(settings_of(**settings), scope)
        if planned.step.name == name
    ]
    return None if found is None else json.loads(found)


def _mode(name: str, mode: str) -> dict[str, Any]:
    return {"addons": {name: {"mode": mode}}}


def test_all_are_installed_in_a_cluster_that_is_created() -> None:
    assert _names() == ALL


def test_the_first_are_the_network_and_what_it_needs() -> None:
    first = {step.name for step in STEPS if is_first(step)}

    assert first == {"eks-pod-identity-agent", "vpc-cni", "kube-proxy"}


def test_auto_mode_brings_most_itself() -> None:
    assert _names(compute_mode="auto_mode") == [
        "snapshot-controller",
        "aws-efs-csi-driver",
        "metrics-server",
    ]


def test_an_adopted_cluster_keeps_what_it_runs_on() -> None:
    found = _names(cluster_name="legacy")

    assert sorted(found) == ["eks-node-monitoring-agent", "metrics-server", "snapshot-controller"]


def test_an_adopted_cluster_gets_what_it_is_asked_for() -> None:
    found = _names(cluster_name="legacy", addons={"aws-ebs-csi-driver": {}, "coredns": {}})

    assert {"aws-ebs-csi-driver", "coredns"} <= set(found)


def test_the_driver_of_shared_files_comes_with_them() -> None:
    assert "aws-efs-csi-driver" not in _names(storage={"has_shared_storage": False})
    assert "aws-efs-csi-driver" in _names(cluster_name="x", storage={"has_shared_storage": True})
    assert "aws-efs-csi-driver" in _names(
        storage={"has_shared_storage": False, "has_s3_files": True}
    )
    assert "aws-efs-csi-driver" in _names(
        storage={"has_shared_storage": False}, addons={"aws-efs-csi-driver": {}}
    )


def test_irsa_needs_no_agent() -> None:
    assert "eks-pod-identity-agent" not in _names(workload_identity="irsa")


@pytest.mark.parametrize("mode", ["external", "off"])
def test_what_others_keep_or_nobody_wants_is_not_installed(mode: str) -> None:
    assert "metrics-server" not in _names(**_mode("metrics-server", mode))


def test_the_network_has_policies_and_prefixes_before_any_node() -> None:
    assert _values("vpc-cni") == {
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
    }


def test_an_existing_vpc_has_no_prefixes_unless_asked_for_or_with_ipv6() -> None:
    existing = {"vpc_id": "vpc-1"}

    assert _values("vpc-cni", network=existing) == {"enableNetworkPolicy": "true"}
    for asked in ({"is_prefix_delegation_enabled": True}, {"ip_family": "ipv6"}):
        found = _values("vpc-cni", network={**existing, **asked})
        assert found["env"]["ENABLE_PREFIX_DELEGATION"] == "true"


def test_dns_runs_on_system_nodes_and_grows() -> None:
    assert _values("coredns") == {
        "autoScaling": {"enabled": True},
        "nodeSelector": {"karpenter.sh/controller": "true"},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    }


def test_dns_of_an_adopted_cluster_runs_where_it_did() -> None:
    found = _values("coredns", cluster_name="legacy", addons={"coredns": {}})

    assert "nodeSelector" not in found


def test_disks_carry_the_tags_and_eks_itself_names_the_cluster_and_the_region() -> None:
    assert _values("aws-ebs-csi-driver", tags={"team": "ml"}) == {
        "controller": {
            "extraVolumeTags": {"splitplane.io/cluster": "prod-eu", "team": "ml"},
            "volumeModificationFeature": {"enabled": True},
        }
    }


def test_the_watch_over_gpus_tolerates_their_taints() -> None:
    assert _values("eks-node-monitoring-agent") == {
        "dcgmAgent": {
            "tolerations": [
                {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
                {"key": "splitplane.io/node-pool", "operator": "Exists", "effect": "NoSchedule"},
            ]
        }
    }


@pytest.mark.parametrize(
    "name",
    [
        "eks-pod-identity-agent",
        "kube-proxy",
        "snapshot-controller",
        "metrics-server",
        "aws-efs-csi-driver",
    ],
)
def test_the_others_run_as_they_come(name: str) -> None:
    assert _values(name) is None


def test_values_are_laid_over_ours_and_a_null_removes() -> None:
    values = {"autoScaling": {"enabled": None, "minReplicas": 3}, "nodeSelector": None}

    found = _values("coredns", addons={"coredns": {"values": values}})

    assert found == {
        "autoScaling": {"minReplicas": 3},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    }


def test_the_same_values_make_the_same_text() -> None:
    one = settings_of(addons={"metrics-server": {"values": {"b": 1, "a": [2]}}})
    other = settings_of(addons={"metrics-server": {"values": {"a": [2], "b": 1}}})

    (first,) = [i.configuration for i in plan_addons(one, SCOPE) if "metrics" in i.step.name]
    assert first == '{"a":[2],"b":1}'
    assert plan_addons(one, SCOPE) == plan_addons(other, SCOPE)


def test_an_addon_that_is_taken_over_is_not_configured() -> None:
    found = plan_addons(settings_of(cluster_name="legacy", **_mode("coredns", "adopt")), SCOPE)

    (coredns,) = [planned for planned in found if planned.step.name == "coredns"]
    assert coredns.is_adopted
    assert coredns.configuration is None


def test_new_nodes_wait_for_the_drivers_that_are_installed() -> None:
    assert startup_taints(settings_of()) == (EBS_TAINT, EFS_TAINT)
    assert startup_taints(settings_of(storage={"has_shared_storage": False})) == (EBS_TAINT,)
    assert startup_taints(settings_of(**_mode("aws-ebs-csi-driver", "external"))) == (EFS_TAINT,)
    assert startup_taints(settings_of(cluster_name="legacy")) == ()
    assert startup_taints(settings_of(compute_mode="auto_mode")) == (EFS_TAINT,)


def test_what_an_adopted_cluster_gets_unasked_is_known() -> None:
    optional = ("snapshot-controller", "metrics-server", "eks-node-monitoring-agent")

    assert unnamed_addons(settings_of(cluster_name="legacy")) == optional
    asked = settings_of(cluster_name="legacy", addons={"metrics-server": {}, "coredns": {}})
    assert set(unnamed_addons(asked)) == {"snapshot-controller", "eks-node-monitoring-agent"}


PROBLEMS: list[tuple[str, dict[str, Any], str]] = [
    (
        "essential off",
        _mode("coredns", "off"),
        "addons.coredns.mode 'off' is not allowed: no cluster works without it",
    ),
    (
        "network by others",
        _mode("vpc-cni", "external"),
        "addons.vpc-cni.mode 'external' is not allowed in a cluster that is created",
    ),
    (
        "built into Auto Mode",
        {"compute_mode": "auto_mode", **_mode("vpc-cni", "managed")},
        "addons.vpc-cni is not allowed: Auto Mode brings it itself; leave it out",
    ),
    (
        "values of what is taken over",
        {
            "cluster_name": "legacy",
            "addons": {"coredns": {"mode": "adopt", "values": {"replicaCount": 1}}},
        },
        "addons.coredns.values are not allowed with mode 'adopt', which leaves it as it is",
    ),
    (
        "files without their driver",
        _mode("aws-efs-csi-driver", "off"),
        "addons.aws-efs-csi-driver.mode 'off' is not allowed with shared storage",
    ),
    (
        "classes are no chart",
        {"addons": {"storage-classes": {"values": {"a": 1}}}},
        "addons.storage-classes.values are not allowed",
    ),
    (
        "nothing to give way",
        _mode("storage-classes", "adopt"),
        "addons.storage-classes.mode 'adopt' is only for an adopted cluster",
    ),
]


@pytest.mark.parametrize(
    ("settings", "message"), [row[1:] for row in PROBLEMS], ids=[row[0] for row in PROBLEMS]
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    (problem,) = check_addons(settings_of(**settings))

    assert problem.startswith(message)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cluster_name": "legacy", **_mode("vpc-cni", "adopt")},
        {"workload_identity": "irsa", **_mode("eks-pod-identity-agent", "off")},
        {"addons": {"vpc-cni": {"values": {"env": {"WARM_PREFIX_TARGET": "2"}}}}},
        {"cluster_name": "legacy", **_mode("storage-classes", "adopt")},
        _mode("karpenter", "external"),
    ],
    ids=["nothing", "taken over", "irsa", "values", "classes", "of others"],
)
def test_what_can_be_is_not_refused(settings: dict[str, Any]) -> None:
    assert check_addons(settings_of(**settings)) == []


MODES = st.sampled_from(["managed", "adopt", "external", "off"])


@given(
    compute_mode=st.sampled_from(["karpenter", "auto_mode", "node_groups"]),
    is_adopted=st.booleans(),
    identity=st.sampled_from(["pod_identity", "irsa"]),
    has_files=st.sampled_from([True, False, None]),
    modes=st.dictionaries(st.sampled_from(sorted(ADDON_NAMES)), MODES, max_size=4),
)
def test_every_plan_that_is_not_refused_is_closed(
    compute_mode: str,
    is_adopted: bool,
    identity: str,
    has_files: bool | None,
    modes: dict[str, str],
) -> None:
    settings = settings_of(
        compute_mode=compute_mode,
        workload_identity=identity,
        storage={"has_shared_storage": has_files},
        addons={name: {"mode": mode} for name, mode in modes.items()},
        cluster_name="legacy" if is_adopted else None,
    )
    if check_addons(settings):
        return

    planned = plan_addons(settings, SCOPE)

    names = [one.step.name for one in planned]
    assert len(set(names)) == len(names)
    assert set(names) <= set(EKS_ADDONS)
    for index, one in enumerate(planned):
        later = set(names[index:])
        assert not later & set(one.step.depends_on)
        assert addon_mode(settings, one.step.name) in ("managed", "adopt")
        if compute_mode == "auto_mode":
            assert not one.step.is_built_into_auto_mode
    if settings.has_shared_storage and modes.get("aws-efs-csi-driver") != "external":
        assert "aws-efs-csi-driver" in names
    drivers = {"ebs": "aws-ebs-csi-driver", "efs": "aws-efs-csi-driver"}
    for taint in startup_taints(settings):
        assert drivers[taint[:3]] in names
