"""What a step is: something to find, and a way to ask for its end.

A step keeps nothing: what is left to do is what it finds, so that a run that was cut off goes on
where it was, and one that is repeated does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from splitplane.stacks.aws.account import Account
from splitplane.stacks.aws.predestroy.cluster_api import ClusterApi

Phase = Literal["cluster", "account"]


@dataclass(frozen=True)
class Item:
    """One thing that goes.

    Attributes:
        step: name of the step.
        kind: what it is, such as `Service` or `security group`.
        name: its name for people, with the namespace where it has one.
        action: what is done to it.
        id: how it is called when it is removed; the name when empty.
    """

    step: str
    kind: str
    name: str
    action: str = "delete"
    id: str = ""

    def to_json(self) -> dict[str, str]:
        """The item as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class World:
    """Where a cluster is taken down.

    Attributes:
        account: its account.
        cluster: its name in EKS.
        exists: whether EKS has it.
        api: its API; None when there is no cluster, or it cannot be reached.
    """

    account: Account
    cluster: str
    exists: bool
    api: ClusterApi | None

    @property
    def kubernetes(self) -> ClusterApi:
        """The API, for the steps that are only taken while there is one."""
        assert self.api is not None
        return self.api

    @property
    def owner_tag(self) -> str:
        """Key of the tag that says that something was made for the cluster."""
        return f"kubernetes.io/cluster/{self.cluster}"


@dataclass(frozen=True)
class Step:
    """One kind of thing to take out.

    Attributes:
        name: how `--only` calls it.
        phase: whether it works in the cluster, or in the account on what the cluster left.
        find: what there is of it.
        remove: asks for the end of one, again and again until it is no longer found.
        is_asked_for: whether it is only taken when it is named.
    """

    name: str
    phase: Phase
    find: Callable[[World], list[Item]]
    remove: Callable[[World, Item], None]
    is_asked_for: bool = False
