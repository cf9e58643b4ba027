"""Makes components and calls their methods: request in, response out.

Runs in a context of `component_runs`. Imports the SDK; components when they are first asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import grpc
import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.stack import wait_for_rpcs

from splitplane.components.errors import ClusterUnreachable, ComponentError, WrongArgument
from splitplane.provider.backend import Failure
from splitplane.provider.codec import UNKNOWN, ResourceRef, Secret, decode, encode, plain_ids
from splitplane.provider.component_inputs import read_arguments
from splitplane.provider.component_options import read_options
from splitplane.provider.component_resources import receive
from splitplane.provider.component_shapes import arguments_class, fields_of, wire_value
from splitplane.provider.components import ComponentRow, Table, camel_case, load_class
from splitplane.provider.errors import (
    BadInput,
    ProviderError,
    TryAgain,
    Unsupported,
    WrongArguments,
    WrongState,
)
from splitplane.provider.stubs import provider_pb2

_SELF = "__self__"


async def construct(
    table: Table, request: provider_pb2.ConstructRequest
) -> provider_pb2.ConstructResponse:
    """The component with its children registered.

    Raises:
        ProviderError: there is no such component, its inputs are wrong, or the component or the
            engine refused.
    """
    cls = load_class(request.type, _row(table, request.type))
    arguments_type = arguments_class(cls.__init__)
    assert arguments_type is not None, "every component takes args"
    with_kept = table[request.type].kept_secrets
    try:
        arguments = read_arguments(
            decode(request.inputs),
            arguments_type,
            dependencies={key: item.urns for key, item in request.inputDependencies.items()},
            kept_secrets=with_kept,
        )
        component: pulumi.ComponentResource = cls(request.name, arguments, read_options(request))
        await wait_for_rpcs()
        secrets = frozenset(request.additionalSecretOutputs)
        outputs = {
            key: pulumi.Output.secret(value) if key in secrets else value
            for key, value in _outputs(component).items()
        }
        state, dependencies = await _serialize(outputs)
        urn = await component.urn.future() or ""
    except Exception as error:
        raise _translate(error, f"{request.type} {request.name!r}") from error
    return provider_pb2.ConstructResponse(
        urn=urn,
        state=state,
        stateDependencies={
            key: provider_pb2.ConstructResponse.PropertyDependencies(urns=urns)
            for key, urns in dependencies.items()
        },
    )


async def call(table: Table, request: provider_pb2.CallRequest) -> provider_pb2.CallResponse:
    """What the method returns; wrong arguments are failures in the response.

    Raises:
        ProviderError: there is no such method, or it or the engine refused.
    """
    token, _, wire_name = request.tok.rpartition("/")
    row = _row(table, token)
    cls = load_class(token, row)
    method: Callable[..., Any] = getattr(cls, _method(row, token, wire_name))
    # Any: what methods return
    properties = decode(request.args)
    try:
        component = receive(cls, _receiver(properties.pop(_SELF, None), request.tok))
        dependencies = {key: item.urns for key, item in request.argDependencies.items()}
        arguments_type = arguments_class(method)
        if arguments_type is None:
            result = method(component)
        else:
            arguments = read_arguments(properties, arguments_type, dependencies=dependencies)
            result = method(component, arguments)
        await wait_for_rpcs()
        returned, urns = await _serialize({camel_case(key): item for key, item in result.items()})
    except WrongArguments as error:
        failures = [
            provider_pb2.CheckFailure(property=item.path, reason=item.reason)
            for item in error.failures
        ]
        return provider_pb2.CallResponse(failures=failures)
    except Exception as error:
        raise _translate(error, request.tok) from error
    response = provider_pb2.CallResponse(
        returnDependencies={
            key: provider_pb2.CallResponse.ReturnDependencies(urns=found)
            for key, found in urns.items()
        }
    )
    # The field's name is a keyword.
    getattr(response, "return").CopyFrom(returned)
    return response


def _row(table: Table, token: str) -> ComponentRow:
    if token not in table:
        raise Unsupported(f"component {token!r} is not known: {_choice(token, table)}")
    return table[token]


def _method(row: ComponentRow, token: str, wire_name: str) -> str:
    names = {camel_case(name): name for name in row.methods}
    if wire_name not in names:
        hint = _choice(wire_name, names) if names else "it has none"
        raise Unsupported(f"method {wire_name!r} of {token} is not known: {hint}")
    return names[wire_name]


def _choice(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(known)}"


def _receiver(value: Any, token: str) -> str:  # Any: a property value
    """The URN of the component whose method is called."""
    if isinstance(value, ResourceRef):
        return value.urn
    found = plain_ids(value)
    if isinstance(found, str) and found.startswith("urn:pulumi:"):
        return found
    raise BadInput(f"{token} is a method: call it with the component as {_SELF!r}")


def _outputs(component: pulumi.ComponentResource) -> dict[str, Any]:  # Any: outputs
    return {
        wire_name: wire_value(getattr(component, field.name), field.shape)
        for wire_name, field in fields_of(type(component)).items()
        if hasattr(component, field.name)
    }


async def _serialize(
    outputs: Mapping[str, Any],  # Any: outputs
) -> tuple[struct_pb2.Struct, dict[str, list[str]]]:
    """The values as the engine wants them, and the URNs that each depends on."""
    resources: dict[str, list[pulumi.Resource]] = {}
    struct = await rpc.serialize_properties(outputs, resources)
    dependencies: dict[str, list[str]] = {}
    for key, found in resources.items():
        urns = [await resource.urn.future() for resource in found]
        dependencies[key] = sorted({urn for urn in urns if urn is not None})
    known = decode(struct)
    # The SDK forgets it where the output is unknown (3.259.0; 3.272.0 does not).
    for key, value in outputs.items():
        if known.get(key) == UNKNOWN and await _is_secret(value):
            struct.fields[key].CopyFrom(encode({key: Secret(UNKNOWN)}).fields[key])
    return struct, dependencies


async def _is_secret(value: Any) -> bool:  # Any: an output or what it would hold
    return isinstance(value, pulumi.Output) and await value.is_secret()


def _translate(error: Exception, what: str) -> Exception:
    """The error as the engine and people need it; bugs stay what they are."""
    message = f"{what}: {error}"
    match error:
        case ProviderError():
            return error
        case pulumi.InputPropertyError():
            return WrongArguments([Failure(error.property_path, error.reason)])
        case pulumi.InputPropertiesError():
            details = error.errors or []
            return WrongArguments(
                [Failure(item["property_path"], item["reason"]) for item in details]
            )
        case WrongArgument():
            return BadInput(message)
        case ClusterUnreachable():
            return TryAgain(message)
        case grpc.RpcError():
            return TryAgain(f"{what}: the engine does not answer any more")
        case ComponentError() | pulumi.RunError():
            return WrongState(message)
        case _ if type(error) is Exception:
            # So the SDK passes on what the engine answered to the registration of a child.
            return WrongState(message)
        case _:
            return error
