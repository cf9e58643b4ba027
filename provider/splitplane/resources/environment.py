"""The Environment resource."""

from __future__ import annotations

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, output_of, with_outputs


@input_type
class _EnvironmentInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    is_production: Input[bool] | None = pulumi.property("isProduction", default=None)
    optimize_for: Input[str] | None = pulumi.property("optimizeFor", default=None)
    color: Input[str] | None = pulumi.property("color", default=None)


class Environment(pulumi.CustomResource):
    """An environment such as dev, staging or prod: a tag for clusters and workspaces.

    Import by id or by `environment:NAME`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        is_production: Input[bool] | None = None,
        optimize_for: Input[str] | None = None,
        color: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the environment.

        Args:
            resource_name: its name in the stack.
            name: its name on the control plane; a change makes a new environment.
            display_name: what people see; the name when left out.
            is_production: whether production rules hold here; false when left out.
            optimize_for: what placement prefers: `cost` (when left out) or `availability`.
            color: colour of the tag, `#rrggbb`; chosen by name when left out.
            opts: options of the resource.
        """
        inputs = _EnvironmentInputs(
            name=name,
            display_name=display_name,
            is_production=is_production,
            optimize_for=optimize_for,
            color=color,
        )
        super().__init__(
            "splitplane:index:Environment", resource_name, with_outputs(inputs, "fqn"), opts
        )

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Its name on the control plane."""
        return output_of(self, "name")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter(name="isProduction")
    def is_production(self) -> Output[bool]:
        """Whether production rules hold here."""
        return output_of(self, "is_production")

    @property
    @pulumi.getter(name="optimizeFor")
    def optimize_for(self) -> Output[str]:
        """What placement prefers: `cost` (when left out) or `availability`."""
        return output_of(self, "optimize_for")

    @property
    @pulumi.getter
    def color(self) -> Output[str | None]:
        """Colour of the tag, `#rrggbb`."""
        return output_of(self, "color")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
