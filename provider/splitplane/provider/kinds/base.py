"""Create, read, update, delete of one kind of object, the same for every kind.

Subclasses add what is special: a cluster's join token, waiting for an application.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

from splitplane.client import AlreadyExists, Client, Conflict, NotFound
from splitplane.contract.errors import ErrorCode
from splitplane.contract.views import ObjectView
from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import (
    Properties,
    Secret,
    Unknown,
    mark_secrets,
    plain_ids,
    unwrap,
)
from splitplane.provider.diff import Change, Diff, diff_properties
from splitplane.provider.errors import Missing, Taken, WrongState
from splitplane.provider.kinds.errors import translated
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.paths import overlap, secret_paths
from splitplane.provider.shapes import project

# The agent needs a second or two; more often would only load the server.
_POLL_SECONDS: Final = 0.5


class ManifestResource:
    """A resource that is one manifest."""

    def __init__(self, layout: Layout, client: Client) -> None:
        """Keeps the client; nothing is sent."""
        self.layout = layout
        self.client = client

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs as they are given, without defaults, and what breaks the contract's rules."""
        inputs = plain_ids(news)
        secrets = secret_paths(inputs)
        failures = self.layout.failures(unwrap(inputs))
        return inputs, [_without_secret(failure, secrets) for failure in failures]

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        """What differs between the object as it was last seen and the inputs, defaults filled in.

        The old object goes first when the new one has the same name.
        """
        old = self.layout.normalize(self._inputs_in(unwrap(old_outputs) or unwrap(old_inputs)))
        new = self.layout.normalize(unwrap(plain_ids(news)))
        is_same_name = self.layout.fqn(old) == self.layout.fqn(new)
        found = diff_properties(
            old, new, replace_on=self.layout.immutable, delete_before_replace=is_same_name
        )
        variants = {variant.name for variant in self.layout.variants}
        changes = {
            path: Change(change.kind, is_replace=True)
            if path in variants and change.kind != "update"
            else change
            for path, change in found.changes.items()
        }
        must_replace = any(change.is_replace for change in changes.values())
        return Diff(changes, is_same_name and must_replace)

    def create(self, operation: Operation, inputs: Properties) -> State:
        """The new object, or the one that an earlier try of the same resource made."""
        if operation.is_preview:
            return State("", inputs, self.planned_outputs(inputs, {}))
        properties = unwrap(inputs)
        fqn = str(self.layout.fqn(properties))
        manifest = self.layout.to_manifest(properties)
        key = idempotency_key(operation.urn, fqn)
        with translated(f"{self.layout.kind} {fqn!r} was not created"):
            try:
                view = self.client.create(manifest, key)
            except AlreadyExists as error:
                raise Taken(self._taken_message(operation.urn, fqn)) from error
            except Conflict as error:
                if not _is_key_reused(error):
                    raise
                # An earlier try made it with other inputs and did not live to say so.
                view = self.client.update(self.layout.kind, fqn, manifest)
        outputs = self.created_outputs(view, inputs)
        self.await_ready(operation, view, inputs, outputs)
        return State(view.id, inputs, outputs)

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        """The object by id or fully qualified name; None when it is gone."""
        with translated(f"{self.layout.kind} {id!r} was not read"):
            try:
                view = self.client.get(self.layout.kind, id)
            except NotFound:
                return None
        live = self.layout.from_manifest(view.manifest)
        written = self._written(live, inputs)
        return State(view.id, written, self.outputs(view, written, outputs))

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        """The outputs after the whole manifest was written."""
        if operation.is_preview:
            return self.planned_outputs(news, old_outputs)
        properties = unwrap(news)
        manifest = self.layout.to_manifest(properties)
        with translated(f"{self.layout.kind} {self.layout.fqn(properties)!r} was not updated"):
            try:
                view = self.client.update(self.layout.kind, id, manifest)
            except NotFound as error:
                hint = "it was deleted behind the stack's back; run pulumi refresh"
                raise Missing(f"{self.layout.kind} {id!r} does not exist: {hint}") from error
            outputs = self.updated_outputs(view, news, old_outputs)
        self.await_ready(operation, view, news, outputs)
        return outputs

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        """The object is gone; also when it was gone before."""
        with translated(f"{self.layout.kind} {id!r} was not deleted"):
            try:
                self.client.delete(self.layout.kind, id)
            except NotFound:
                return
        self.await_gone(operation, id)

    # What subclasses change ----------------------------------------------------------------------

    def outputs(self, view: ObjectView, inputs: Properties, old_outputs: Properties) -> Properties:
        """The state of an object: its manifest with defaults, inputs beside it, and its name."""
        live = self.layout.from_manifest(view.manifest)
        extra = {
            field.wire_name: unwrap(inputs).get(field.wire_name, field.default)
            for field in self.layout.extra
        }
        given = {name: value for name, value in extra.items() if value is not None}
        marked: Properties = mark_secrets({**live, **given}, inputs)
        return {**marked, "fqn": view.fqn}

    def created_outputs(self, view: ObjectView, inputs: Properties) -> Properties:
        """The state of an object that was just made."""
        return self.outputs(view, inputs, {})

    def updated_outputs(
        self, view: ObjectView, inputs: Properties, old_outputs: Properties
    ) -> Properties:
        """The state of an object that was just changed."""
        return self.outputs(view, inputs, old_outputs)

    def planned_outputs(self, inputs: Properties, old_outputs: Properties) -> Properties:
        """What is known of the state before it is: a new object has no outputs yet."""
        plain = plain_ids(inputs)
        marked: Properties = mark_secrets(self.layout.normalize(unwrap(plain)), plain)
        return {**marked, "fqn": self.layout_fqn(inputs, old_outputs)}

    def layout_fqn(self, inputs: Properties, old_outputs: Properties) -> str | Unknown:
        """The name of the object: the old one where there is one, for names never change."""
        old: str | None = old_outputs.get("fqn")
        return old or self.layout.fqn(unwrap(plain_ids(inputs)))

    def await_ready(
        self, operation: Operation, view: ObjectView, inputs: Properties, outputs: Properties
    ) -> None:
        """Returns when the object is as ready as the inputs ask; raises NotReady when it is not."""

    def await_gone(self, operation: Operation, id: str) -> None:
        """Returns when nothing is left of the deleted object."""

    # ---------------------------------------------------------------------------------------------

    def wait_until_gone(self, operation: Operation, id: str) -> None:
        """Returns when the agent has removed from the cluster what the deleted object had there.

        Raises:
            WrongState: it has not within the operation's time; the agent may be away.
        """
        kind = self.layout.kind
        with translated(f"{kind} {id!r} was not removed from its cluster"):
            while True:
                try:
                    view = self.client.get(kind, id)
                except NotFound:
                    return
                what = f"the agent to remove {kind} {view.fqn!r}"
                if not operation.wait(_POLL_SECONDS, what=what):
                    raise WrongState(
                        f"{kind} {view.fqn!r} is still being removed from its cluster "
                        f"({view.status}): connect the cluster's agent and run again"
                    )

    def _inputs_in(self, properties: Properties) -> Properties:
        names = self.layout.inputs.fields()
        return {name: value for name, value in properties.items() if name in names}

    def _written(self, live: Properties, inputs: Properties | None) -> Properties:
        """What the program would have to say to get `live`, in its own words where they hold."""
        before = unwrap(inputs or {})
        normal = self.layout.normalize(before) if before else {}
        projected: Properties = project(self.layout.inputs, live, before)
        kept = {
            name: before[name]
            for name in before
            if name in projected and normal.get(name) == live.get(name)
        }
        extra = {
            f.wire_name: before[f.wire_name] for f in self.layout.extra if f.wire_name in before
        }
        marked: Properties = mark_secrets({**projected, **kept, **extra}, inputs or {})
        return marked

    def _taken_message(self, urn: str, fqn: str) -> str:
        name = urn.rpartition("::")[2]
        return (
            f"{self.layout.kind} {fqn!r} exists already and was not made by this resource: "
            f"choose another name, or adopt it with "
            f"`pulumi import {self.layout.resource_type} {name} {fqn}`"
        )


