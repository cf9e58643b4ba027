"""Reads aws-auth and the entries of a cluster, and makes the entries that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.cluster.access import AccessEntry
from splitplane.components.clouds.aws.cluster.reachability import Connect, address_of, connect
from splitplane.components.clouds.aws.names import check_cluster_name
from splitplane.stacks.aws.access.aws_auth import Line, read_lines
from splitplane.stacks.aws.access.plan import Existing, Facts, Step, plan_entries
from splitplane.stacks.aws.account import Account, Answer
from splitplane.stacks.aws.errors import AwsError, NotThere, RetryLater
from splitplane.stacks.aws.predestroy.cluster_api import ClusterApi, Kind, open_cluster
from splitplane.stacks.aws.subject import describe_cluster

CONFIG_MAP: Final = Kind("ConfigMap", "/api/v1", "configmaps")
_OLD_MODE: Final = "CONFIG_MAP"


@dataclass(frozen=True)
class Plan:
    """What the lines of a cluster's aws-auth come to.

    Attributes:
        cluster: its name in EKS.
        mode: its authentication mode.
        steps: one for each line.
        notes: what has to be known, and what is to be done after.
    """

    cluster: str
    mode: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    @property
    def takes_entries(self) -> bool:
        """Whether the cluster knows access entries."""
        return self.mode != _OLD_MODE

    @property
    def to_make(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(item for item in self.steps if item.action in ("create", "add policies"))

    @property
    def by_hand(self) -> tuple[Step, ...]:
        """The steps that only a person can take."""
        return tuple(item for item in self.steps if item.action == "by hand")


@dataclass(frozen=True)
class Outcome:
    """What was done.

    Attributes:
        done: the steps that were taken.
        stayed: those that were not, and why; those of a person too.
        notes: what is to be done after.
    """

    done: tuple[Step, ...]
    stayed: tuple[tuple[Step, str], ...]
    notes: tuple[str, ...]


def build_plan(account: Account, cluster: str, *, reaches: Connect = connect) -> Plan:
    """The plan for the cluster as it is; nothing is changed.

    Args:
        account: of the cluster.
        cluster: its name in EKS.
        reaches: says why a host and port cannot be reached.

    Raises:
        splitplane.components.errors.WrongArgument: no cluster can have that name.
        NotThere: EKS has no such cluster.
        RetryLater: its API server cannot be reached from here.
        WrongArgument: aws-auth cannot be read.
        Refused: the cluster or AWS does not let these credentials read.
    """
    check_cluster_name(cluster)
    description = describe_cluster(account, cluster)
    if description is None:
        raise NotThere(f"EKS has no cluster {cluster!r} in {account.scope.region}")
    host, port = address_of(str(description.get("endpoint", "")))
    if (why := reaches(host, port)) is not None:
        raise RetryLater(
            f"the API of cluster {cluster!r} cannot be reached from here ({why}): run from a "
            "machine that reaches its endpoint"
        )
    with open_cluster(account, description) as api:
        return plan_of(account, description, api)


def plan_of(account: Account, description: Answer, api: ClusterApi) -> Plan:
    """As `build_plan`, of a cluster whose API is open.

    Args:
        account: of the cluster.
        description: the cluster as EKS describes it.
        api: of the cluster.
    """
    cluster = str(description["name"])
    mode = str(description.get("accessConfig", {}).get("authenticationMode", _OLD_MODE))
    found = api.read(CONFIG_MAP, "kube-system", "aws-auth")
    lines = read_lines((found or {}).get("data") or {})
    facts = Facts(
        _read_principals(account, lines),
        frozenset(_managed_roles(account, cluster)),
        None if mode == _OLD_MODE else _read_entries(account, cluster),
    )
    steps = plan_entries(lines, facts, account.scope)
    plan = Plan(cluster, mode, steps, ())
    first = () if found else ("the cluster has no ConfigMap aws-auth",)
    return Plan(cluster, mode, steps, (*first, *_notes(plan, is_done=not plan.to_make)))


def make_entries(account: Account, plan: Plan) -> Outcome:
    """The missing entries and policies are there; nothing is deleted, or taken from an entry.

    Safe to repeat. What AWS refuses is kept with the reason, and the others are made.

    Args:
        account: of the cluster.
        plan: of a cluster that takes entries.
    """
    done: list[Step] = []
    stayed = [(step, step.why) for step in plan.by_hand]
    for step in plan.to_make:
        try:
            _make(account, plan.cluster, step)
        except AwsError as exc:
            stayed.append((step, str(exc)))
        else:
            done.append(step)
    return Outcome(tuple(done), tuple(stayed), tuple(_notes(plan, is_done=not stayed)))


def _make(account: Account, cluster: str, step: Step) -> None:
    entry = step.entry
    assert entry is not None  # of every step that changes something
    if step.action == "create":
        account.call("eks", "CreateAccessEntry", **_request(cluster, entry))
    for arn in entry.policy_arns if step.action == "create" else step.add_policy_arns:
        account.call(
            "eks",
            "AssociateAccessPolicy",
            clusterName=cluster,
            principalArn=entry.principal_arn,
            policyArn=arn,
            accessScope={"type": "cluster"},
        )


def _request(cluster: str, entry: AccessEntry) -> Answer:
    request: Answer = {
        "clusterName": cluster,
        "principalArn": entry.principal_arn,
        "type": entry.type,
    }
    if entry.kubernetes_groups:
        request["kubernetesGroups"] = list(entry.kubernetes_groups)
    if entry.user_name is not None:
        request["username"] = entry.user_name
    return request


def _read_principals(account: Account, lines: Sequence[Line]) -> dict[str, str | None]:
    """ARN in aws-auth → the principal's own, of those of the account."""
    found: dict[str, str | None] = {}
    for line in lines:
        start = account.scope.global_arn("iam", f"{line.kind}/")
        if line.kind == "account" or not line.arn.startswith(start) or line.arn in found:
            continue
        name = line.arn.rpartition("/")[2]
        found[line.arn] = None
        with suppress(NotThere):
            if line.kind == "role":
                answer = account.call("iam", "GetRole", RoleName=name)["Role"]
            else:
                answer = account.call("iam", "GetUser", UserName=name)["User"]
            found[line.arn] = str(answer["Arn"])
    return found


