"""The network of a cluster: a VPC with subnets and ways out, or an existing one that fits."""

from __future__ import annotations

import pulumi

from splitplane.components.clouds.aws.network.declared_endpoints import declare_endpoints
from splitplane.components.clouds.aws.network.existing import take_network
from splitplane.components.clouds.aws.network.flow_logs import declare_flow_logs
from splitplane.components.clouds.aws.network.gpu_zones import (
    GpuNeed,
    bound_offering,
    gpu_needs,
    offering_problems,
    pool_zone_problems,
)
from splitplane.components.clouds.aws.network.plan import NetworkPlan, plan_network
from splitplane.components.clouds.aws.network.routes import declare_routes
from splitplane.components.clouds.aws.network.subnets import declare_subnets, declare_vpc
from splitplane.components.clouds.aws.network.wiring import Wiring
from splitplane.components.clouds.aws.network.zones import check_named_zones, choose_zones
from splitplane.components.clouds.aws.nodes.machines import (
    machine_offering_problems,
    machine_types,
    system_types,
)
from splitplane.components.clouds.aws.parts import NetworkParts, Place
from splitplane.components.clouds.aws.reading import read_offerings
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument


class Network(pulumi.ComponentResource):
    """The network of a cluster, created or taken.

    Attributes:
        parts: what others build upon.
        zones: names of its zones, in the order in which they got their addresses.
    """

    parts: NetworkParts
    zones: tuple[str, ...]

    def __init__(
        self,
        name: str,
        settings: EksSettings,
        place: Place,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Reads what it depends on, checks it, and only then declares the first resource.

        Args:
            name: its name in the program, the start of those of its pieces.
            settings: checked by `check_network`.
            place: where the program runs.
            opts: of the component.

        Raises:
            WrongArgument: an existing VPC does not fit, the region lacks what is asked for, or
                zones have no machines for pools or controllers; names everything.
        """
        super().__init__("splitplane:aws:Network", name, None, opts)
        needs = gpu_needs(settings)
        machines = {machine for need in needs for machine in need.instance_types}
        offerings = read_offerings(self, machines | {*machine_types(settings)})
        if settings.network.vpc_id is None:
            self.zones = _choose(self, settings, place, needs, offerings)
            plan = plan_network(settings, place.scope, self.zones)
            for warning in plan.warnings:
                pulumi.log.warn(f"cluster {settings.eks_name}: {warning}", resource=self)
            self.parts = _create(self, name, settings, place, plan)
        else:
            self.parts = take_network(self, name, settings)
            self.zones = tuple(self.parts.node_subnet_ids)
            _check_pools(
                settings, needs, offerings, self.zones, argument="network.private_subnet_ids"
            )
        self.register_outputs({"vpcId": self.parts.vpc_id, "zones": list(self.zones)})


def _choose(
    parent: pulumi.Resource,
    settings: EksSettings,
    place: Place,
    needs: tuple[GpuNeed, ...],
    offerings: dict[str, set[str]],
) -> tuple[str, ...]:
    network = settings.network
    zones = network.availability_zones
    if zones:
        if problems := check_named_zones(zones, place.zones):
            raise WrongArgument("; ".join(problems))
    else:
        count, offering = network.availability_zone_count, bound_offering(needs, offerings)
        if controllers := system_types(settings):
            having = {zone for kind in controllers for zone in offerings.get(kind, ())}
            offering = {**offering, " or ".join(controllers): having}
        zones = choose_zones(place.zones, count, offering=offering)
        if zones != (plain := choose_zones(place.zones, count)):
            scarce = [name for name, having in offering.items() if not {*plain} <= {*having}]
            pulumi.log.warn(
                f"cluster {settings.eks_name}: zones {', '.join(zones)} are chosen since they "
                f"offer {', '.join(scarce)}: name them in network.availability_zones, so that "
                "they stay when other zones offer it too",
                resource=parent,
            )
    _check_pools(settings, needs, offerings, zones, argument="network.availability_zones")
    return zones


def _check_pools(
    settings: EksSettings,
    needs: tuple[GpuNeed, ...],
    offerings: dict[str, set[str]],
    zones: tuple[str, ...],
    *,
    argument: str,
) -> None:
    problems = [
        *pool_zone_problems(settings.pools or (), zones, argument=argument),
        *pool_zone_problems(settings.node_groups, zones, argument=argument, field="node_groups"),
        *offering_problems(needs, offerings, zones, argument=argument),
        *machine_offering_problems(settings, offerings, zones),
    ]
    if problems:
        raise WrongArgument("; ".join(problems))


def _create(
    parent: pulumi.Resource, name: str, settings: EksSettings, place: Place, plan: NetworkPlan
) -> NetworkParts:
    wiring = Wiring(parent, name, settings, place.scope, plan)
    vpc = declare_vpc(wiring)
    subnets = declare_subnets(wiring, vpc)
    routes = declare_routes(wiring, vpc, subnets)
    endpoints = declare_endpoints(wiring, vpc, subnets, routes.private_tables)
    if settings.network.has_flow_logs:
        declare_flow_logs(wiring, vpc)
    private = {zone: subnet.id for zone, subnet in subnets.private.items()}
    secondary = {zone: subnet.id for zone, subnet in subnets.secondary.items()}
    return NetworkParts(
        vpc_id=vpc.id,
        node_subnet_ids=secondary or private,
        private_subnet_ids=private,
        public_subnet_ids={zone: subnet.id for zone, subnet in subnets.public.items()},
        control_plane_subnet_ids=[subnet.id for subnet in subnets.control_plane.values()],
        ways_out=(*routes.ways_out, *endpoints),
    )
