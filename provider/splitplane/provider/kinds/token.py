"""`splitplane:index:Token`: a bearer token of a service account and its rotation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from splitplane.contract.manifests import ServiceAccountTokenManifest
from splitplane.contract.views import ObjectView
from splitplane.provider.codec import UNKNOWN, Properties, unwrap
from splitplane.provider.diff import Change, Diff
from splitplane.provider.kinds.base import ManifestResource, as_utc, is_triggered, secret_or_unknown
from splitplane.provider.kinds.errors import translated
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of
from splitplane.provider.shapes import Field, Shape

_TRIGGER: Final = "rotationTrigger"
_OVERLAP: Final = "overlapSeconds"
_LIFETIME: Final = "lifetimeDays"
_TOKEN: Final = "token"  # noqa: S105 - name of a property
_EXPIRES: Final = "expiresAt"

# Long enough for one `up` to bring the new secret to where the old one is used.
_DEFAULT_OVERLAP_SECONDS: Final = 3600
# The control plane's limit, contract.views.TokenRotate.
_LONGEST_OVERLAP_SECONDS: Final = 86_400

LAYOUT = Layout(
    resource_type="splitplane:index:Token",
    kind="service-account-token",
    description=(
        "A bearer token of a service account. Its secret is shown to this resource alone, when it "
        "is made or rotated, and kept as a secret in the state. It is rotated when "
        "`rotationTrigger` or `lifetimeDays` changes, by the first `pulumi up` after its "
        "`expiresAt`, and by the first one after a refresh that found it revoked; nothing has to "
        "be done for that. The id is the object's UUID; import by id or by "
        "`sa-token:SERVICE-ACCOUNT:NAME`. An imported token, and one that somebody rotated "
        "elsewhere, has no `token` until it is rotated."
    ),
    common=fields_of(ServiceAccountTokenManifest, without=TYPE),
    extra=(
        Field(
            name=_TRIGGER,
            wire_name=_TRIGGER,
            shape=Shape("string"),
            is_required=False,
            description="Any text; a change of it makes a new secret. Its removal changes nothing.",
        ),
        Field(
            name=_OVERLAP,
            wire_name=_OVERLAP,
            shape=Shape("integer", limits=(0, _LONGEST_OVERLAP_SECONDS)),
            is_required=False,
            default=_DEFAULT_OVERLAP_SECONDS,
            description=(
                "Time for which the old secret still works after a rotation, seconds; at most a "
                "day, and 0 ends it at once. An expired secret never works again."
            ),
        ),
    ),
    computed=(
        FQN_OUTPUT,
        (
            _TOKEN,
            "The bearer token, secret. Written once: the control plane keeps only its digest, so "
            "an imported token has none until it is rotated.",
        ),
        (
            _EXPIRES,
            "Time at which the token ends, RFC 3339. The first `pulumi up` after it makes a new "
            "secret.",
        ),
    ),
    secrets=frozenset({_TOKEN}),
    optional=frozenset({_EXPIRES}),
    immutable=frozenset({"name", "serviceAccount"}),
)


class TokenResource(ManifestResource):
    """A token of a service account."""

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        """As for every kind; a token that has ended differs by the time of its end."""
        found = super().diff(id, old_inputs, old_outputs, news)
        if found.replaces or not _has_ended(old_outputs):
            return found
        change = Change("update" if _EXPIRES in old_outputs else "add")
        return Diff({**found.changes, _EXPIRES: change}, found.delete_before_replace)

    def outputs(self, view: ObjectView, inputs: Properties, old_outputs: Properties) -> Properties:
        """The state of the token; the secret is the last one of this resource while it works."""
        outputs = super().outputs(view, inputs, old_outputs)
        expires_at = as_utc(view.observed.get("expires_at"))
        if expires_at is None:
            # Somebody has revoked it.
            return outputs
        outputs = {**outputs, _EXPIRES: expires_at}
        secret = view.observed.get("token") or self._kept(view, old_outputs)
        return {**outputs, _TOKEN: secret_or_unknown(secret)} if secret else outputs

    def created_outputs(self, view: ObjectView, inputs: Properties) -> Properties:
        """The state of the new token with its secret, also when an earlier try made it."""
        outputs = self.outputs(view, inputs, {})
        return outputs if _TOKEN in outputs else self._rotated(view, outputs, overlap_seconds=0)

    def updated_outputs(
        self, view: ObjectView, inputs: Properties, old_outputs: Properties
    ) -> Properties:
        """The state of the changed token, with a new secret when it is due."""
        outputs = self.outputs(view, inputs, old_outputs)
        if not _is_due(inputs, old_outputs):
            return outputs
        overlap = unwrap(inputs).get(_OVERLAP, _DEFAULT_OVERLAP_SECONDS)
        return self._rotated(view, outputs, overlap_seconds=int(overlap))

    def planned_outputs(self, inputs: Properties, old_outputs: Properties) -> Properties:
        """As for every kind; secret and end are unknown when a new secret will be made."""
        outputs = super().planned_outputs(inputs, old_outputs)
        if not old_outputs or _is_due(inputs, old_outputs):
            return {**outputs, _TOKEN: secret_or_unknown(UNKNOWN), _EXPIRES: UNKNOWN}
        kept: Properties = {n: old_outputs[n] for n in (_TOKEN, _EXPIRES) if n in old_outputs}
        return {**outputs, **kept}

    def _kept(self, view: ObjectView, old_outputs: Properties) -> object:
        """The secret of the state, unless another one took its place elsewhere."""
        secret = unwrap(old_outputs).get(_TOKEN)
        last4 = view.observed.get("last4")
        is_other = isinstance(secret, str) and last4 is not None and not secret.endswith(last4)
        return None if is_other else secret

    def _rotated(
        self, view: ObjectView, outputs: Properties, *, overlap_seconds: int
    ) -> Properties:
        with translated(f"no secret was made for service-account-token {view.fqn!r}"):
            made = self.client.rotate_service_account_token(
                view.id, overlap_seconds=overlap_seconds
            )
        expires_at = as_utc(made.expires_at)
        return {**outputs, _TOKEN: secret_or_unknown(made.token), _EXPIRES: expires_at}


def _is_due(inputs: Properties, old_outputs: Properties) -> bool:
    """Whether the change from the state to the inputs takes a new secret."""
    new, old = unwrap(inputs), unwrap(old_outputs)
    default = next(f.default for f in LAYOUT.common if f.wire_name == _LIFETIME)
    is_other_life = new.get(_LIFETIME, default) != old.get(_LIFETIME, default)
    return is_other_life or is_triggered(_TRIGGER, inputs, old_outputs) or _has_ended(old_outputs)


def _has_ended(outputs: Properties) -> bool:
    """Whether the state's secret is over: its time has come, or it was revoked."""
    expires_at = unwrap(outputs).get(_EXPIRES)
    if isinstance(expires_at, str):
        return datetime.fromisoformat(expires_at) <= datetime.now(UTC)
    return expires_at is None
