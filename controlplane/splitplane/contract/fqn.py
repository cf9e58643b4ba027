"""Fully qualified names: one parser and one printer for the forms that people see and type.

Wherever an id is accepted, a fully qualified name is accepted too. The tenant is not part of it; it
comes from the credential.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

FqnKind = Literal[
    "cluster",
    "workspace",
    "application",
    "deployment",
    "environment",
    "storage-integration",
    "ml-repo",
    "role",
    "user",
    "team",
    "service-account",
    "workspace-subject",
    "secret-store",
    "secret-group",
    "container-registry",
    "role-binding",
    "service-account-token",
]

_PREFIXES: Final[dict[str, FqnKind]] = {
    "environment": "environment",
    "storage-integration": "storage-integration",
    "mlrepo": "ml-repo",
    "role": "role",
    "user": "user",
    "team": "team",
    "sa": "service-account",
    "workspace": "workspace-subject",
    "secret-store": "secret-store",
    "secret-group": "secret-group",
    "registry": "container-registry",
    "role-binding": "role-binding",
    "sa-token": "service-account-token",
}
PREFIXES: Final[frozenset[str]] = frozenset(_PREFIXES)
"""First words of names that are no cluster's."""
_DEEP: Final[frozenset[FqnKind]] = frozenset({"workspace-subject", "service-account-token"})
"""Kinds whose prefix is followed by two names."""
_PREFIX_OF: Final[dict[str, str]] = {kind: prefix for prefix, kind in _PREFIXES.items()}
_BY_DEPTH: Final[tuple[FqnKind, ...]] = ("cluster", "workspace", "application", "deployment")
_SEGMENT = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
_VERSION = re.compile(r"^v[1-9][0-9]*$")
_EMAIL = re.compile(r"^[^@\s:/]+@[^@\s:/]+$")


class FqnError(ValueError):
    """The text is not a fully qualified name; the message shows the allowed forms."""


@dataclass(frozen=True)
class Fqn:
    """A parsed fully qualified name.

    Attributes:
        kind: what it names.
        parts: its names from the outermost in, without prefix (`("prod-eu", "team1")`).
    """

    kind: FqnKind
    parts: tuple[str, ...]

    def __str__(self) -> str:
        text = ":".join(self.parts)
        prefix = _PREFIX_OF.get(self.kind)
        return f"{prefix}:{text}" if prefix else text

    @property
    def name(self) -> str:
        """The object's own name: the last part."""
        return self.parts[-1]

    @property
    def parent(self) -> Fqn | None:
        """The name of what contains it: a workspace's cluster, an application's workspace."""
        if self.kind not in _BY_DEPTH or len(self.parts) == 1:
            return None
        return Fqn(_BY_DEPTH[len(self.parts) - 2], self.parts[:-1])


def parse_fqn(text: str) -> Fqn:
    """The parsed name.

    `prod-eu` cluster, `prod-eu:team1` workspace, `prod-eu:team1:ranker` application,
    `prod-eu:team1:ranker:v7` deployment, `environment:dev`, `storage-integration:local`,
    `mlrepo:fraud`, `role:auditor`, `secret-store:aws`, `secret-group:db`, `registry:ecr`,
    `role-binding:ml-admins`, `sa-token:ci:deploy`, and the subjects `user:ann@example.com`,
    `team:ml`, `sa:ci`, `workspace:prod-eu:team1`.

    Raises:
        FqnError: the text has none of these forms.
    """
    prefix, _, rest = text.partition(":")
    kind = _PREFIXES.get(prefix)
    if kind is not None and rest:
        return _parse_prefixed(text, kind, rest)
    parts = tuple(text.split(":"))
    if not 1 <= len(parts) <= len(_BY_DEPTH):
        raise FqnError(_message(text))
    kind = _BY_DEPTH[len(parts) - 1]
    names = parts[:-1] if kind == "deployment" else parts
    if not all(_SEGMENT.fullmatch(name) for name in names):
        raise FqnError(_message(text))
    if kind == "deployment" and _VERSION.fullmatch(parts[-1]) is None:
        raise FqnError(_message(text))
    return Fqn(kind, parts)


def parse_fqn_of(kind: FqnKind, text: str) -> Fqn:
    """The parsed name, which must be one of `kind`.

    Raises:
        FqnError: the text is not a fully qualified name or names something else.
    """
    fqn = parse_fqn(text)
    if fqn.kind != kind:
        raise FqnError(f"{text!r} names a {fqn.kind}, not a {kind}; write {_form(kind)}")
    return fqn


def subject_fqn(kind: FqnKind, *parts: str) -> str:
    """The text of a subject's or object's name, for code that has the parts."""
    return str(Fqn(kind, parts))


def _parse_prefixed(text: str, kind: FqnKind, rest: str) -> Fqn:
    if kind == "user":
        if _EMAIL.fullmatch(rest) is None:
            raise FqnError(f"{text!r} is not a user: write user: and an e-mail address")
        return Fqn(kind, (rest.lower(),))
    parts = tuple(rest.split(":"))
    depth = 2 if kind in _DEEP else 1
    if len(parts) != depth or not all(_SEGMENT.fullmatch(part) for part in parts):
        raise FqnError(_message(text))
    return Fqn(kind, parts)


def _form(kind: FqnKind) -> str:
    """How a name of the kind is written, `CLUSTER:WORKSPACE` or `environment:NAME`."""
    if kind == "workspace-subject":
        return "workspace:CLUSTER:WORKSPACE"
    if kind == "service-account-token":
        return "sa-token:SERVICE-ACCOUNT:NAME"
    if kind in _PREFIX_OF:
        return f"{_PREFIX_OF[kind]}:{'MAIL' if kind == 'user' else 'NAME'}"
    places = (*(name.upper() for name in _BY_DEPTH[:-1]), "vN")
    return ":".join(places[: _BY_DEPTH.index(kind) + 1])


def _message(text: str) -> str:
    return (
        f"{text!r} is not a fully qualified name: use cluster, cluster:workspace, "
        "cluster:workspace:application, cluster:workspace:application:v1, "
        f"or one of {', '.join(f'{prefix}:…' for prefix in _PREFIXES)}"
    )
