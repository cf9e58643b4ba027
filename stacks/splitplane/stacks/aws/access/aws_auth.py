"""The ConfigMap aws-auth as lines: who is let in, under which name and in which groups. Pure.

It is read as the cluster's authenticator reads it, to which every value is text, and of two lines
for one principal the last holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml

from splitplane.stacks.aws.errors import WrongArgument

Kind = Literal["role", "user", "account"]

_FIELDS: Final[Mapping[str, tuple[Kind, str]]] = {
    "mapRoles": ("role", "rolearn"),
    "mapUsers": ("user", "userarn"),
    "mapAccounts": ("account", ""),
}
_SHOWN: Final = 80


@dataclass(frozen=True)
class Line:
    """One line of aws-auth.

    Attributes:
        place: where it is, `mapRoles[0]`.
        kind: what it is about.
        arn: the principal as it is written, or the account's number; empty where none is written.
        user_name: name in Kubernetes, with templates such as `{{SessionName}}`; may be empty.
        groups: groups in Kubernetes.
    """

    place: str
    kind: Kind
    arn: str
    user_name: str = ""
    groups: tuple[str, ...] = ()


def read_lines(data: Mapping[str, str]) -> tuple[Line, ...]:
    """Every line, roles first, then users, then accounts.

    Args:
        data: of the ConfigMap.

    Raises:
        WrongArgument: a part is no YAML, or no list; the cluster reads nothing of it either.
    """
    return tuple(line for field in _FIELDS for line in _lines(field, data.get(field, "")))


class _TextLoader(yaml.SafeLoader):
    """Every scalar stays text: an account's number may start with 0."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = {}


def _lines(field: str, text: str) -> Iterator[Line]:
    kind, key = _FIELDS[field]
    try:
        items: Any = _TextLoader(text).get_single_data() or []  # Any: YAML
    except yaml.YAMLError as exc:
        raise WrongArgument(f"{field} of aws-auth is no YAML: correct it first") from exc
    if not isinstance(items, list):
        raise WrongArgument(
            f"{field} of aws-auth is no list, but {text[:_SHOWN]!r}: correct it first"
        )
    for index, item in enumerate(items):
        place = f"{field}[{index}]"
        if kind == "account":
            yield Line(place, kind, str(item))
        elif isinstance(item, dict):
            yield _line(place, kind, key, item)
        else:
            raise WrongArgument(f"{place} of aws-auth is {str(item)[:_SHOWN]!r}: write a mapping")


def _line(place: str, kind: Kind, key: str, item: Mapping[str, Any]) -> Line:
    groups = item.get("groups") or []
    return Line(
        place,
        kind,
        str(item.get(key, "")),
        str(item.get("username", "")),
        tuple(str(group) for group in groups) if isinstance(groups, list) else (str(groups),),
    )
