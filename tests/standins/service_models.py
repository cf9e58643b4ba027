"""What AWS' own models of its APIs say against the inputs of resources: enums, patterns, lengths.

The plugin passes inputs on, so that a value which an API does not take is seen by a real account
alone. botocore ships the models. Fields are found by their names; what a resource calls otherwise
than the API is in the tables below, and what only the plugin knows is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from botocore.session import Session

_SERVICES: Final = {"cloudwatch": "events", "vpc": "ec2"}
"""Module of the SDK → service, where they differ."""
_OPERATIONS: Final = {
    "aws:cloudwatch/eventRule:EventRule": ("events", "PutRule"),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "CreateLogGroup"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ("eks", "AssociateAccessPolicy"),
    "aws:eks/nodeGroup:NodeGroup": ("eks", "CreateNodegroup"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ("iam", "CreateOpenIDConnectProvider"),
    "aws:iam/rolePolicy:RolePolicy": ("iam", "PutRolePolicy"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("iam", "AttachRolePolicy"),
    "aws:route53/zone:Zone": ("route53", "CreateHostedZone"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("s3", "PutPublicAccessBlock"),
    "aws:s3/filesFileSystem:FilesFileSystem": ("s3files", "CreateFileSystem"),
    "aws:s3/filesMountTarget:FilesMountTarget": ("s3files", "CreateMountTarget"),
}
_VERBS: Final = ("Create", "Put", "Request")
_MEMBERS: Final = {
    ("CreateRole", "assumeRolePolicy"): "AssumeRolePolicyDocument",
    ("PutRolePolicy", "name"): "PolicyName",
    ("PutRolePolicy", "policy"): "PolicyDocument",
    ("PutRolePolicy", "role"): "RoleName",
    ("AttachRolePolicy", "role"): "RoleName",
    ("CreateCluster", "vpcConfig"): "resourcesVpcConfig",
}
_PROPERTIES: Final = {
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{L}": "a-zA-Z",
    r"\p{M}": "",
    r"\p{N}": "0-9",
    r"\p{P}": "!-/:-@",
    r"\p{S}": "$+<=>^`|~",
    r"\p{Z}": r"\s",
}
"""Classes of characters that Python's expressions do not have, as far as ASCII goes."""


@dataclass
class Found:
    """What was compared.

    Attributes:
        values: how many values the models say something of.
        problems: what an API would refuse.
    """

    values: int = 0
    problems: list[str] = field(default_factory=list[str])


def compare(token: str, inputs: Mapping[str, Any]) -> Found:  # Any: inputs of a resource
    """The inputs against the model of the call that makes the resource; nothing without one.

    Args:
        token: type of the resource.
        inputs: as they are registered.
    """
    found = Found()
    call = _call(token)
    if call is not None:
        operation, shape = call
        _structure(found, f"{operation} ", operation, inputs, shape)
    return found


@cache
def _model(service: str) -> Any:  # Any: botocore has no types
    """The model of a service; None when there is none of the name."""
    session = Session()
    known = service in session.get_available_services()
    return session.get_service_model(service) if known else None


@cache
def _call(token: str) -> tuple[str, Any] | None:
    """The call that makes a resource, and the shape of what it takes; None when none is known."""
    module, kind = token.removeprefix("aws:").partition("/")[0], token.rpartition(":")[2]
    service, operation = _OPERATIONS.get(token, (_SERVICES.get(module, module), ""))
    model = _model(service)
    if model is None:
        return None
    names = [operation, *(verb + kind for verb in _VERBS)]
    for name in names:
        if name in model.operation_names:
            return name, model.operation_model(name).input_shape
    return None


def _structure(
    found: Found, path: str, operation: str, values: Mapping[str, Any], shape: Any
) -> None:
    members = {_plain(name): member for name, member in shape.members.items()}
    for key, value in values.items():
        for name in _spellings(operation, key):
            if name in members:
                _value(found, f"{path}.{key}", operation, value, members[name])
                break


def _spellings(operation: str, key: str) -> Iterator[str]:
    """How the API may call what the resource calls so."""
    name = _plain(_MEMBERS.get((operation, key), key))
    kind = _plain(re.sub("^(?:" + "|".join(_VERBS) + ")", "", operation))
    yield from (name, f"{name}s", name.removesuffix("s"), f"{kind}{name}", f"{name}name")


def _value(found: Found, path: str, operation: str, value: Any, shape: Any) -> None:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        _structure(found, path, operation, value, shape)
    elif kind == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            _value(found, f"{path} key", operation, key, shape.key)
            _value(found, f"{path}.{key}", operation, item, shape.value)
    elif kind == "list":
        items = _items(value, shape.member)
        if len(items) > shape.metadata.get("max", len(items)):
            found.problems.append(f"{path} has {len(items)}, the API takes {shape.metadata['max']}")
        for index, item in enumerate(items):
            _value(found, f"{path}[{index}]", operation, item, shape.member)
    elif isinstance(value, str | int | float) and kind not in ("structure", "map"):
        found.values += 1
        found.problems += [f"{path} {value!r} {problem}" for problem in _problems(value, shape)]


def _items(value: Any, member: Any) -> Sequence[Any]:
    """A block that a resource has once is a list of one; tags are pairs."""
    if isinstance(value, Mapping) and {_plain(name) for name in member.members} == {"key", "value"}:
        return [{"key": key, "value": item} for key, item in value.items()]
    return value if isinstance(value, list) else [value]


def _problems(value: str | int | float, shape: Any) -> Iterator[str]:
    limits: Mapping[str, Any] = shape.metadata
    if shape.type_name == "string" and isinstance(value, str):
        pattern = limits.get("pattern")
        if shape.enum and value not in shape.enum:
            yield f"is none of {', '.join(shape.enum)}"
        if not limits.get("min", 0) <= len(value) <= limits.get("max", len(value)):
            yield f"has {len(value)} characters"
        if pattern and re.fullmatch(_python(pattern), value) is None:
            yield f"does not match {pattern}"
    elif not isinstance(value, str | bool) and shape.type_name != "string":
        if not limits.get("min", value) <= value <= limits.get("max", value):
            yield "is out of range"


@cache
def _python(pattern: str) -> str:
    for name, characters in _PROPERTIES.items():
        pattern = pattern.replace(name, characters)
    return pattern


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
