"""Random allowed inputs of a resource, made of its layout and of the values in `kinds_table`.

A text that may be anything is anything; a text with rules, and a name of another object, is one of
the values in the table or near one of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st
from kinds_table import Case
from property_positions import get_at, other_values, positions_in, put_at
from pydantic import ValidationError

from splitplane.provider.codec import Properties
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.shapes import Shape, to_model

Values = st.SearchStrategy[Any]

# A text that no rule lets through.
_ANY_TEXT = "Any text, with Ünïcode: 1/2 !"
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20
).filter(lambda text: text == text.strip())


class InputStrategies:
    """Makes the strategy for the inputs of one kind of resource.

    Attributes:
        case: values, and which places name other objects.
        layout: shapes.
        samples: allowed inputs whose references exist.
    """

    def __init__(self, case: Case, layout: Layout, samples: Iterable[Properties]) -> None:
        self.case = case
        self.layout = layout
        self.samples = list(samples)
        self._seen: dict[str, list[Any]] = defaultdict(list)
        for inputs in self.samples:
            for position in positions_in(layout.inputs, inputs):
                value = get_at(inputs, position.steps)
                if value not in self._seen[position.name]:
                    self._seen[position.name].append(value)
        self._references = {_name_of(path) for path in case.references}

    def inputs(self, fixed: Properties) -> st.SearchStrategy[Properties]:
        """Allowed inputs that have the values of `fixed`."""
        fields = self.layout.inputs.fields()
        variants = [v.name for v in self.layout.variants if v.name in self._seen]
        plain = {
            name: self._value(field.shape, name)
            for name, field in fields.items()
            if name in self._seen and name not in variants and name not in fixed
        }
        required = {name: s for name, s in plain.items() if fields[name].is_required}
        optional = {name: s for name, s in plain.items() if name not in required}
        kept = {name: st.just(value) for name, value in fixed.items() if name not in variants}
        chosen = [
            st.fixed_dictionaries(
                {**kept, **required, name: self._value(fields[name].shape, name)},
                optional=optional,
            )
            for name in variants
        ]
        whole = chosen or [st.fixed_dictionaries({**kept, **required}, optional=optional)]
        return st.one_of(whole).filter(lambda inputs: not self.layout.failures(inputs))

    def _value(self, shape: Shape, name: str) -> Values:
        seen = st.sampled_from(self._seen[name])
        if name in self._references or (not shape.fields() and name in self._beside):
            return seen
        if shape.kind == "object":
            return seen | self._object(shape, name)
        inner = f"{name}[]"
        if shape.items is not None and inner in self._seen:
            items = self._value(shape.items, inner)
            if shape.kind == "array":
                return seen | st.lists(items, max_size=3, unique_by=_key_of(shape.items))
            keys = sorted({key for value in self._seen[name] for key in value})
            return seen | st.dictionaries(st.sampled_from(keys), items, max_size=3)
        return seen | self._scalar(shape, name)

    @property
    def _beside(self) -> set[str]:
        return {field.wire_name for field in self.layout.extra}

    def _object(self, shape: Shape, name: str) -> Values:
        required: dict[str, Values] = {}
        optional: dict[str, Values] = {}
        for key, field in shape.fields().items():
            inner = f"{name}.{key}"
            if inner in self._seen:
                (required if field.is_required else optional)[key] = self._value(field.shape, inner)
        made = st.fixed_dictionaries(required, optional=optional)
        return made.filter(lambda value: _is_allowed(shape, value))

    def _scalar(self, shape: Shape, name: str) -> Values:
        if shape.kind == "boolean":
            return st.booleans()
        near = [
            other
            for value in self._seen[name]
            for other in other_values(shape, value)
            if self._is_allowed_at(name, other)
        ]
        if shape.kind == "string" and not shape.allowed and self._is_allowed_at(name, _ANY_TEXT):
            return _TEXT
        return st.sampled_from(near) if near else st.nothing()

    def _is_allowed_at(self, name: str, value: Any) -> bool:
        """Whether the layout allows the value where a sample has another."""
        for inputs in self.samples:
            for position in positions_in(self.layout.inputs, inputs):
                if position.name == name:
                    changed = put_at(inputs, position.steps, value)
                    return not self.layout.failures(changed)
        return False


def _key_of(shape: Shape) -> Callable[[Any], str]:
    """What no two items of a list may share: what each has to have, such as whom it is about."""
    required = [name for name, field in shape.fields().items() if field.is_required]

    def key(value: Any) -> str:
        parts = {name: value[name] for name in required} if required else value
        return json.dumps(parts, sort_keys=True)

    return key


def _name_of(path: str) -> str:
    return "[]".join(part.partition("]")[2] if "]" in part else part for part in path.split("["))


def _is_allowed(shape: Shape, value: Any) -> bool:
    if shape.model is None:
        return True
    try:
        # Models of variants get the tag from their own default.
        shape.model.model_validate(to_model(shape, value))
    except ValidationError as error:
        return all(detail["loc"] in [(name,) for name in shape.hidden] for detail in error.errors())
    return True
