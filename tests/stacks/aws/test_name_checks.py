"""The roles whose names preflight checks are those that the program declares.

What it declares is read from the snapshots of the examples and from the records of every mode; a
plane with all that none of them has is recorded here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components import EksComputePlane
from splitplane.stacks.aws.name_checks import ROLES, log_groups_of

_TESTS = Path(__file__).parents[2]
_SNAPSHOTS = _TESTS / "stacks" / "eks" / "snapshots"
_RECORDS = _TESTS / "components" / "clouds" / "aws" / "records"
_ROLE = "aws:iam/role:Role"
_REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
_OF_SERVICE_ACCOUNTS = "pods-"
"""Starts the purpose of a role that was asked for by name; preflight takes these from it."""


def _names(kind: str) -> Iterator[tuple[str, str]]:
    """Name of a plane and name of a thing of that type in it, of all planes."""
    for file in _SNAPSHOTS.glob("*.json"):
        for item in json.loads(file.read_text()):
            if item["type"] == kind:
                yield _plane_of(item["name"]), item["properties"]["name"]
    for file in _RECORDS.rglob("*.json"):
        for urn, inputs in json.loads(file.read_text())["resources"].items():
            token, _, name = urn.rpartition("$")[2].partition("::")
            if token == kind:
                yield _plane_of(name), inputs["name"]


@cache
def _others() -> tuple[str, ...]:
    """Names of the roles of a plane with what no example has."""
    given: Any = {  # Any: programs may pass anything
        "name": "prod-eu",
        "environments": ["prod"],
        "hub_url": "https://hub.example.com",
        "kubernetes_version": "1.35",
        "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
        "pools": [],
        "storage": {"has_s3_files": True},
    }
    offered = {
        "instanceTypes": ["m7i.large"] * 3,
        "locations": [f"eu-west-1{letter}" for letter in "abc"],
        "locationTypes": ["availability-zone"] * 3,
    }
    answers = CloudAnswers({"aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": offered})
    recording = record(lambda: EksComputePlane("prod-eu", given), answers=answers)
    return tuple(item.inputs["name"] for item in recording.resources if item.type == _ROLE)


def _plane_of(name: str) -> str:
    """Logical names begin with that of the plane, which has two parts in each of them."""
    return "-".join(name.split("-")[:2])


def _declared() -> set[str]:
    found: set[str] = set()
    for plane, name in [*_names(_ROLE), *(("prod-eu", name) for name in _others())]:
        (region,) = (region for region in _REGIONS if name.endswith(f"-{region}"))
        found.add(name.removeprefix(f"{plane}-").removesuffix(f"-{region}"))
    return {purpose for purpose in found if not purpose.startswith(_OF_SERVICE_ACCOUNTS)}


def test_every_role_that_is_declared_is_checked() -> None:
    assert _declared() - set(ROLES) == set()


def test_every_role_that_is_checked_is_declared() -> None:
    assert set(ROLES) - _declared() == set()


def test_no_role_is_checked_twice() -> None:
    assert len(ROLES) == len(set(ROLES))


def test_the_log_groups_are_those_of_the_program() -> None:
    found = set(_names("aws:cloudwatch/logGroup:LogGroup"))

    planes = {plane for plane, _ in found}
    assert found <= {(plane, name) for plane in planes for name in log_groups_of(plane)}
    assert {("prod-eu", name) for name in log_groups_of("prod-eu")} <= found
