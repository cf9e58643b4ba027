"""How the functions of the package are called, and what marks the classes of their results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast, dataclass_transform

import pulumi
from pulumi import Output
from pulumi.runtime import invoke, invoke_output

ResultT = TypeVar("ResultT")
Arguments = Mapping[str, Any]  # Any: what programs may write for an input


@dataclass_transform(kw_only_default=True, field_specifiers=(pulumi.property,))
def result_type(cls: type[ResultT]) -> type[ResultT]:
    """`pulumi.output_type` whose properties type checkers can see."""
    return pulumi.output_type(cls)


def call(
    token: str,
    arguments: Arguments,
    result: type[ResultT],
    opts: pulumi.InvokeOptions | None,
) -> ResultT:
    """The function's result; its arguments are plain values."""
    return cast(ResultT, invoke(token, _given(arguments), opts, result).value)


def call_output(
    token: str,
    arguments: Arguments,
    result: type[ResultT],
    opts: pulumi.InvokeOutputOptions | None,
) -> Output[ResultT]:
    """The function's result once its arguments are known; secret when one of them is."""
    return cast("Output[ResultT]", invoke_output(token, _given(arguments), opts, result))


def _given(arguments: Arguments) -> dict[str, Any]:  # Any: what programs may write for an input
    return {name: value for name, value in arguments.items() if value is not None}
