"""`getAgentManifests`: the objects that install the agent, for those who apply them by other means.

Functions return no secrets, so the Secret with the join token is never among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field as ModelField
from pydantic import ValidationError

from splitplane.contract.agent_manifests import (
    AGENT_NAMESPACE,
    ARGOCD_NAMESPACE,
    CPU_REQUEST_MILLICORES,
    DEFAULT_IMAGE,
    JOIN_TOKEN_SECRET,
    MEMORY_LIMIT_MIB,
    MEMORY_REQUEST_MIB,
    AgentInstall,
    build_manifests,
)
from splitplane.contract.base import StrictModel
from splitplane.contract.commands import CommandKind
from splitplane.contract.manifests.cluster import Delivery
from splitplane.provider.backend import Failure
from splitplane.provider.codec import Properties
from splitplane.provider.errors import WrongArguments
from splitplane.provider.functions.function import OBJECTS, Function, text
from splitplane.provider.shapes import Field, Shape, to_model, wire_path

if TYPE_CHECKING:
    from splitplane.client import Client

_PLACEHOLDER: Final = object()


class AgentManifestsArgs(StrictModel):
    """Arguments of the function."""

    hub_url: Annotated[str, ModelField(pattern=r"^https?://\S+$")]
    """Address of the control plane as the agent's pod reaches it."""
    namespace: str = AGENT_NAMESPACE
    """Namespace of the agent's own objects."""
    delivery: Delivery | None = None
    """How bundles are delivered; what the control plane says when left out."""
    allowed_namespaces: list[str] = ModelField(default_factory=list[str])
    """The only namespaces for workloads; they have to exist. All when empty."""
    denied_namespaces: list[str] = ModelField(default_factory=list[str])
    """Namespaces that are never for workloads."""
    verbs: list[CommandKind] = ModelField(default_factory=list[CommandKind])
    """Commands that the agent carries out; all when empty."""
    max_deletes: Annotated[int, ModelField(ge=1)] | None = None
    """Most objects that one command may delete; the agent's own limit when left out."""
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    """Least severe level that is logged; the agent's default when left out."""
    argocd_namespace: str = ARGOCD_NAMESPACE
    """Where Argo CD is; of no account with direct delivery."""
    argocd_destination: str | None = None
    """This cluster as Argo CD knows it; the agent's default when left out."""
    chart_url: str | None = None
    """Chart endpoint as Argo CD reaches it; the Service among the objects when left out."""
    uses_join_token: bool = True
    """Whether the agent still has to enrol: it then reads its token from a Secret that you make,
    see `joinTokenSecret`."""
    ca_certificates: str | None = None
    """PEM text of the authorities of the control plane; those of the image when left out."""
    image: str = DEFAULT_IMAGE
    """Image of the agent."""
    replicas: Annotated[int, ModelField(ge=0, le=1)] = 1
    """1, or 0 where the agent runs outside the cluster with this account's rights."""
    cpu_request_millicores: Annotated[int, ModelField(ge=1)] = CPU_REQUEST_MILLICORES
    """CPU that is reserved, in thousandths of a core."""
    memory_request_mib: Annotated[int, ModelField(ge=1)] = MEMORY_REQUEST_MIB
    """Memory that is reserved, MiB."""
    memory_limit_mib: Annotated[int, ModelField(ge=1)] = MEMORY_LIMIT_MIB
    """Memory at most, MiB."""


_SHAPE: Final = Shape("object", model=AgentManifestsArgs)


def _call(_client: Client, arguments: Properties) -> Properties:
    try:
        args = AgentManifestsArgs.model_validate(to_model(_SHAPE, arguments))
    except ValidationError as error:
        raise WrongArguments(
            [Failure(wire_path(_SHAPE, item["loc"]), item["msg"]) for item in error.errors()]
        ) from error
    values = args.model_dump(exclude={"uses_join_token"})
    for name in ("allowed_namespaces", "denied_namespaces", "verbs"):
        values[name] = tuple(values[name])
    # That there is a token changes settings and mounts; the Secret that would hold it is left out.
    token = _PLACEHOLDER if args.uses_join_token else None
    objects = build_manifests(AgentInstall(**values, join_token=token))
    kept = [item for item in objects if item["kind"] != "Secret"]
    result: Properties = {"objects": kept, "namespace": args.namespace}
    return result | ({"joinTokenSecret": JOIN_TOKEN_SECRET} if args.uses_join_token else {})


FUNCTION: Final = Function(
    token="splitplane:index:getAgentManifests",  # noqa: S106 - a name
    description=(
        "The Kubernetes objects that install the agent, for those who apply them by GitOps or "
        "`kubectl`. They hold no secret: with `usesJoinToken`, make a Secret of the name "
        "`joinTokenSecret` in `namespace` whose key `token` is the cluster's `joinToken`. Made "
        "without asking the control plane; no right is needed."
    ),
    inputs=tuple(_SHAPE.fields().values()),
    outputs=(
        Field(
            "objects",
            "objects",
            OBJECTS,
            is_required=True,
            description="The objects, in the order of application.",
        ),
        text("namespace", "Namespace of the agent's own objects."),
        text(
            "joinTokenSecret",
            "Name of the Secret that the agent reads its join token from, key `token`; absent "
            "without `usesJoinToken`.",
            is_required=False,
        ),
    ),
    call=_call,
)
