"""What a cloud bills for a component, and what drives it; the pages of components show it.

Words, never prices: those differ by region and change without us.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Final

_TABLES: Final = {
    "EksComputePlane": "splitplane.components.clouds.aws.costs",
}
"""Component → the module whose `COSTS` has it and its parts."""


@dataclass(frozen=True)
class Cost:
    """One thing that is billed.

    Attributes:
        part: what it is.
        driver: by what it is billed, and what makes it more.
        fields: arguments that decide about it, with dots between the levels; none where only what
            runs in the cluster does.
        types: types of the resources that it is billed for; none where something else makes them.
    """

    part: str
    driver: str
    fields: tuple[str, ...]
    types: tuple[str, ...] = ()


def costs_of(component: str) -> tuple[Cost, ...]:
    """Everything that is billed for a component, its parts included; nothing where none is known.

    Args:
        component: name of its class.
    """
    module = _TABLES.get(component)
    if module is None:
        return ()
    tables: dict[str, tuple[Cost, ...]] = import_module(module).COSTS
    return tuple(cost for table in tables.values() for cost in table)
