"""`splitplane:index:Cluster`: gives the one-time join token that its agent enrols with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from splitplane.contract.manifests import ClusterManifest
from splitplane.contract.views import ObjectView
from splitplane.provider.backend import Operation
from splitplane.provider.codec import UNKNOWN, Properties, unwrap
from splitplane.provider.diff import Change, Diff
from splitplane.provider.errors import NotReady
from splitplane.provider.kinds.base import ManifestResource, as_utc, is_triggered, secret_or_unknown
from splitplane.provider.kinds.errors import translated
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of
from splitplane.provider.shapes import Field, Shape

_TRIGGER: Final = "joinTokenTrigger"
_WAIT: Final = "waitUntilConnected"
_TOKEN: Final = "joinToken"  # noqa: S105 - name of a property
_EXPIRES: Final = "joinTokenExpiresAt"
# The end of the newest join token that no agent has used, in the observed facts.
_OBSERVED_END: Final = "join_token_expires_at"

# An agent connects a second or two after its start; 1 request a second is all that a wait costs.
_POLL_SECONDS: Final = 1.0

LAYOUT = Layout(
    resource_type="splitplane:index:Cluster",
    kind="cluster",
    description=(
        "A Kubernetes cluster that an agent connects to the control plane. The id is the "
        "object's UUID; import by id or by `NAME`. An imported cluster has no `joinToken` until "
        "`joinTokenTrigger` changes."
    ),
    common=fields_of(ClusterManifest, without=TYPE),
    extra=(
        Field(
            name=_TRIGGER,
            wire_name=_TRIGGER,
            shape=Shape("string"),
            is_required=False,
            description=(
                "Any text; a change of it makes a new one-time join token and ends the old one. "
                "An agent that is enrolled needs none."
            ),
        ),
        Field(
            name=_WAIT,
            wire_name=_WAIT,
            shape=Shape("boolean"),
            is_required=False,
            default=False,
            description=(
                "Whether create and update wait until the cluster's agent is connected. The "
                "longest wait is the resource's timeout for create or update, 10 minutes by "
                "default. A cluster that is not connected by then is kept, with its `joinToken`, "
                "and tried again by the next update. Leave it false where resources that need "
                "the `joinToken` install the agent: they start after this one is ready."
            ),
        ),
    ),
    computed=(
        FQN_OUTPUT,
        (
            _TOKEN,
            "One-time token that the cluster's agent enrols with, secret. Kept as it was made; "
            "it works once and until `joinTokenExpiresAt`. A refresh drops one that has ended "
            "before any agent used it, and the next `pulumi up` makes another.",
        ),
        (_EXPIRES, "Time at which the `joinToken` ends unless it is used, RFC 3339."),
    ),
    secrets=frozenset({_TOKEN}),
    optional=frozenset({_EXPIRES}),
    immutable=frozenset({"name", "providerKind"}),
)


class ClusterResource(ManifestResource):
    """A cluster."""

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        """As for every kind; a join token that ended before it was used has to be made anew."""
        found = super().diff(id, old_inputs, old_outputs, news)
        if found.replaces or not _has_lost_token(old_outputs):
            return found
        return Diff({**found.changes, _TOKEN: Change("add")}, found.delete_before_replace)

    def outputs(self, view: ObjectView, inputs: Properties, old_outputs: Properties) -> Properties:
        """The state of the cluster; the token is the last one of this resource, or none."""
        outputs = super().outputs(view, inputs, old_outputs)
        made = view.observed.get("join_token")
        if made is not None:
            return _with_token(outputs, made, as_utc(view.observed.get(_OBSERVED_END)))
        kept = unwrap(old_outputs)
        token = None if _has_ended_unused(view) else kept.get(_TOKEN)
        return _with_token(outputs, token, kept.get(_EXPIRES))

    def created_outputs(self, view: ObjectView, inputs: Properties) -> Properties:
        """The state of the new cluster with its token, also when an earlier try made it."""
        outputs = self.outputs(view, inputs, {})
        return outputs if _TOKEN in outputs else self._with_new_token(view, outputs)

    def updated_outputs(
        self, view: ObjectView, inputs: Properties, old_outputs: Properties
    ) -> Properties:
        """The state of the changed cluster, with a new token when one is due."""
        outputs = self.outputs(view, inputs, old_outputs)
        if not _is_due(inputs, old_outputs):
            return outputs
        return self._with_new_token(view, outputs)

    def planned_outputs(self, inputs: Properties, old_outputs: Properties) -> Properties:
        """As for every kind; the token is unknown when a new one will be made."""
        outputs = super().planned_outputs(inputs, old_outputs)
        if not old_outputs or _is_due(inputs, old_outputs):
            return _with_token(outputs, UNKNOWN, UNKNOWN)
        kept = unwrap(old_outputs)
        return _with_token(outputs, kept.get(_TOKEN), kept.get(_EXPIRES))

    def await_ready(
        self, operation: Operation, view: ObjectView, inputs: Properties, outputs: Properties
    ) -> None:
        """Returns when the agent holds its connection, if the inputs ask for that."""
        if not unwrap(inputs).get(_WAIT, False):
            return
        with translated(f"cluster {view.fqn!r} is not known to be connected"):
            while not self.client.session(view.id).is_connected:
                if not operation.wait(_POLL_SECONDS, what=f"cluster {view.fqn!r} to connect"):
                    view = self.client.get(self.layout.kind, view.id)
                    raise NotReady(_reasons(view), id=view.id, inputs=inputs, outputs=outputs)

    def _with_new_token(self, view: ObjectView, outputs: Properties) -> Properties:
        with translated(f"no join token was made for cluster {view.fqn!r}"):
            made = self.client.rotate_join_token(view.id)
        return _with_token(outputs, made.token, as_utc(made.expires_at))


def _with_token(outputs: Properties, token: object, expires_at: object) -> Properties:
    added: Properties = {} if token is None else {_TOKEN: secret_or_unknown(token)}
    if expires_at is not None:
        added[_EXPIRES] = expires_at
    return {**outputs, **added}


def _is_due(inputs: Properties, old_outputs: Properties) -> bool:
    return is_triggered(_TRIGGER, inputs, old_outputs) or _has_lost_token(old_outputs)


def _has_lost_token(outputs: Properties) -> bool:
    """Whether a refresh has dropped the token; an imported cluster never had one."""
    return _EXPIRES in outputs and _TOKEN not in outputs


def _has_ended_unused(view: ObjectView) -> bool:
    """Whether the last join token ended before an agent used it, and no other has ever come."""
    end = view.observed.get(_OBSERVED_END)
    if not isinstance(end, str) or view.status != "never_connected":
        return False
    return datetime.fromisoformat(end) <= datetime.now(UTC)


def _reasons(view: ObjectView) -> list[str]:
    found = [
        f"{item.type} is {item.status}: {item.reason}: {item.message}"
        for item in view.conditions
        if item.type == "Connected" and item.status != "true"
    ]
    advice = (
        f"the agent of cluster {view.fqn!r} is not connected: start it, or install it with the "
        "resource's joinToken and `splitplane agent manifests`"
    )
    return [*found, advice]
