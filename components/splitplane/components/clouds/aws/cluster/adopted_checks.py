"""What a cluster that exists has to be like to be adopted, as facts and what is wrong. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.addons.plan import AGENT
from splitplane.components.clouds.aws.cluster.versions import MINORS
from splitplane.components.clouds.aws.network.existing_checks import (
    ExistingNetwork,
    Field,
    SubnetFacts,
)
from splitplane.components.clouds.aws.settings import EksSettings

_SUPPORTED: Final = {minor.version for minor in MINORS}


@dataclass(frozen=True)
class AdoptedCluster:
    """A cluster that exists.

    Attributes:
        name: its name in EKS.
        status: `ACTIVE`, or what EKS is doing with it.
        version: its minor version.
        authentication_mode: `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
        is_auto_mode: whether EKS makes its nodes.
        has_identity_agent: whether the add-on of Pod Identity is there; True where nobody asked.
        has_oidc_provider: whether IAM has a provider for its issuer; True where nobody asked.
        foreign_addons: add-ons of EKS that are there, made elsewhere, and that would be installed
            without having been asked for.
    """

    name: str
    status: str
    version: str
    authentication_mode: str
    is_auto_mode: bool = False
    has_identity_agent: bool = True
    has_oidc_provider: bool = True
    foreign_addons: Sequence[str] = ()


def check_adopted(found: AdoptedCluster, settings: EksSettings) -> list[str]:
    """Everything that has to be changed in the cluster or in the arguments; empty when it fits."""
    return [
        *_state_problems(found),
        *_mode_problems(found, settings),
        *_identity_problems(found, settings),
        *_addon_problems(found),
    ]


def choose_subnets(
    network: ExistingNetwork, settings: EksSettings
) -> tuple[tuple[SubnetFacts, ...], list[str]]:
    """The private subnets, one for each zone, and what is wrong with those that were named.

    Those of the cluster when none is named: of several in a zone the first by id, the same each
    time.

    Args:
        network: the cluster's VPC, with `private_subnet_ids` those named or else the cluster's.
        settings: of an adopted cluster.
    """
    problems = list(_subnet_problems(network))
    found = network.of("private_subnet_ids")
    if settings.network.private_subnet_ids:
        return found, [*problems, *_named_problems(found)]
    private = sorted((item for item in found if not item.is_public), key=lambda item: item.id)
    chosen: dict[str, SubnetFacts] = {}
    for item in private:
        chosen.setdefault(item.zone.name, item)
    if not chosen:
        problems.append(
            "network.private_subnet_ids is left out, but all subnets of the cluster are public: "
            "name those of its nodes"
        )
    return tuple(chosen.values()), problems


def _state_problems(found: AdoptedCluster) -> Iterator[str]:
    if found.status != "ACTIVE":
        yield f"its status is {found.status}: wait until it is ACTIVE"
    if found.version not in _SUPPORTED:
        yield (
            f"it has Kubernetes {found.version}, and {', '.join(sorted(_SUPPORTED))} are "
            "supported: upgrade it, one minor at a time"
        )


def _mode_problems(found: AdoptedCluster, settings: EksSettings) -> Iterator[str]:
    if found.authentication_mode not in ("API", "API_AND_CONFIG_MAP"):
        yield (
            f"its authentication mode is {found.authentication_mode}, which knows no access "
            f"entries: run `aws eks update-cluster-config --name {found.name} --access-config "
            "authenticationMode=API_AND_CONFIG_MAP`, which cannot be taken back, then `splitplane "
            f"aws access-entries --cluster {found.name} --region REGION`, which plans, and with "
            "--yes makes, an access entry of each line of the ConfigMap aws-auth in kube-system, "
            "and then change the mode to API"
        )
    if found.is_auto_mode != (settings.compute_mode == "auto_mode"):
        has, wanted = ("has", "'auto_mode'") if found.is_auto_mode else ("has no", "another")
        yield (f"it {has} Auto Mode, but compute_mode is {settings.compute_mode!r}: write {wanted}")


def _identity_problems(found: AdoptedCluster, settings: EksSettings) -> Iterator[str]:
    if settings.workload_identity == "irsa":
        if not found.has_oidc_provider:
            yield (
                "IAM has no OIDC provider for its issuer, which workload_identity 'irsa' needs: "
                f"run `eksctl utils associate-iam-oidc-provider --cluster {found.name} --approve`, "
                "or use 'pod_identity'"
            )
    elif not (found.has_identity_agent or found.is_auto_mode):
        yield (
            f"it has no add-on {AGENT}, without which pods get no role: say addons[{AGENT!r}].mode "
            "'managed' to have it installed, 'external' when it is installed otherwise, or use "
            "workload_identity 'irsa'"
        )


def _addon_problems(found: AdoptedCluster) -> Iterator[str]:
    for name in found.foreign_addons:
        yield (
            f"it has the add-on {name}, made elsewhere: say addons[{name!r}].mode 'external' to "
            "leave it so, or 'adopt' to take it over"
        )


def _subnet_problems(network: ExistingNetwork) -> Iterator[str]:
    for name, ids in network.missing.items():
        if name != "control_plane_subnet_ids":
            yield f"network.{name}: {', '.join(ids)} is not in this region and account: name others"
    named: tuple[Field, ...] = ("private_subnet_ids", "public_subnet_ids")
    for name in named:
        foreign = [item.id for item in network.of(name) if item.vpc_id != network.vpc_id]
        if foreign:
            yield (
                f"network.{name}: {', '.join(foreign)} lies in another VPC than the cluster's "
                f"{network.vpc_id}: name subnets of it"
            )
    for item in network.of("public_subnet_ids"):
        if not item.is_public:
            yield (
                f"network.public_subnet_ids: {item.id} has no default route to an internet "
                "gateway: name another"
            )


def _named_problems(subnets: Sequence[SubnetFacts]) -> Iterator[str]:
    for item in subnets:
        if item.is_public:
            yield (
                f"network.private_subnet_ids: {item.id} is public, its default route is "
                f"{item.way_out}: name one that goes out through NAT"
            )
    counts = Counter(item.zone.name for item in subnets)
    if twice := sorted(zone for zone, count in counts.items() if count > 1):
        yield (
            f"network.private_subnet_ids has several subnets in {', '.join(twice)}, where shared "
            "storage takes one: name one for each zone"
        )
