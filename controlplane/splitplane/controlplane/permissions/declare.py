"""What a route needs, declared beside it; with a route that declares nothing no server starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
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


@dataclass(frozen=True)
class RouteFacts:
    """One route of the application, with the prefixes of everything that it was included by."""

    path: str
    methods: frozenset[str]
    endpoint: object

    @property
    def is_agents(self) -> bool:
        """Whether agents use it, who prove themselves in other ways."""
        return self.path.startswith(AGENT_PREFIX)


def check_routes(app: FastAPI) -> None:
    """Raises StartError that names every route without a declaration."""
    bare = [
        f"{'|'.join(sorted(route.methods))} {route.path}"
        for route in walk_routes(app.routes)
        if not route.is_agents and declared_of(route.endpoint) is None
    ]
    if bare:
        raise StartError(
            f"routes without a declared permission: {', '.join(sorted(bare))}; "
            "declare each with requires, about_self or public"
        )


def walk_routes(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[RouteFacts]:
    """All routes, those of mounted applications and included routers too."""
    for context in iter_route_contexts(routes):
        path = prefix + (context.path or "")
        inner = getattr(context.original_route, "routes", None)
        if inner:
            yield from walk_routes(inner, path)
        else:
            yield RouteFacts(path, frozenset(context.methods or ()), context.endpoint)


def _mark(declared: Declared) -> Callable[[EndpointT], EndpointT]:
    def mark(endpoint: EndpointT) -> EndpointT:
        setattr(endpoint, _ATTRIBUTE, declared)
        return endpoint

    return mark