def _managed_roles(account: Account, cluster: str) -> Iterator[str]:
    named = {"clusterName": cluster}
    for name in account.read_all("eks", "ListNodegroups", "nodegroups", **named):
        answer = account.call("eks", "DescribeNodegroup", nodegroupName=name, **named)
        yield str(answer["nodegroup"].get("nodeRole", ""))
    for name in account.read_all("eks", "ListFargateProfiles", "fargateProfileNames", **named):
        answer = account.call("eks", "DescribeFargateProfile", fargateProfileName=name, **named)
        yield str(answer["fargateProfile"].get("podExecutionRoleArn", ""))


def _read_entries(account: Account, cluster: str) -> dict[str, Existing]:
    found: dict[str, Existing] = {}
    arns = account.read_all("eks", "ListAccessEntries", "accessEntries", clusterName=cluster)
    for arn in [str(item) for item in arns]:
        named = {"clusterName": cluster, "principalArn": arn}
        entry = account.call("eks", "DescribeAccessEntry", **named)["accessEntry"]
        policies = {"cluster": set[str](), "namespace": set[str]()}
        for item in account.read_all(
            "eks", "ListAssociatedAccessPolicies", "associatedAccessPolicies", **named
        ):
            policies[item["accessScope"]["type"]].add(str(item["policyArn"]))
        found[arn] = Existing(
            str(entry.get("type", "STANDARD")),
            frozenset(entry.get("kubernetesGroups", ())),
            str(entry.get("username", "")),
            frozenset(policies["cluster"]),
            frozenset(policies["namespace"]),
        )
    return found


def _notes(plan: Plan, *, is_done: bool) -> Iterator[str]:
    """What comes next."""
    change = f"aws eks update-cluster-config --name {plan.cluster} --access-config"
    if not plan.takes_entries:
        yield (
            "the cluster takes no access entries yet (authentication mode CONFIG_MAP): run "
            f"`{change} authenticationMode=API_AND_CONFIG_MAP`, which cannot be taken back and "
            "leaves aws-auth in force, and then this command with --yes"
        )
    elif plan.mode == "API":
        yield "the cluster no longer reads aws-auth (authentication mode API)"
    elif plan.by_hand or not is_done:
        yield "keep the authentication mode until no line is left over: aws-auth is still in force"
    else:
        yield (
            "no line of aws-auth is needed any more: check that everybody gets in, then run "
            f"`{change} authenticationMode=API`, which cannot be taken back"
        )
