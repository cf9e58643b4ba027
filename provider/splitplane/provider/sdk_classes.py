"""The text of the Python classes, made from the layouts: one module a resource, one for what nests.

What is written is ordinary code with types and docstrings, to be read and stepped through; only its
formatting is left to the formatter.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from splitplane.provider.kinds.layout import Layout
from splitplane.provider.shapes import Field, Shape

_WIDTH: Final = 98
_SCALARS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_PACKAGE: Final = "splitplane.resources.package"


def snake_case(name: str) -> str:
    """`mlRepos` as `ml_repos`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def class_name(layout: Layout) -> str:
    """`MlRepo` of `splitplane:index:MlRepo`."""
    return layout.resource_type.rpartition(":")[2]


def args_name(shape: Shape) -> str:
    """Name of the class of a nested input."""
    assert shape.model is not None, "only models have classes of their own"
    return f"{shape.model.__name__.removesuffix('Manifest')}Args"


def resource_module(layout: Layout) -> str:
    """The module of one resource, not formatted yet."""
    name = class_name(layout)
    fields = _required_first(layout.inputs.fields().values())
    body = [
        f'"""The {name} resource; written by `python -m splitplane.provider.sdk`."""',
        "from __future__ import annotations",
        _imports(layout, fields),
        _inputs_class(name, fields),
        _head(layout),
        _constructor(layout, fields),
        _look_up(layout),
        *_getters(layout, fields),
    ]
    return "\n\n".join(body) + "\n"


def nested_inputs(layouts: Iterable[Layout]) -> dict[str, Shape]:
    """Class name → shape of every nested input, inner ones first."""
    found: dict[str, Shape] = {}
    for layout in layouts:
        for field in layout.inputs.fields().values():
            _collect(field.shape, found)
    return found


def nested_module(shapes: dict[str, Shape]) -> str:
    """The module of the nested inputs, not formatted yet."""
    fields = [field for shape in shapes.values() for field in shape.fields().values()]
    body = [
        '"""Nested inputs of the resources; written by `python -m splitplane.provider.sdk`.\n\n'
        "Defaults are the control plane's and are described here; what is left out here is left "
        'out there\ntoo.\n"""',
        "from __future__ import annotations",
        "\n".join(
            [
                *_abstract_imports(fields, with_outputs=False),
                "import pulumi",
                "from pulumi import Input",
                f"from {_PACKAGE} import input_type",
            ]
        ),
        *(_nested_class(name, shape) for name, shape in shapes.items()),
    ]
    return "\n\n".join(body) + "\n"


def input_hint(field: Field) -> str:
    """The annotation of a field as an input."""
    hint = f"Input[{_input_of(field.shape)}]"
    return hint if field.is_required else f"{hint} | None"


def _required_first(fields: Iterable[Field]) -> list[Field]:
    return sorted(fields, key=lambda field: not field.is_required)


def _imports(layout: Layout, fields: list[Field]) -> str:
    nested = sorted({args_name(shape) for field in fields for shape in _objects(field.shape)})
    lines = [
        *_abstract_imports(fields, with_outputs=True),
        "from typing import Any, Final" if nested else "from typing import Final",
        "import pulumi",
        "from pulumi import Input, Output",
        f"from {_PACKAGE} import input_type, look_up, output_of, with_outputs",
    ]
    if nested:
        lines.insert(-1, f"from splitplane.resources.inputs import {', '.join(nested)}")
    return "\n".join(lines)


def _abstract_imports(fields: Iterable[Field], *, with_outputs: bool) -> list[str]:
    kinds = {shape.kind for field in fields for shape in _walk(field.shape)}
    names = [n for n, kind in (("Mapping", "map"), ("Sequence", "array")) if kind in kinds]
    return [f"from collections.abc import {', '.join(names)}"] if names else []


def _inputs_class(name: str, fields: list[Field]) -> str:
    return "\n".join(
        [
            "@input_type",
            f"class _{name}Inputs:",
            '    """Inputs as the engine gets them; described at the resource."""\n',
            *(f"    {_property(field)}" for field in fields),
        ]
    )


def _nested_class(name: str, shape: Shape) -> str:
    assert shape.model is not None, "only models have classes of their own"
    fields = _required_first(shape.fields().values())
    names = python_names(fields)
    lines = ["@input_type", f"class {name}:", _docstring(shape.model.__doc__ or "", 4), ""]
    for field in fields:
        lines += [f"    {_property(field)}", _docstring(names(_described(field)), 4)]
    return "\n".join(lines)


def _property(field: Field) -> str:
    default = "" if field.is_required else ", default=None"
    name = snake_case(field.wire_name)
    return f'{name}: {input_hint(field)} = pulumi.property("{field.wire_name}"{default})'


def _head(layout: Layout) -> str:
    names = python_names(layout.inputs.fields().values(), layout.computed)
    return "\n".join(
        [
            f"class {class_name(layout)}(pulumi.CustomResource):",
            _docstring(names(layout.description), 4),
            "",
            f'    pulumi_type: Final = "{layout.resource_type}"',
            '    """Type of the resource in the engine."""',
        ]
    )