def idempotency_key(urn: str, fqn: str) -> str:
    """The key under which a resource makes its object: the same for every try."""
    return hashlib.sha256(f"{urn}\n{fqn}".encode()).hexdigest()


def secret_or_unknown(value: object) -> Secret:
    """`value` as a secret output, whether it is known or not."""
    return value if isinstance(value, Secret) else Secret(value)


def as_utc(moment: datetime | str | None) -> str | None:
    """The time in RFC 3339 with the zone UTC, so that one moment is always the same text."""
    given = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return None if given is None else given.astimezone(UTC).isoformat()


def is_triggered(name: str, inputs: Properties, old_outputs: Properties) -> bool:
    """Whether the input `name`, whose change makes something anew, was set to another value."""
    new, old = unwrap(inputs).get(name), unwrap(old_outputs).get(name)
    return new is not None and new != old


def _without_secret(failure: Failure, secrets: list[str]) -> Failure:
    """The failure, without its reason where that may repeat a secret value.

    A failure of the resource as a whole is about which properties are given, not about values.
    """
    if failure.path and any(overlap(failure.path, path) for path in secrets):
        return Failure(failure.path, "the value is not allowed; it is a secret and not shown")
    return failure


def _is_key_reused(error: Conflict) -> bool:
    return error.problem is not None and error.problem.code is ErrorCode.IDEMPOTENCY_KEY_REUSED
