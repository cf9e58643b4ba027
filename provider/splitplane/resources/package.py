"""What the resource classes of the package share."""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

import pulumi
from pulumi import Output

ClassT = TypeVar("ClassT")


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
