"""`splitplane:index:Application`: a service or a job, and how long to wait for it."""

from __future__ import annotations

from typing import Final

from splitplane.contract.conditions import Condition
from splitplane.contract.manifests import JobManifest, ServiceManifest
from splitplane.contract.views import ObjectView
from splitplane.provider.backend import Operation
from splitplane.provider.codec import Properties, unwrap
from splitplane.provider.errors import NotReady
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.errors import translated
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, Variant, fields_of
from splitplane.provider.shapes import Field, Shape

_WAIT_FOR: Final = "waitFor"
_CONDITIONS: Final = {"available": "Available", "delivered": "Delivered"}
_PLACE: Final = frozenset({"name", "workspace"})
_OTHERS: Final = TYPE | _PLACE

# Often enough that a service that starts in 3 s is not held up, and 2 requests a second at most.
_POLL_SECONDS: Final = 0.5

LAYOUT = Layout(
    resource_type="splitplane:index:Application",
    kind="application",
    description=(
        "An application in a workspace: exactly one of `service` and `job`. Each change of it is "
        "a new immutable deployment. The id is the object's UUID; import by id or by "
        "`CLUSTER:WORKSPACE:NAME`."
    ),
    common=tuple(f for f in fields_of(ServiceManifest, without=TYPE) if f.name in _PLACE),
    variants=(
        Variant(
            name="service",
            shape=Shape("object", model=ServiceManifest, hidden=_OTHERS),
            tag=("type", "service"),
            under=None,
            description="A service: keeps copies running and reachable inside the cluster.",
        ),
        Variant(
            name="job",
            shape=Shape("object", model=JobManifest, hidden=_OTHERS),
            tag=("type", "job"),
            under=None,
            description="A job: runs to completion once for each version that is deployed.",
        ),
    ),
    extra=(
        Field(
            name=_WAIT_FOR,
            wire_name=_WAIT_FOR,
            shape=Shape("string", allowed=("available", "delivered", "none")),
            is_required=False,
            default="available",
            description=(
                "What create and update wait for. `available`: until it runs, a job until it has "
                "started; `delivered`: until the cluster has its objects; `none`: not at all. The "
                "longest wait is the resource's timeout for create or update, 10 minutes by "
                "default. An application that is not ready by then is kept and tried again by "
                "the next update."
            ),
        ),
    ),
    computed=(FQN_OUTPUT,),
    immutable=frozenset(_PLACE),
)


class ApplicationResource(ManifestResource):
    """An application."""

    def await_ready(
        self, operation: Operation, view: ObjectView, inputs: Properties, outputs: Properties
    ) -> None:
        """Returns when the wanted condition is true; raises NotReady with the reasons if not."""
        wanted = _CONDITIONS.get(unwrap(inputs).get(_WAIT_FOR, "available"))
        if wanted is None:
            return
        with translated(f"application {view.fqn!r} is not known to be ready"):
            what = f"application {view.fqn!r} to be {wanted.lower()}"
            while not _holds(view, wanted):
                if _has_failed(view) or not operation.wait(_POLL_SECONDS, what=what):
                    reasons = _reasons(view, wanted)
                    raise NotReady(reasons, id=view.id, inputs=inputs, outputs=outputs)
                view = self.client.get(self.layout.kind, view.id)

    def await_gone(self, operation: Operation, id: str) -> None:
        """Returns when the cluster has none of the application's objects any more."""
        self.wait_until_gone(operation, id)


def _condition(view: ObjectView, wanted: str) -> Condition | None:
    return next((item for item in view.conditions if item.type == wanted), None)


def _holds(view: ObjectView, wanted: str) -> bool:
    condition = _condition(view, wanted)
    return condition is not None and condition.status == "true"


def _has_failed(view: ObjectView) -> bool:
    return view.status == "failed"


def _reasons(view: ObjectView, wanted: str) -> list[str]:
    found = [
        f"{item.type} is {item.status}: {item.reason}: {item.message}".rstrip(": ")
        for item in view.conditions
        if item.status != "true"
    ]
    return found or [f"application {view.fqn!r} has no condition {wanted} yet ({view.status})"]
