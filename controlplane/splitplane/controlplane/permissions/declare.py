"""What a route needs, declared beside it; with a route that declares nothing no server starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from fastapi import FastAPI
from starlette.routing import BaseRoute

from splitplane.contract.permissions import VERBS
from splitplane.controlplane.errors import StartError

EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])  # Any: endpoints differ

_ATTRIBUTE: Final = "splitplane_access"

AGENT_PREFIX: Final = "/agent/v1/"
"""Paths on which agents prove themselves by join token or key, frame by frame; people's
permissions do not apply there."""


@dataclass(frozen=True)
class Declared:
    """What a route needs.

    Attributes:
        mode: `verbs`: one of the verbs must have been checked on an object; `self`: any signed-in
            subject, about itself only; `public`: nobody in particular.
        verbs: the verbs that the handler may check.
        object_from: where the object comes from: `path`, `body`, `query` or `list`.
        reason: why `self` or `public` is right.
    """

    mode: Literal["verbs", "self", "public"]
    verbs: frozenset[str] = frozenset()
    object_from: str = ""
    reason: str = ""


def requires(*verbs: str, object_from: str) -> Callable[[EndpointT], EndpointT]:
    """The route needs one of these verbs on the object found in `object_from`."""
    unknown = set(verbs) - VERBS
    if unknown or not verbs:
        raise StartError(f"verbs {sorted(unknown)} are not in splitplane.contract.permissions")
    return _mark(Declared("verbs", frozenset(verbs), object_from))


def about_self(reason: str) -> Callable[[EndpointT], EndpointT]:
    """The route shows or changes only what belongs to the caller."""
    return _mark(Declared("self", reason=reason))


def public(reason: str) -> Callable[[EndpointT], EndpointT]:
    """The route needs no token."""
    return _mark(Declared("public", reason=reason))


def declared_of(endpoint: object) -> Declared | None:
    """What the endpoint declares."""
    found = getattr(endpoint, _ATTRIBUTE, None)
    return found if isinstance(found, Declared) else None


def check_routes(app: FastAPI) -> None:
    """Raises StartError that names every route without a declaration."""
    bare = [path for path, endpoint in walk_routes(app.routes) if declared_of(endpoint) is None]
    if bare:
        raise StartError(
            f"routes without a declared permission: {', '.join(sorted(bare))}; "
            "declare each with requires, about_self or public"
        )


def walk_routes(routes: Iterable[BaseRoute]) -> Iterable[tuple[str, object]]:
    """(path, endpoint) of all routes, those of mounted and included ones too; agents' left out."""
    for route in routes:
        path = str(getattr(route, "path", "") or "")
        inner = getattr(route, "routes", None)
        if inner:
            yield from walk_routes(inner)
        elif not path.startswith(AGENT_PREFIX):
            yield path or repr(route), getattr(route, "endpoint", None)


def _mark(declared: Declared) -> Callable[[EndpointT], EndpointT]:
    def mark(endpoint: EndpointT) -> EndpointT:
        setattr(endpoint, _ATTRIBUTE, declared)
        return endpoint

    return mark
