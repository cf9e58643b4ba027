"""One resource of a cloud: check, diff, create, read, update, delete, without the cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from clouds.checking import check_object, parts_of
from clouds.faults import meet_faults
from clouds.outputs import Answers
from clouds.sdk_types import fields_of, is_object
from clouds.store import Fault, Record, Store
from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import (
    UNKNOWN,
    Properties,
    has_unknown,
    mark_secrets,
    plain_ids,
    unwrap,
)
from splitplane.provider.diff import Change, Diff, diff_properties
from splitplane.provider.errors import (
    Missing,
    NotReady,
    Taken,
    WrongState,
)
from splitplane.provider.paths import is_same_or_inside, join_key

DEFAULTED = "__defaults"
"""Stored input with the names of those that were made up, as the official plugins have it."""

# How the SDKs' texts say that a change makes another object.
_FORCES = re.compile(
    r"forces? (?:the )?(?:creation of )?(?:a |an )?(?:new|replacement|recreation|re-creation)"
    r"|chang\w+ [^.]{0,60} (?:recreates?|will recreate) the resource",
    re.IGNORECASE,
)
_INDEX = re.compile(r"\[\d+\]")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\[\"(.+?)\"\]")


class CloudObject:
    """The resource with one URN."""

    def __init__(self, answers: Answers, store: Store, urn: str, tags: dict[str, str]) -> None:
        self._answers = answers
        self._kind = answers.kind
        self._tables = answers.tables
        self._store = store
        self._urn = urn
        self._name = urn.split("::", 3)[3]
        self._tags = tags

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        """Names and types as the SDK has them; a name is made up where the plugins do it."""
        inputs = plain_ids({key: item for key, item in news.items() if key != DEFAULTED})
        failures = check_object(unwrap(inputs), self._kind.inputs, self._kind.required)
        field = self._answers.name_input
        if field and inputs.get(field) is None:
            old = unwrap(olds)
            if field in (old.get(DEFAULTED) or []) and old.get(field):
                name = old[field]
            else:
                prefix = unwrap(inputs).get(f"{field}Prefix")
                name = self._answers.made_up_name(self._name, self._seed(), prefix)
            inputs = {**inputs, field: name, DEFAULTED: [field]}
        return inputs, failures

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        """What the table and the SDK's own texts say about each change."""
        old, new = (_without_defaults(unwrap(plain_ids(item))) for item in (old_inputs, news))
        found = diff_properties(old, new)
        changes = {
            path: Change(change.kind, self._replaces(path, old, new))
            for path, change in found.changes.items()
        }
        field = self._answers.name_input
        is_own_name = field not in (unwrap(news).get(DEFAULTED) or [])
        keeps_name = bool(field) and is_own_name and old.get(field) == new.get(field)
        must_replace = any(change.is_replace for change in changes.values())
        return Diff(changes, delete_before_replace=must_replace and keeps_name)

    def create(self, operation: Operation, inputs: Properties) -> State:
        """The object, unless there is one with its id or a fault happens first."""
        plain = _without_defaults(unwrap(inputs))
        if operation.is_preview:
            return State("", inputs, mark_secrets(self._answers.planned(plain), inputs))
        late = self._meet_faults("create", operation)
        values = self._answers.values(plain, self._name, self._seed())
        id = self._answers.id(values, plain)
        if self._store.get(self._kind.token, id) is not None:
            raise Taken(
                f"{self._kind.token} {id!r} already exists: import it or choose another name"
            )
        made = self._outputs({**values, "id": id}, plain)
        self._store.put(Record(self._kind.token, id, self._urn, plain, made))
        self._store.count_up(self._urn)
        outputs = mark_secrets(made, inputs)
        if late is not None:
            raise NotReady([late.error], id=id, inputs=inputs, outputs=outputs)
        return State(id, inputs, outputs)

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        """The object as it is in the folder."""
        self._meet_faults("read", operation)
        found = self._store.get(self._kind.token, id)
        if found is None:
            return None
        written: Properties = {**found.inputs}
        if inputs:
            kept = {key: written.get(key) for key in _without_defaults(inputs)}
            written = {key: item for key, item in kept.items() if item is not None}
            if DEFAULTED in inputs:
                written[DEFAULTED] = unwrap(inputs[DEFAULTED])
            written = mark_secrets(written, inputs)
        return State(id, written, mark_secrets(found.outputs, written))

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        """The object has the new inputs; what was made up stays."""
        plain = _without_defaults(unwrap(plain_ids(news)))
        kept = {
            key: item
            for key, item in unwrap(old_outputs).items()
            if key not in self._kind.inputs or not self._kind.outputs[key].is_optional
        }
        if operation.is_preview:
            known = self._answers.with_inner({**kept, **plain}, unwrap(old_outputs))
            known |= dict.fromkeys(self._recomputed(unwrap(old_inputs), plain), UNKNOWN)
            planned: Properties = mark_secrets(known, news)
            return planned
        late = self._meet_faults("update", operation)
        found = self._store.get(self._kind.token, id)
        if found is None:
            raise Missing(f"{self._kind.token} {id!r} does not exist: run pulumi refresh")
        values = self._answers.values(plain, self._name, f"{self._urn}#{id}")
        fresh = self._outputs({**values, "id": id}, plain)
        merged = {**fresh, **{key: kept[key] for key in kept if key not in plain}}
        merged = self._answers.with_inner(merged, unwrap(old_outputs))
        merged |= {key: fresh[key] for key in ("tagsAll",) if key in fresh}
        self._store.put(Record(self._kind.token, id, found.urn, plain, merged))
        outputs: Properties = mark_secrets(merged, news)
        if late is not None:
            raise NotReady([late.error], id=id, inputs=news, outputs=outputs)
        return outputs

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        """The object is gone, unless it is protected or another one holds it."""
        self._meet_faults("delete", operation)
        found = self._store.get(self._kind.token, id)
        if found is None:
            return
        protection, default = self._tables.protections.get(self._kind.token, ("", False))
        if protection and found.inputs.get(protection, default):
            raise WrongState(f"{self._kind.token} {id!r} has {protection}: turn it off first")
        for hold in self._tables.holds.get(self._kind.token, ()):
            for other in self._store.all():
                if other.type == hold.holder and _points_to(other.inputs, hold.input, found):
                    raise WrongState(
                        f"{self._kind.token} {id!r} is in use by {other.type} {other.id!r}"
                    )
        self._store.remove(self._kind.token, id)

    def _seed(self) -> str:
        return f"{self._urn}#{self._store.generation(self._urn)}"

    def _outputs(self, values: dict[str, Any], inputs: Properties) -> Properties:
        found = self._answers.outputs(values, inputs)
        if "tagsAll" in self._kind.outputs:
            found["tagsAll"] = {**self._tags, **(inputs.get("tags") or {})}
        return found

    def _recomputed(self, old: Properties, new: Properties) -> Iterator[str]:
        for name, outputs in self._tables.recomputed.get(self._kind.token, {}).items():
            if old.get(name) != new.get(name):
                yield from outputs

    def _meet_faults(self, operation_name: str, operation: Operation) -> Fault | None:
        return meet_faults(self._store, operation_name, self._kind.token, self._name, operation)

    def _replaces(self, path: str, old: Properties, new: Properties) -> bool:
        """Whether any place in or below a changed one needs another object."""
        places = {
            place
            for properties in (old, new)
            for place in _leaves(_at(properties, path), _INDEX.sub("", path))
        }
        return any(self._replaces_for(place, old, new) for place in places)

    def _replaces_for(self, place: str, old: Properties, new: Properties) -> bool:
        token = self._kind.token
        for step, (before, after) in self._tables.replacing_steps.get(token, {}).items():
            if is_same_or_inside(place, step):
                return bool(_at(old, step) == before and _at(new, step) == after)
        if any(is_same_or_inside(place, item) for item in self._tables.updates.get(token, ())):
            return False
        if any(is_same_or_inside(place, item) for item in self._tables.replaces.get(token, ())):
            return True
        return place == self._answers.name_input or self._text_says_so(place)

    def _text_says_so(self, path: str) -> bool:
        fields = self._kind.inputs
        for part in path.replace('["', ".").split("."):
            field = fields.get(part)
            if field is None:
                return False
            if _FORCES.search(field.description):
                return True
            inner = [parts_of(item)[1] or (item,) for item in field.alternatives]
            owners = [item for items in inner for item in items if is_object(item)]
            if not owners:
                return False
            fields = fields_of(owners[0])
        return False


def _without_defaults(properties: Properties) -> Properties:
    return {key: item for key, item in properties.items() if key != DEFAULTED}


def _at(properties: Properties, path: str) -> Any:  # Any: a property value
    found: Any = properties
    for key, index, quoted in _STEP.findall(path):
        if index:
            is_there = isinstance(found, list) and int(index) < len(found)
            found = found[int(index)] if is_there else None
        else:
            found = found.get(key or quoted) if isinstance(found, dict) else None
    return found


def _leaves(value: Any, place: str) -> Iterator[str]:  # Any: a property value
    """The places of a value that hold no others, without the indexes of lists."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, join_key(place, key))
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, place)
    else:
        yield place


def _points_to(inputs: Properties, path: str, held: Record) -> bool:
    """Whether an input is the id or the name of the held object, or a list with it."""
    value = _at(inputs, path)
    meant = {held.id, held.outputs.get("name"), held.outputs.get("arn")} - {None}
    values = value if isinstance(value, list) else [value]
    return any(not has_unknown(item) and item in meant for item in values if item is not None)
