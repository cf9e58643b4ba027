"""`splitplane:index:Cluster`: gives the one-time join token that its agent enrols with."""

from __future__ import annotations

from splitplane.contract.manifests import ClusterManifest
from splitplane.contract.views import ObjectView
from splitplane.provider.codec import UNKNOWN, Properties, unwrap
from splitplane.provider.kinds.base import ManifestResource, secret_or_unknown
from splitplane.provider.kinds.errors import translated
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of
from splitplane.provider.shapes import Field, Shape

_TRIGGER = "joinTokenTrigger"
_TOKEN = "joinToken"  # noqa: S105 - name of a property

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
    ),
    computed=(
        FQN_OUTPUT,
        (
            _TOKEN,
            "One-time token that the cluster's agent enrols with, secret. Kept as it was made; "
            "it works once and only for a limited time.",
        ),
    ),
    secrets=frozenset({_TOKEN}),
    immutable=frozenset({"name", "providerKind"}),
)


class ClusterResource(ManifestResource):
    """A cluster."""

    def outputs(self, view: ObjectView, inputs: Properties, old_outputs: Properties) -> Properties:
        """The state of the cluster; the token is the one that was made last, or none."""
        outputs = super().outputs(view, inputs, old_outputs)
        token = view.observed.get("join_token") or unwrap(old_outputs.get(_TOKEN))
        return {**outputs, _TOKEN: secret_or_unknown(token)} if token else outputs

    def created_outputs(self, view: ObjectView, inputs: Properties) -> Properties:
        """The state of the new cluster with its token, also when an earlier try made it."""
        outputs = self.outputs(view, inputs, {})
        if _TOKEN in outputs:
            return outputs
        return {**outputs, _TOKEN: self._new_token(view)}

    def updated_outputs(
        self, view: ObjectView, inputs: Properties, old_outputs: Properties
    ) -> Properties:
        """The state of the changed cluster, with a new token when the trigger changed."""
        outputs = self.outputs(view, inputs, old_outputs)
        if not _is_triggered(inputs, old_outputs):
            return outputs
        return {**outputs, _TOKEN: self._new_token(view)}

    def planned_outputs(self, inputs: Properties, old_outputs: Properties) -> Properties:
        """As for every kind; the token is unknown when a new one will be made."""
        outputs = super().planned_outputs(inputs, old_outputs)
        is_new = not old_outputs or _is_triggered(inputs, old_outputs)
        token = UNKNOWN if is_new else unwrap(old_outputs.get(_TOKEN))
        return {**outputs, _TOKEN: secret_or_unknown(token)} if token is not None else outputs

    def _new_token(self, view: ObjectView) -> object:
        with translated(f"no join token was made for cluster {view.fqn!r}"):
            return secret_or_unknown(self.client.rotate_join_token(view.id).token)


def _is_triggered(inputs: Properties, old_outputs: Properties) -> bool:
    new, old = unwrap(inputs).get(_TRIGGER), unwrap(old_outputs).get(_TRIGGER)
    return bool(new != old and new is not None)
