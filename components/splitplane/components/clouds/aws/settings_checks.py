"""Everything that can be known to be wrong before anything is made, said at once. Pure.

Each area has a module with its checks; here they are put together, and the fields that only fit or
do not fit each other in this account and region are checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from splitplane.components.addons.addon import check_choices
from splitplane.components.clouds.aws.addons.plan import check_addons
from splitplane.components.clouds.aws.cluster.adoption_checks import check_adoption
from splitplane.components.clouds.aws.cluster.checks import check_cluster
from splitplane.components.clouds.aws.cluster.roles import plan_entries
from splitplane.components.clouds.aws.cluster.versions import support_warning
from splitplane.components.clouds.aws.dns.checks import name_warnings
from splitplane.components.clouds.aws.identity.requested import (
    check_service_accounts,
    foreign_rights,
)
from splitplane.components.clouds.aws.karpenter.checks import karpenter_problems
from splitplane.components.clouds.aws.network.checks import check_network
from splitplane.components.clouds.aws.network.endpoints import needed_endpoints
from splitplane.components.clouds.aws.nodes.checks import check_nodes
from splitplane.components.clouds.aws.nodes.spot import check_spot_role
from splitplane.components.clouds.aws.parts import Place
from splitplane.components.clouds.aws.platform.checks import check_platform
from splitplane.components.clouds.aws.platform.pull_through import (
    check_pull_through,
    foreign_caches,
    pull_through_warnings,
)
from splitplane.components.clouds.aws.service_checks import check_services
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.clouds.aws.storage.checks import check_storage
from splitplane.components.errors import WrongArgument


def check_settings(
    settings: EksSettings,
    *,
    addons: Mapping[str, Sequence[str]] | None = None,
    absent: Mapping[str, str] = {},
    accounts: Mapping[str, str] = {},
) -> None:
    """Raises WrongArgument with every problem that needs no AWS to be seen.

    Args:
        settings: of `parse_settings`.
        addons: name of every add-on that there is → names of those that it needs; not checked when
            None.
        absent: name of an add-on that a plane with these settings does not have → why.
        accounts: NAMESPACE/NAME of a service account that an add-on has a role for → the add-on.
    """
    problems = [
        *check_cluster(settings),
        *check_adoption(settings),
        *([] if settings.is_adopted else check_network(settings)),
        *check_nodes(settings),
        *karpenter_problems(settings),
        *check_services(settings),
        *check_storage(settings),
        *check_spot_role(settings),
        *check_platform(settings),
        *check_pull_through(settings),
        *check_service_accounts(settings, accounts),
        *check_addons(settings),
        *([] if addons is None else check_choices(settings.addons, addons, absent=absent)),
    ]
    if problems:
        raise WrongArgument("; ".join(problems))


def warnings_of(settings: EksSettings, today: date) -> list[str]:
    """What is allowed and will cost or change something without being asked, on a day in UTC.

    Args:
        settings: checked ones.
        today: the day, UTC.
    """
    found: list[str] = []
    if settings.network.vpc_id is not None and settings.network.nat == "none":
        needed = ", ".join((*needed_endpoints(settings), "s3"))
        found.append(
            f"network.nat 'none' in an existing VPC: nodes only join if {needed} are reached "
            "through endpoints; `splitplane aws preflight` says which lack"
        )
    found += pull_through_warnings(settings)
    if settings.kubernetes_version is not None:
        ending = support_warning(settings.kubernetes_version, settings.support_type, today=today)
        found += [] if ending is None else [ending]
    return found + name_warnings(settings)


def check_against_account(settings: EksSettings, place: Place) -> None:
    """Raises WrongArgument with every problem of access, keys and certificates here.

    Args:
        settings: checked ones.
        place: where the cluster will be.
    """
    problems = [*_arn_problems(settings, place), *foreign_rights(settings, place.scope)]
    problems += foreign_caches(settings, place.scope)
    if not settings.is_adopted:
        try:
            plan_entries(settings, place.scope)
        except WrongArgument as error:
            problems.append(str(error))
    if problems:
        raise WrongArgument("; ".join(problems))


def _arn_problems(settings: EksSettings, place: Place) -> Iterator[str]:
    """ARNs of another partition, region or account than can be used."""
    scope = place.scope
    regional = {
        "secrets_kms_key": settings.secrets_kms_key,
        "storage.kms_key_arn": settings.storage.kms_key_arn,
        "ingress.certificate_arn": settings.ingress.certificate_arn,
    }
    for field, arn in regional.items():
        if arn is None or not arn.startswith("arn:"):
            continue
        _, partition, _, region, _, _ = arn.split(":", 5)
        if (partition, region) != (scope.partition, scope.region):
            yield (
                f"{field} {arn!r} lies in {region!r} ({partition}), the cluster in "
                f"{scope.region!r} ({scope.partition}): name one of the cluster's region"
            )
    boundary = settings.permissions_boundary_arn
    if boundary is not None:
        _, partition, _, _, account, _ = boundary.split(":", 5)
        if partition != scope.partition or account not in ("aws", scope.account_id):
            yield (
                f"permissions_boundary_arn {boundary!r} lies in account {account!r} ({partition}), "
                f"the roles in {scope.account_id!r} ({scope.partition}): name a policy of the "
                "roles' account"
            )
    for zone in settings.dns.zone_arns:
        if zone.split(":")[1] != scope.partition:
            yield f"dns.zone_arns {zone!r} lies in another partition than {scope.partition!r}"
