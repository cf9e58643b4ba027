"""The components that programs in other languages reach: one row each, and how names translate.

Python programs import `splitplane.components` and never come here. Nothing of the SDK or of a
component is imported here: that happens with the first component of a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

PACKAGE: Final = "splitplane:index:"


@dataclass(frozen=True)
class ComponentRow:
    """One component.

    Attributes:
        module: the module that has the class; the class has the last part of the type as its name.
        kept_secrets: plain arguments (Python names) that may be secret, because the component
            itself marks them before they get anywhere.
        methods: Python names of the methods that programs may call.
    """

    module: str
    kept_secrets: frozenset[str] = frozenset()
    methods: tuple[str, ...] = ()


Table = Mapping[str, ComponentRow]

COMPONENTS: Final[Table] = {
    f"{PACKAGE}AttachedComputePlane": ComponentRow(
        "splitplane.components.attached.component",
        kept_secrets=frozenset({"kubeconfig"}),
        methods=("workspace_namespace",),
    ),
    f"{PACKAGE}EksComputePlane": ComponentRow("splitplane.components.clouds.aws.component"),
}
"""Type → row, for every component of `splitplane.components`."""


def load_class(token: str, row: ComponentRow) -> Any:  # Any: a component with its own arguments
    """The class of the component; the first one imports the SDK."""
    return getattr(import_module(row.module), token.rpartition(":")[2])


def snake_case(name: str) -> str:
    """`hubUrl` as `hub_url`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def camel_case(name: str) -> str:
    """`hub_url` as `hubUrl`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
