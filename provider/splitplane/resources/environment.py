"""The Environment resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _EnvironmentInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    is_production: Input[bool] | None = pulumi.property("isProduction", default=None)
    optimize_for: Input[str] | None = pulumi.property("optimizeFor", default=None)
    color: Input[str] | None = pulumi.property("color", default=None)


class Environment(pulumi.CustomResource):
    """An environment such as dev, staging or prod.

    A tag: clusters carry any number of them, a workspace has exactly one. The id is the object's
    UUID; import by id or by `environment:NAME`.
    """

    pulumi_type: Final = "splitplane:index:Environment"
    """Type of the resource in the engine."""

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
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 32 lower-case letters, digits and
                hyphens.
            display_name: What people see; the name when left out.
            is_production: Whether production rules hold here. Default: `False`.
            optimize_for: What placement prefers: `cost` uses spot capacity first, `availability`
                does not. Allowed: `cost`, `availability`. Default: `"cost"`.
            color: Colour of the tag in the user interface, `#rrggbb`; chosen by name when left
                out.
            opts: Options of the resource.
        """
        inputs = _EnvironmentInputs(
            name=name,
            display_name=display_name,
            is_production=is_production,
            optimize_for=optimize_for,
            color=color,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(Environment.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Environment:
        """The environment that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Environment, _EnvironmentInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 32 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter(name="isProduction")
    def is_production(self) -> Output[bool]:
        """Whether production rules hold here. Default: `False`."""
        return output_of(self, "is_production")

    @property
    @pulumi.getter(name="optimizeFor")
    def optimize_for(self) -> Output[str]:
        """What placement prefers: `cost` uses spot capacity first, `availability` does not.

        Allowed: `cost`, `availability`. Default: `"cost"`.
        """
        return output_of(self, "optimize_for")

    @property
    @pulumi.getter
    def color(self) -> Output[str | None]:
        """Colour of the tag in the user interface, `#rrggbb`; chosen by name when left out."""
        return output_of(self, "color")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
