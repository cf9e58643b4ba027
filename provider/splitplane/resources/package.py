"""What the resource classes of the package share."""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

import pulumi
from pulumi import Input, Output

ClassT = TypeVar("ClassT")
ResourceT = TypeVar("ResourceT", bound=pulumi.CustomResource)


@dataclass_transform(kw_only_default=True, field_specifiers=(pulumi.property,))
def input_type(cls: type[ClassT]) -> type[ClassT]:
    """`pulumi.input_type` whose generated constructor type checkers can see."""
    return pulumi.input_type(cls)


def with_outputs(inputs: object, *names: str) -> Any:  # Any: the SDK takes it for a mapping
    """The inputs, with names of outputs that are no inputs, so that they exist from the start."""
    vars(inputs).update(dict.fromkeys(names))
    return inputs


def output_of(resource: pulumi.Resource, name: str) -> Output[Any]:  # Any: stated by the caller
    """The resource's output of this Python name."""
    value: Output[Any] = pulumi.get(resource, name)
    return value


def look_up(
    cls: type[ResourceT],
    inputs_type: type,
    resource_name: str,
    id: Input[str],
    opts: pulumi.ResourceOptions | None,
) -> ResourceT:
    """A resource that is read by id or fully qualified name instead of registered."""
    names = (name for name, value in vars(cls).items() if isinstance(value, property))
    # It knows which name of the engine is which of Python's.
    outputs = with_outputs(object.__new__(inputs_type), *names)
    resource = cls.__new__(cls)
    merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
    resource_type: str = vars(cls)["pulumi_type"]
    # Not the class's own __init__: that one asks for inputs.
    pulumi.CustomResource.__init__(resource, resource_type, resource_name, outputs, merged)
    return resource
