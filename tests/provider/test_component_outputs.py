"""Outputs that are objects have the names of other languages in them."""

# Without `from __future__ import annotations`: a TypedDict would keep text and no types.
import asyncio
from typing import Any, TypedDict

import pulumi
import pytest

from splitplane.provider.component_shapes import shape_of, wire_value


class Disk(TypedDict):
    """A disk."""

    size_gib: int
    """Its size, GiB."""
    free_tags: dict[str, str]
    """Tags with names as they come."""


class Machine(TypedDict):
    """A machine."""

    host_name: str
    """Its name."""
    main_disk: Disk | None
    """Its disk."""
    more_disks: list[Disk]
    """Its other disks."""
    by_role: dict[str, Disk]
    """Disks by what they are for."""


DISK = {"size_gib": 5, "free_tags": {"a_b": "c"}}
WIRE_DISK = {"sizeGib": 5, "freeTags": {"a_b": "c"}}


@pytest.mark.parametrize(
    ("hint", "value", "wanted"),
    [
        (str, "a_b", "a_b"),
        (dict[str, str], {"a_b": "c"}, {"a_b": "c"}),
        (Disk, DISK, WIRE_DISK),
        (Disk | None, None, None),
        (list[Disk], [DISK], [WIRE_DISK]),
        (
            Machine,
            {"host_name": "h", "main_disk": None, "more_disks": [DISK], "by_role": {"a_b": DISK}},
            {
                "hostName": "h",
                "mainDisk": None,
                "moreDisks": [WIRE_DISK],
                "byRole": {"a_b": WIRE_DISK},
            },
        ),
    ],
)
def test_names_are_those_of_other_languages(hint: Any, value: Any, wanted: Any) -> None:
    assert wire_value(value, shape_of(hint, "field")) == wanted


def test_secrets_stay_secret() -> None:
    async def run() -> tuple[Any, bool]:
        found = wire_value(pulumi.Output.secret(DISK), shape_of(pulumi.Output[Disk], "field"))
        return await found.future(), await found.is_secret()

    assert asyncio.run(run()) == (WIRE_DISK, True)