def _constructor(layout: Layout, fields: list[Field]) -> str:
    name = class_name(layout)
    computed = ", ".join(f'"{snake_case(name)}"' for name, _ in layout.computed)
    described = python_names(fields, layout.computed)
    lines = ["    def __init__(", "        self,", "        resource_name: str,", "        *,"]
    for field in fields:
        default = "" if field.is_required else " = None"
        lines.append(f"        {snake_case(field.wire_name)}: {input_hint(field)}{default},")
    lines += [
        "        opts: pulumi.ResourceOptions | None = None,",
        "    ) -> None:",
        f'        """Registers the {words(layout)}.\n',
        "        Args:",
        "            resource_name: Its name in the stack.",
        *(
            _wrapped(f"{snake_case(f.wire_name)}: {described(_described(f))}", 12, hanging=4)
            for f in fields
        ),
        "            opts: Options of the resource.",
        '        """',
        f"        inputs = _{name}Inputs(",
        *(f"            {(n := snake_case(f.wire_name))}={n}," for f in fields),
        "        )",
        f"        outputs = with_outputs(inputs, {computed})",
        f"        super().__init__({name}.pulumi_type, resource_name, outputs, opts)",
    ]
    return "\n".join(lines)


def _look_up(layout: Layout) -> str:
    name = class_name(layout)
    text = _docstring(
        f"The {words(layout)} that exists with this id or fully qualified name.\n\n"
        "It is read and not managed: the stack neither changes nor deletes it.",
        8,
    )
    return "\n".join(
        [
            "    @staticmethod",
            "    def get(resource_name: str, id: Input[str], "
            f"opts: pulumi.ResourceOptions | None = None) -> {name}:",
            text,
            f"        return look_up({name}, _{name}Inputs, resource_name, id, opts)",
        ]
    )


def _getters(layout: Layout, fields: list[Field]) -> Iterator[str]:
    described = python_names(fields, layout.computed)
    for field in fields:
        is_always = field.is_required or field.default is not None
        hint = _output_of(field.shape)
        hint = hint if is_always or hint == "Any" else f"{hint} | None"
        yield _getter(field.wire_name, hint, described(_described(field)))
    for output, description in layout.computed:
        hint = "str | None" if output in layout.secrets | layout.optional else "str"
        yield _getter(output, hint, described(description))


def _getter(wire_name: str, hint: str, description: str) -> str:
    name = snake_case(wire_name)
    translated = f'(name="{wire_name}")' if name != wire_name else ""
    return "\n".join(
        [
            "    @property",
            f"    @pulumi.getter{translated}",
            f"    def {name}(self) -> Output[{hint}]:",
            _docstring(description, 8),
            f'        return output_of(self, "{name}")',
        ]
    )


def _described(field: Field) -> str:
    text = field.description
    if field.shape.allowed:
        text += f" Allowed: {', '.join(f'`{value}`' for value in field.shape.allowed)}."
    if isinstance(field.default, bool | int | float | str) and field.default != "":
        shown = field.default if isinstance(field.default, bool) else json.dumps(field.default)
        text += f" Default: `{shown}`."
    return text.strip()


def python_names(
    fields: Iterable[Field], computed: Iterable[tuple[str, str]] = ()
) -> Callable[[str], str]:
    """What writes the names of properties in a text as Python has them."""
    wire_names = {field.wire_name for field in fields}
    wire_names |= {name for name, _ in computed}

    def written(text: str) -> str:
        return re.sub(
            r"`([a-z][A-Za-z0-9]*)`",
            lambda match: f"`{snake_case(match[1])}`" if match[1] in wire_names else match[0],
            text,
        )

    return written


def words(layout: Layout) -> str:
    """The kind as prose: `ML repo`."""
    return layout.kind.replace("-", " ").replace("ml ", "ML ")


def _input_of(shape: Shape) -> str:
    if shape.kind == "object":
        return args_name(shape)
    if shape.items is None:
        return _SCALARS[shape.kind]
    inner = f"Input[{_input_of(shape.items)}]"
    return f"Sequence[{inner}]" if shape.kind == "array" else f"Mapping[str, {inner}]"


def _output_of(shape: Shape) -> str:
    if shape.kind == "object":
        return "Any"
    if shape.items is None:
        return _SCALARS[shape.kind]
    inner = _output_of(shape.items)
    return f"Sequence[{inner}]" if shape.kind == "array" else f"Mapping[str, {inner}]"


def _walk(shape: Shape) -> Iterator[Shape]:
    yield shape
    if shape.items is not None:
        yield from _walk(shape.items)


def _objects(shape: Shape) -> Iterator[Shape]:
    return (item for item in _walk(shape) if item.kind == "object")


def _collect(shape: Shape, found: dict[str, Shape]) -> None:
    for item in _objects(shape):
        for field in item.fields().values():
            _collect(field.shape, found)
        found.setdefault(args_name(item), item)


def _docstring(text: str, indent: int) -> str:
    first, *rest = [" ".join(part.split()) for part in text.split("\n\n")]
    # Opening and closing quotes are three characters each.
    summary, more = _summary(first, _WIDTH - indent - 3 - (0 if rest else 3))
    start = " " * indent
    lines = [
        textwrap.fill(part, _WIDTH, initial_indent=start, subsequent_indent=start)
        for part in (more, *rest)
        if part
    ]
    opening = f'{start}"""{summary}'
    return "\n\n".join([opening, *lines]) + f'\n{start}"""' if lines else f'{opening}"""'


def _summary(text: str, width: int) -> tuple[str, str]:
    """The start of the text that fits in one line, as a sentence, and the rest."""
    if len(text) <= width:
        return text, ""
    for mark in (". ", "; ", ": ", ", "):
        at = text.rfind(mark, 0, width) if mark != ". " else text.find(mark, 0, width)
        if at > 0:
            rest = text[at + len(mark) :]
            return f"{text[:at]}.", rest[:1].upper() + rest[1:]
    raise ValueError(f"{text!r} does not start with a sentence of at most {width} characters")


def _wrapped(text: str, indent: int, *, hanging: int) -> str:
    start = " " * indent
    return textwrap.fill(
        text, _WIDTH, initial_indent=start, subsequent_indent=start + " " * hanging
    )
