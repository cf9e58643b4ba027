"""What `splitplane aws` calls beside `token`: arguments in, findings and plans out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from splitplane.components.clouds.aws.checks import check_plane
from splitplane.components.clouds.aws.names import check_cluster_name
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.stacks.aws.access import run as access
from splitplane.stacks.aws.account import Account, open_account
from splitplane.stacks.aws.errors import WrongArgument
from splitplane.stacks.aws.findings import Finding
from splitplane.stacks.aws.plane_config import read_plane_config
from splitplane.stacks.aws.policies import (
    build_access_entries_document,
    build_predestroy_document,
    build_preflight_document,
)
from splitplane.stacks.aws.predestroy.run import (
    Outcome,
    Pace,
    Plan,
    build_plan,
    choose_steps,
    open_world,
    take_steps,
)
from splitplane.stacks.aws.predestroy.steps import World
from splitplane.stacks.aws.preflight import run_preflight


@dataclass(frozen=True)
class Preflight:
    """A compute plane that is described by a file, and the account it is meant for.

    Attributes:
        account: the account.
        settings: the checked settings.
    """

    account: Account
    settings: EksSettings

    def run(self) -> tuple[Finding, ...]:
        """Every finding; errors as of `run_preflight`."""
        return run_preflight(self.account, self.settings, today=datetime.now(UTC).date())

    def policy(self) -> str:
        """The IAM document of whoever runs the checks."""
        return build_preflight_document(
            self.account.scope,
            cluster_name=self.settings.eks_name,
            deployer_role_arn=self.settings.deployer_role_arn,
        )


def open_preflight(config: Path, *, region: str | None, profile: str | None) -> Preflight:
    """The compute plane of the file, with what needs no AWS checked.

    Args:
        config: the file, see `read_plane_config`.
        region: where it will be; by the file, when it is a stack's configuration, when None.
        profile: profile of the AWS configuration; by the file, else of the environment, when None.

    Raises:
        WrongArgument: the file cannot be read, or nothing says the region.
        splitplane.components.errors.WrongArgument: the settings are wrong; names every problem.
        Refused: there are no credentials, or AWS does not take them.
        RetryLater: AWS did not answer.
    """
    plane = read_plane_config(config)
    check_plane(plane.settings)
    place = region or plane.region
    if place is None:
        raise WrongArgument(
            f"--region is missing, and {str(config)!r} has no aws:region: say where the compute "
            "plane will be"
        )
    return Preflight(open_account(region=place, profile=profile or plane.profile), plane.settings)


@dataclass(frozen=True)
class Predestroy:
    """A cluster that is to be destroyed.

    Attributes:
        world: the cluster and its account.
        only: the steps that are taken; all that are safe when empty.
    """

    world: World
    only: Collection[str]

    def plan(self) -> Plan:
        """What would be done; errors as of `choose_steps` and `build_plan`."""
        return build_plan(self.world, choose_steps(self.world, self.only))

    def take(self, *, minutes: int, tell: Callable[[str], None]) -> Outcome:
        """What was done; errors as of `choose_steps` and `take_steps`.

        Args:
            minutes: longest wait for one step.
            tell: takes lines of progress.
        """
        steps = choose_steps(self.world, self.only)
        return take_steps(self.world, steps, Pace(minutes * 60, tell=tell))

    def policy(self) -> str:
        """The IAM document of whoever takes the steps."""
        scope = self.world.account.scope
        return build_predestroy_document(scope, cluster_name=self.world.cluster)


@contextmanager
def open_predestroy(
    cluster: str, *, region: str, profile: str | None, only: Collection[str]
) -> Generator[Predestroy]:
    """The cluster and its account while the body runs.

    Raises:
        splitplane.components.errors.WrongArgument: no cluster can have that name.
        WrongArgument: the region or the profile is unknown.
        Refused: there are no credentials, or AWS does not take them.
        RetryLater: AWS did not answer.
    """
    account = open_account(region=region, profile=profile)
    with open_world(account, cluster) as world:
        yield Predestroy(world, only)


@dataclass(frozen=True)
class AccessEntries:
    """A cluster whose aws-auth becomes access entries.

    Attributes:
        account: its account.
        cluster: its name in EKS.
    """

    account: Account
    cluster: str

    def plan(self) -> access.Plan:
        """What would be made; errors as of `access.build_plan`."""
        return access.build_plan(self.account, self.cluster)

    def make(self, plan: access.Plan) -> access.Outcome:
        """What was made.

        Args:
            plan: of this cluster.

        Raises:
            WrongArgument: the cluster takes no access entries.
        """
        if not plan.takes_entries:
            raise WrongArgument(f"--yes is not possible yet: {plan.notes[-1]}")
        return access.make_entries(self.account, plan)

    def policy(self) -> str:
        """The IAM document of whoever makes the entries."""
        return build_access_entries_document(self.account.scope, cluster_name=self.cluster)


def open_access_entries(cluster: str, *, region: str, profile: str | None) -> AccessEntries:
    """The cluster with its account; nothing is asked of the cluster yet.

    Raises:
        splitplane.components.errors.WrongArgument: no cluster can have that name.
        WrongArgument: the region or the profile is unknown.
        Refused: there are no credentials, or AWS does not take them.
        RetryLater: AWS did not answer.
    """
    check_cluster_name(cluster)
    return AccessEntries(open_account(region=region, profile=profile), cluster)
