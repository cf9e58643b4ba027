"""Access entries: deployers administer, nodes join, and what EKS would refuse is refused before."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.cluster.access import (
    AccessEntry,
    NodeRole,
    PlannedEntry,
    plan_access,
    policy_arn,
)
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.errors import WrongArgument

SCOPE = Scope("aws", "eu-central-1", "123456789012")
DEPLOYER = "arn:aws:iam::123456789012:role/deployer"
NODE = "arn:aws:iam::123456789012:role/prod-eu-karpenter-node"
MANAGED = "arn:aws:iam::123456789012:role/prod-eu-system-node"
TEAM = "arn:aws:iam::210987654321:role/people/ml-team"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
AUTO = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy"


def _plan(*entries: AccessEntry, **changes: Any) -> tuple[PlannedEntry, ...]:
    arguments: dict[str, Any] = {
        "deployer_principal_arns": [DEPLOYER],
        "node_roles": [NodeRole("karpenter-node", NODE)],
        "managed_role_arns": [MANAGED],
        "entries": entries,
    }
    return plan_access(SCOPE, **arguments | changes)


def test_deployers_administer_and_nodes_join() -> None:
    assert _plan() == (
        PlannedEntry("entry-deployer-05b20cf3", AccessEntry(DEPLOYER, policy_arns=(ADMIN,))),
        PlannedEntry("karpenter-node", AccessEntry(NODE, type="EC2_LINUX")),
    )


def test_who_was_a_deployer_keeps_the_entry_as_something_else() -> None:
    (entry,) = _plan(deployer_principal_arns=[TEAM], node_roles=[])

    other = _plan(entries=[AccessEntry(TEAM)])[-1]

    assert entry.key == other.key
    assert entry.entry != other.entry


def test_nodes_of_auto_mode_get_their_policy() -> None:
    roles = [NodeRole("gpu-node", NODE, type="EC2")]

    assert _plan(node_roles=roles)[1].entry == AccessEntry(NODE, type="EC2", policy_arns=(AUTO,))


def test_entry_of_another_account_is_planned_in_order() -> None:
    asked = AccessEntry(
        TEAM,
        kubernetes_groups=("viewers", "editors"),
        user_name="ml:{{SessionName}}",
        policy_arns=(VIEW,),
        scope="namespace",
        namespaces=("team2", "team-*"),
    )

    planned = _plan(asked)[2]

    assert planned.key == "entry-ml-team-bbebfa1b"
    assert planned.entry.kubernetes_groups == ("editors", "viewers")
    assert planned.entry.namespaces == ("team-*", "team2")
    assert planned.entry.policy_arns == (VIEW,)


def test_keys_do_not_change_with_the_order() -> None:
    other = "arn:aws:iam::123456789012:role/other/deployer"

    keys = [item.key for item in _plan(deployer_principal_arns=[DEPLOYER, other])]
    swapped = [item.key for item in _plan(deployer_principal_arns=[other, DEPLOYER])]

    assert sorted(keys) == sorted(swapped)
    assert len(set(keys)) == 3


def test_policies_lie_in_the_partition() -> None:
    china = Scope("aws-cn", "cn-north-1", "123456789012")

    assert policy_arn(china, "AmazonEKSViewPolicy") == (
        "arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    )


REFUSED = {
    "node-role-with-standard": (
        AccessEntry(NODE),
        r"principal_arn '.*karpenter-node' is the role of nodes of node role "
        r"'karpenter-node', which join with EC2_LINUX and not with STANDARD: leave this one out$",
    ),
    "node-role-twice": (
        AccessEntry(NODE, type="EC2_LINUX"),
        r"'.*karpenter-node' is also that of node role 'karpenter-node', but EKS takes one entry",
    ),
    "deployer-twice": (
        AccessEntry(DEPLOYER),
        r"'.*role/deployer' is also that of deployer_principal_arns\[0\], but EKS takes one entry",
    ),
    "managed-nodes": (
        AccessEntry(MANAGED, type="EC2_LINUX"),
        r"'.*system-node' is the role of managed nodes, whose entry EKS makes itself: leave",
    ),
    "session": (
        AccessEntry("arn:aws:sts::123456789012:assumed-role/ml-team/ann"),
        r"is a session, which ends: write its role, 'arn:aws:iam::123456789012:role/ml-team', with "
        r"the path if it has one$",
    ),
    "sso-session": (
        AccessEntry("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b/ann@x.com"),
        r"with its path, 'arn:aws:iam::123456789012:role/aws-reserved/sso\.amazonaws\.com/REGION/"
        r"AWSReservedSSO_Admin_0a1b'$",
    ),
    "root": (
        AccessEntry("arn:aws:iam::123456789012:root"),
        r"'arn:aws:iam::123456789012:root' is no role or user: write arn:aws:iam::123456789012:rol",
    ),
    "name-only": (AccessEntry("ml-team"), r"principal_arn 'ml-team' is no role or user"),
    "service-linked": (
        AccessEntry("arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/X"),
        r"is a service-linked role, which EKS takes no entry for$",
    ),
    "other-partition": (
        AccessEntry("arn:aws-cn:iam::123456789012:role/x"),
        r"lies in partition 'aws-cn', the cluster in 'aws': name a principal of that$",
    ),
    "nodes-of-another-account": (
        AccessEntry(TEAM, type="EC2_LINUX"),
        r"is of another account, but nodes have a role of the cluster's, 123456789012$",
    ),
    "user-as-node": (
        AccessEntry("arn:aws:iam::123456789012:user/ann", type="HYBRID_LINUX"),
        r"is a user, but type HYBRID_LINUX is for roles of nodes$",
    ),
    "group-system": (
        AccessEntry(TEAM, kubernetes_groups=("system:masters",)),
        r"kubernetes_groups 'system:masters' is not allowed: EKS takes none that is empty or",
    ),
    "group-eks": (
        AccessEntry(TEAM, kubernetes_groups=("eks:x",)),
        r"kubernetes_groups 'eks:x' is not allowed",
    ),
    "user-name": (
        AccessEntry(TEAM, user_name="system:admin"),
        r"user_name 'system:admin' is not allowed",
    ),
    "session-name-without-colon": (
        AccessEntry(TEAM, user_name="ml{{SessionName}}"),
        r"user_name 'ml{{SessionName}}' is not allowed: EKS wants a colon before {{SessionName}}$",
    ),
    "nodes-with-groups": (
        AccessEntry("arn:aws:iam::123456789012:role/x", "EC2_LINUX", kubernetes_groups=("a",)),
        r"kubernetes_groups \['a'\] are not allowed with type EC2_LINUX: EKS gives nodes theirs$",
    ),
    "nodes-with-name": (
        AccessEntry("arn:aws:iam::123456789012:role/x", "EC2_LINUX", user_name="a"),
        r"user_name 'a' is not allowed with type EC2_LINUX$",
    ),
    "nodes-with-policies": (
        AccessEntry("arn:aws:iam::123456789012:role/x", "EC2_LINUX", policy_arns=(VIEW,)),
        r"policy_arns '.*AmazonEKSViewPolicy' is not allowed with type EC2_LINUX: EKS associates",
    ),
    "auto-nodes-with-other-policies": (
        AccessEntry("arn:aws:iam::123456789012:role/x", "EC2", policy_arns=(VIEW,)),
        r"policy_arns '.*AmazonEKSViewPolicy' is not allowed with type EC2",
    ),
    "iam-policy": (
        AccessEntry(TEAM, policy_arns=("arn:aws:iam::aws:policy/AdministratorAccess",)),
        r"policy_arns 'arn:aws:iam::aws:policy/AdministratorAccess' is no access policy of EKS",
    ),
    "policy-of-another-partition": (
        AccessEntry(TEAM, policy_arns=(VIEW.replace("arn:aws:", "arn:aws-cn:"),)),
        r"is no access policy of EKS here: write 'arn:aws:eks::aws:cluster-access-policy/Amazon",
    ),
    "policy-twice": (
        AccessEntry(TEAM, policy_arns=(VIEW, VIEW)),
        r"name one twice: EKS associates each once$",
    ),
    "namespaces-left-out": (
        AccessEntry(TEAM, policy_arns=(VIEW,), scope="namespace"),
        r"namespaces is empty, but scope is 'namespace': name at least one$",
    ),
    "scope-without-policies": (
        AccessEntry(TEAM, scope="namespace", namespaces=("team1",)),
        r"scope 'namespace' has no meaning without policy_arns: give policies$",
    ),
    "namespaces-of-the-cluster": (
        AccessEntry(TEAM, policy_arns=(VIEW,), namespaces=("team1",)),
        r"namespaces \['team1'\] have no meaning with scope 'cluster'",
    ),
    "wrong-namespace": (
        AccessEntry(TEAM, policy_arns=(VIEW,), scope="namespace", namespaces=("Team 1",)),
        r"namespaces 'Team 1' is no name of a namespace, in which \* may stand$",
    ),
}


@pytest.mark.parametrize(("entry", "message"), REFUSED.values(), ids=REFUSED)
def test_entry_that_eks_would_refuse_is_refused(entry: AccessEntry, message: str) -> None:
    with pytest.raises(WrongArgument, match=rf"^access_entries\[0\]: .*{message}"):
        _plan(entry)


def test_entry_twice_is_refused() -> None:
    with pytest.raises(WrongArgument, match=r"access_entries\[1\]: .* of access_entries\[0\], but"):
        _plan(AccessEntry(TEAM), AccessEntry(TEAM, user_name="other"))


def test_without_a_deployer_nobody_could_enter() -> None:
    with pytest.raises(
        WrongArgument, match=r"deployer_principal_arns is empty: nobody could reach"
    ):
        _plan(deployer_principal_arns=[])


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(WrongArgument) as caught:
        _plan(
            AccessEntry("x", kubernetes_groups=("aws:x",)),
            deployer_principal_arns=["arn:aws:sts::123456789012:assumed-role/deployer/ann"],
        )

    assert [text.partition(":")[0] for text in str(caught.value).split("; ")[:2]] == [
        "deployer_principal_arns[0]",
        "access_entries[0]",
    ]
    assert "'aws:x'" in str(caught.value)
