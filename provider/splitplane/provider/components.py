"""The components that programs in other languages reach, and how their inputs become arguments.

Python programs import `splitplane.components` and never come here. The SDK and the components are
imported with the first component. The SDK's component host is not used: it hands numbers on as
floats and fails on enumerations and objects that come from other resources
(pulumi/provider/experimental, 3.272.0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

import pulumi
from pulumi.provider import ConstructResult, Provider

from splitplane.components.errors import ComponentError

COMPONENTS: Final = {
    "splitplane:index:AttachedComputePlane": "splitplane.components.attached.component",
}
"""Type → module that has the class of that name."""


class ComponentHost(Provider):
    """Makes components for the SDK's servicer."""

    def __init__(self, version: str) -> None:
        """No component is imported yet."""
        super().__init__(version)

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],  # Any: inputs of any component
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """The component with its children registered.

        Raises:
            RunError: there is no such component, or it refuses its arguments; for people.
        """
        module = COMPONENTS.get(resource_type)
        if module is None:
            allowed = ", ".join(COMPONENTS)
            raise pulumi.RunError(f"component {resource_type!r} is not known; allowed: {allowed}")
        make: Callable[..., pulumi.ComponentResource] = getattr(
            import_module(module), resource_type.rpartition(":")[2]
        )
        arguments = {snake_case(key): value for key, value in inputs.items()}
        try:
            component = make(name, arguments, options)
        except ComponentError as error:
            raise pulumi.RunError(f"{resource_type} {name!r}: {error}") from error
        outputs = {
            camel_case(key): getattr(component, key)
            for key in type(component).__annotations__
            if hasattr(component, key)
        }
        return ConstructResult(component.urn, outputs)


def snake_case(name: str) -> str:
    """`hubUrl` as `hub_url`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def camel_case(name: str) -> str:
    """`hub_url` as `hubUrl`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
