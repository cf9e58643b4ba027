"""`getCluster`, `getWorkspace`, `getEnvironment`, `getMlRepo`: objects that the stack did not make.

One table: a lookup gives what the resource of the same name would have as outputs, and the status.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from splitplane.client.errors import NotFound
from splitplane.contract.ids import is_id
from splitplane.contract.nouns import noun_for_kind
from splitplane.contract.views import ObjectView
from splitplane.provider.backend import Failure
from splitplane.provider.codec import Properties
from splitplane.provider.errors import Missing, WrongArguments
from splitplane.provider.functions.function import Function, text
from splitplane.provider.kinds import cluster, environment, ml_repo, workspace
from splitplane.provider.kinds.errors import translated
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.shapes import Field, Shape

if TYPE_CHECKING:
    from splitplane.client import Client

_REF: Final = "ref"


@dataclass(frozen=True)
class Lookup:
    """One function of this file.

    Attributes:
        name: the function's name.
        layout: what the object looks like.
        refs: forms of `ref`, in Markdown.
        more: properties beside those of the resource.
        observe: values of `more`.
    """

    name: str
    layout: Layout
    refs: str
    more: tuple[Field, ...] = ()
    observe: Callable[[Client, ObjectView], Properties] | None = None


def _observe_cluster(client: Client, view: ObjectView) -> Properties:
    session = client.session(view.id)
    found = {
        "isConnected": session.is_connected,
        "agentVersion": session.agent_version,
        "kubernetesVersion": session.kubernetes_version,
    }
    return {name: value for name, value in found.items() if value is not None}


LOOKUPS: Final = (
    Lookup(
        "getCluster",
        cluster.LAYOUT,
        "`NAME` or id",
        more=(
            Field(
                "isConnected",
                "isConnected",
                Shape("boolean"),
                is_required=True,
                description="Whether the cluster's agent is connected now.",
            ),
            text(
                "agentVersion",
                "Version of the agent that connected last; absent before the first one.",
                is_required=False,
            ),
            text(
                "kubernetesVersion",
                "Version of Kubernetes that the agent reported last; absent before it connected.",
                is_required=False,
            ),
        ),
        observe=_observe_cluster,
    ),
    Lookup("getEnvironment", environment.LAYOUT, "`NAME`, `environment:NAME` or id"),
    Lookup("getMlRepo", ml_repo.LAYOUT, "`NAME`, `mlrepo:NAME` or id"),
    Lookup(
        "getWorkspace",
        workspace.LAYOUT,
        "`CLUSTER:NAME`, id, or `NAME` where only one cluster has a workspace of that name",
    ),
)


def _function(lookup: Lookup) -> Function:
    title = lookup.layout.kind.replace("ml-", "ML ")
    common = tuple(replace(f, is_required=_is_always_there(f)) for f in lookup.layout.common)

    def call(client: Client, arguments: Properties) -> Properties:
        with translated(f"{lookup.name} failed"):
            view = _find(client, lookup, arguments[_REF])
            more = lookup.observe(client, view) if lookup.observe is not None else {}
        live = lookup.layout.from_manifest(view.manifest)
        return {**live, **more, "id": view.id, "fqn": view.fqn, "status": view.status}

    return Function(
        token=f"splitplane:index:{lookup.name}",
        description=(
            f"An existing {title}, with the properties that its resource has and its status. "
            "Reads only; needs the right to read it."
        ),
        inputs=(text(_REF, f"Which {title}: {lookup.refs}."),),
        outputs=(
            text("id", "The object's UUID."),
            text("fqn", "Fully qualified name; accepted wherever an id is."),
            text("status", "Derived from the object's conditions, such as `ready`."),
            *common,
            *lookup.more,
        ),
        call=call,
    )


def _is_always_there(field: Field) -> bool:
    return field.is_required or field.default is not None


def _find(client: Client, lookup: Lookup, ref: str) -> ObjectView:
    kind = lookup.layout.kind
    noun = noun_for_kind(kind)
    if noun.parent_kind is not None and ":" not in ref and not is_id(ref):
        return _find_named(client, kind, ref)
    try:
        return client.get(kind, ref)
    except NotFound as error:
        raise Missing(f"ref: {error}") from error


def _find_named(client: Client, kind: str, name: str) -> ObjectView:
    """The only object of that name, on whatever cluster it is."""
    found = list(client.list(kind, name=name))
    if not found:
        hint = "check the name, or ask for a role that reads it"
        raise Missing(f"ref: {kind} {name!r} does not exist, or you may not read it; {hint}")
    if len(found) > 1:
        names = ", ".join(sorted(view.fqn for view in found))
        reason = f"{name!r} is the name of {len(found)} objects; allowed: {names}"
        raise WrongArguments([Failure(_REF, reason)])
    return found[0]


FUNCTIONS: Final = tuple(_function(lookup) for lookup in LOOKUPS)
