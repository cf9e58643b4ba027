"""A created network, recorded: settings, program and what it consists of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
from clouds.answers import CloudAnswers
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import Place
from splitplane.components.clouds.aws.settings import (
    EksSettings,
    IngressSettings,
    NetworkSettings,
)

IRELAND = Place(
    Scope("aws", "eu-west-1", "111122223333"),
    tuple(Zone(f"eu-west-1{letter}", f"euw1-az{index}") for index, letter in enumerate("abcd", 1)),
)
OFFERINGS = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
SUBNET = "aws:ec2/subnet:Subnet"


class DualStack(CloudAnswers):
    """Gives VPCs a range of IPv6 addresses."""

    def registered(self, made: Registered, id: str, outputs: Any) -> Any:
        id, found = super().registered(made, id, outputs)
        if made.type == "aws:ec2/vpc:Vpc" and made.inputs.get("assignGeneratedIpv6CidrBlock"):
            found["ipv6CidrBlock"] = "2a05:d018:10:e500::/56"
        return id, found


def network_settings(
    *, pools: tuple[NodePool, ...] | None = None, scheme: Any = "internal", **changes: Any
) -> EksSettings:
    """Settings of a plane in two zones; other changes are fields of its network."""
    own = {key: changes.pop(key) for key in ("control_plane_egress_mode",) if key in changes}
    fields: dict[str, Any] = {"availability_zone_count": 2, **changes}
    return EksSettings(
        "prod",
        ("dev",),
        "https://hub.example.com",
        pools=pools,
        tags={"team": "ml"},
        permissions_boundary_arn="arn:aws:iam::111122223333:policy/edge",
        ingress=IngressSettings(scheme=scheme),
        network=NetworkSettings(**fields),
        **own,
    )


def network_program(
    chosen: EksSettings, place: Place = IRELAND, seen: list[Network] | None = None
) -> Callable[[], None]:
    """A network, and something that uses its ways out."""

    def program() -> None:
        plane = pulumi.ComponentResource("test:index:Plane", "plane")
        made = Network("net", chosen, place, pulumi.ResourceOptions(parent=plane))
        opts = pulumi.ResourceOptions(depends_on=list(made.parts.ways_out))
        aws.sqs.Queue("user", opts=opts)
        if seen is not None:
            seen.append(made)

    return program


def record_network(
    chosen: EksSettings,
    *,
    is_preview: bool = False,
    place: Place = IRELAND,
    functions: dict[str, Any] | None = None,
    seen: list[Network] | None = None,
) -> Recording:
    """What the program registers; each network it makes is added to `seen`."""
    return record(
        network_program(chosen, place, seen), is_preview=is_preview, answers=DualStack(functions)
    )


def pieces_of(recording: Recording) -> list[Registered]:
    """All that lies in the account but the user of the network."""
    return [item for item in recording.resources if item.is_custom and item.name != "user"]


def names_of(recording: Recording) -> list[str]:
    """`Type::name` of the pieces, sorted."""
    return sorted(f"{item.type.rpartition(':')[2]}::{item.name}" for item in pieces_of(recording))


def find_piece(recording: Recording, kind: str, name: str) -> Registered:
    """The only piece of the type whose name is `net-` and this."""
    (found,) = (
        item
        for item in recording.resources
        if item.type.endswith(f":{kind}") and item.name == f"net-{name}"
    )
    return found
