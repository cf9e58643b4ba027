"""What an example program is, in no language: steps, where their values come from, and outputs.

Names of properties are those of the schema. Names of steps are one lower-case word, so that they
are variables in every language as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Ref:
    """An output of an earlier step.

    Attributes:
        step: name of the step.
        output: name of the output in the schema.
    """

    step: str
    output: str


@dataclass(frozen=True)
class Setting:
    """A value of the stack's configuration.

    Attributes:
        name: its key in the project's namespace.
        is_secret: whether it is kept encrypted.
    """

    name: str
    is_secret: bool = False


Value: TypeAlias = "str | int | bool | Ref | Setting | Sequence[Value] | Mapping[str, Value]"
Inputs: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True)
class Resource:
    """A resource or component that the program registers.

    Attributes:
        type: last part of its type, such as `Cluster`.
        name: its variable and its name in the stack.
        inputs: its inputs.
    """

    type: str
    name: str
    inputs: Inputs = field(default_factory=dict[str, Value])


@dataclass(frozen=True)
class Call:
    """A function of the provider that the program calls with outputs as arguments.

    Attributes:
        function: last part of its token, such as `getCluster`.
        name: variable of the result.
        inputs: its arguments.
    """

    function: str
    name: str
    inputs: Inputs = field(default_factory=dict[str, Value])


@dataclass(frozen=True)
class Method:
    """A method of a component that the program calls.

    Attributes:
        type: last part of the component's type.
        of: step that made the component.
        method: name of the method, such as `workspaceNamespace`.
        name: variable of the result.
        inputs: its arguments.
    """

    type: str
    of: str
    method: str
    name: str
    inputs: Inputs = field(default_factory=dict[str, Value])


Step: TypeAlias = Resource | Call | Method


@dataclass(frozen=True)
class Example:
    """A small complete program.

    Attributes:
        title: what it shows, in a few words.
        steps: what it does, in order.
        outputs: outputs of the stack by name.
    """

    title: str
    steps: tuple[Step, ...]
    outputs: Mapping[str, Ref]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What of the stack's configuration it reads, each once."""
        found = dict.fromkeys(setting for step in self.steps for setting in _settings(step.inputs))
        return tuple(found)

    def step(self, name: str) -> Step:
        """The step of that name; StopIteration when there is none."""
        return next(step for step in self.steps if step.name == name)

    def is_used(self, name: str) -> bool:
        """Whether a later step or an output refers to the step."""
        used = {ref.step for step in self.steps for ref in _refs(step.inputs)}
        used |= {step.of for step in self.steps if isinstance(step, Method)}
        return name in used | {ref.step for ref in self.outputs.values()}


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _settings(inputs: Inputs) -> Iterator[Setting]:
    return (leaf for leaf in _leaves(inputs) if isinstance(leaf, Setting))


def _refs(inputs: Inputs) -> Iterator[Ref]:
    return (leaf for leaf in _leaves(inputs) if isinstance(leaf, Ref))
