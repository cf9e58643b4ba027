"""Plans and takes the steps: first in the cluster, then in the account, each until it is done.

A step in the cluster that cannot be done ends it: what comes later would take away the nodes and
controllers that it still needs, or be put back by them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from splitplane.components.clouds.aws.cluster.reachability import Connect, address_of, connect
from splitplane.components.clouds.aws.names import check_cluster_name
from splitplane.stacks.aws.account import Account
from splitplane.stacks.aws.errors import AwsError, NotAllowed, RetryLater, WrongArgument
from splitplane.stacks.aws.predestroy import in_account, in_cluster
from splitplane.stacks.aws.predestroy.cluster_api import open_cluster
from splitplane.stacks.aws.predestroy.steps import Item, Step, World
from splitplane.stacks.aws.subject import describe_cluster

STEPS: Final[tuple[Step, ...]] = (*in_cluster.STEPS, *in_account.STEPS)
"""In the order in which they are taken."""
_POLL_SECONDS: Final = 5.0
"""Machines and load balancers take minutes to go; more calls would only run into rate limits."""
_IN_USE: Final = frozenset(
    {"DependencyViolation", "ResourceInUse", "ResourceInUseException", "VolumeInUse"}
)
"""Codes of what goes once something else has gone."""
_REFUSED: Final = "refused: "
"""Start of a reason that no waiting changes."""


@dataclass(frozen=True)
class Plan:
    """What would be done, in order.

    Attributes:
        items: what the steps found.
        data: what they would only touch when they are named.
        notes: what has to be known before.
    """

    items: tuple[Item, ...]
    data: tuple[Item, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What was done.

    Attributes:
        gone: what is no longer there.
        stayed: what is, and why.
        notes: what was not tried.
    """

    gone: tuple[Item, ...]
    stayed: tuple[tuple[Item, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Pace:
    """How long is waited.

    Attributes:
        seconds: longest wait for one step.
        sleep: waits for so many seconds.
        now: seconds from some moment on.
        tell: takes a line of progress.
    """

    seconds: float
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    tell: Callable[[str], None] = print


@dataclass
class _Progress:
    gone: list[Item] = field(default_factory=list[Item])
    stayed: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])


@contextmanager
def open_world(account: Account, cluster: str, *, reaches: Connect = connect) -> Generator[World]:
    """The cluster and its account while the body runs.

    Raises:
        WrongArgument: no cluster can have that name.
        AwsError: EKS does not say whether it exists.
    """
    check_cluster_name(cluster)
    description = describe_cluster(account, cluster)
    if description is None:
        yield World(account, cluster, exists=False, api=None)
        return
    host, port = address_of(str(description.get("endpoint", "")))
    if not host or reaches(host, port) is not None:
        yield World(account, cluster, exists=True, api=None)
        return
    with open_cluster(account, description) as api:
        yield World(account, cluster, exists=True, api=api)


def choose_steps(world: World, only: Collection[str]) -> tuple[Step, ...]:
    """The steps that are taken: those that are named, else all that are not only asked for.

    Raises:
        WrongArgument: a name is no step, or is one in a cluster that is not there.
        RetryLater: the cluster is there and cannot be reached, and a step in it is to be taken.
    """
    names = {step.name for step in STEPS}
    for name in only:
        if name not in names:
            known = ", ".join(step.name for step in STEPS)
            raise WrongArgument(f"--only {name!r} is no step: use some of {known}")
    chosen = tuple(step for step in STEPS if (step.name in only if only else not step.is_asked_for))
    if world.api is not None:
        return chosen
    in_cluster_steps = [step.name for step in chosen if step.phase == "cluster"]
    if world.exists and in_cluster_steps:
        raise RetryLater(
            f"the API of cluster {world.cluster!r} cannot be reached from here, and what lives in "
            "it would put back what is deleted: run from a machine that reaches its endpoint; or, "
            "when it never will be, name the steps in the account with --only"
        )
    return tuple(step for step in chosen if step.phase == "account")


def build_plan(world: World, steps: Sequence[Step]) -> Plan:
    """What the steps would do now; nothing is changed.

    Raises:
        AwsError: something cannot be read.
    """
    looks_at_account = any(step.phase == "account" for step in steps)
    asked = [step for step in STEPS if step.is_asked_for and step not in steps and looks_at_account]
    return Plan(
        tuple(item for step in steps for item in step.find(world)),
        tuple(item for step in asked for item in step.find(world)),
        _notes(world, steps),
    )


def take_steps(world: World, steps: Sequence[Step], pace: Pace) -> Outcome:
    """Every step is taken until nothing of it is found, or its time is over.

    Safe to repeat and to cut off. What stays in the cluster ends it.

    Raises:
        AwsError: something cannot be read.
    """
    progress = _Progress()
    notes = list(_notes(world, steps))
    for number, step in enumerate(steps):
        _take(world, step, pace, progress)
        later = [one.name for one in steps[number + 1 :]]
        if step.phase == "cluster" and progress.stayed and later:
            notes.append(f"not taken, since {step.name} is not done: {', '.join(later)}")
            break
    return Outcome(tuple(progress.gone), tuple(progress.stayed), tuple(notes))


def _take(world: World, step: Step, pace: Pace, progress: _Progress) -> None:
    deadline = pace.now() + pace.seconds
    left = step.find(world)
    started = list(left)
    reasons: dict[Item, str] = {}
    shown = -1
    while left:
        if len(left) != shown:
            shown = len(left)
            pace.tell(f"{step.name}: {shown} left, such as {left[0].kind} {left[0].name}")
        reasons = {item: reason for item in left if (reason := _ask(world, step, item)) is not None}
        still = step.find(world)
        is_refused = all(reasons.get(item, "").startswith(_REFUSED) for item in still)
        started += [item for item in still if item not in started]
        left = still
        if is_refused or pace.now() >= deadline:
            break
        pace.sleep(_POLL_SECONDS)
    progress.gone += [item for item in started if item not in left]
    waited = f"still there after {pace.seconds / 60:g} minutes"
    progress.stayed += [(item, reasons.get(item, waited)) for item in left]


def _ask(world: World, step: Step, item: Item) -> str | None:
    """Why the item cannot go yet; None when it was asked to."""
    try:
        step.remove(world, item)
    except NotAllowed as exc:
        return f"{_REFUSED}{exc}"
    except RetryLater:
        return "no answer"
    except AwsError as exc:
        return "in use" if exc.code in _IN_USE else str(exc)
    return None


def _notes(world: World, steps: Sequence[Step]) -> tuple[str, ...]:
    notes: list[str] = []
    if not world.exists:
        notes.append(f"EKS has no cluster {world.cluster!r}: only the account is looked at")
    elif world.api is None:
        notes.append("the cluster cannot be reached: only the account is looked at")
    if any(step.is_asked_for for step in steps):
        notes.append("data that nothing brings back is deleted")
    return tuple(notes)
