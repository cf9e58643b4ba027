"""The text of the Python functions and of the classes of their results, made from their table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from splitplane.provider.functions import FUNCTIONS, Function
from splitplane.provider.sdk_classes import args_name, input_hint, python_names, snake_case
from splitplane.provider.shapes import Field, Shape

_WIDTH: Final = 98
_SCALARS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_RESULTS: Final = "results"
_FUNCTIONS: Final = "functions"


def function_modules() -> dict[str, str]:
    """Module → text, not formatted yet."""
    return {_RESULTS: _results_module(), _FUNCTIONS: _functions_module()}


def function_exports() -> dict[str, str]:
    """Name that programs import → module."""
    functions = [_python_name(f) for f in FUNCTIONS.values()]
    results = [*_nested(), *(_result_name(f) for f in FUNCTIONS.values())]
    named = [*functions, *(f"{name}_output" for name in functions)]
    return dict.fromkeys(results, _RESULTS) | dict.fromkeys(named, _FUNCTIONS)


def _results_module() -> str:
    body = [
        '"""What the functions give; written by `python -m splitplane.provider.sdk`."""',
        "from __future__ import annotations",
        "from collections.abc import Mapping, Sequence",
        "from typing import Any",
        "import pulumi",
        "from splitplane.resources.invoking import result_type",
        *(_result_class(n, _doc(s), list(s.fields().values())) for n, s in _nested().items()),
        *(
            _result_class(_result_name(f), f"What `{_python_name(f)}` gives.", list(f.outputs))
            for f in FUNCTIONS.values()
        ),
    ]
    return "\n\n".join(body) + "\n"


def _functions_module() -> str:
    nested = {
        args_name(shape)
        for function in FUNCTIONS.values()
        for field in function.inputs
        for shape in _walk(field.shape)
        if shape.kind == "object"
    }
    results = ", ".join(_result_name(f) for f in FUNCTIONS.values())
    body = [
        '"""The functions; written by `python -m splitplane.provider.sdk`.\n\n'
        "Each exists twice: with plain values it answers at once, and the one that ends in\n"
        '`_output` takes outputs of resources, waits for them, and gives an output.\n"""',
        "from __future__ import annotations",
        "from collections.abc import Sequence",
        "import pulumi",
        "from pulumi import Input, Output",
        f"from splitplane.resources.inputs import {', '.join(sorted(nested))}",
        "from splitplane.resources.invoking import call, call_output",
        f"from splitplane.resources.results import {results}",
        *(text for f in FUNCTIONS.values() for text in (_plain(f), _output(f))),
    ]
    return "\n\n".join(body) + "\n"


def _plain(function: Function) -> str:
    return _definition(function, _python_name(function), "InvokeOptions", is_output=False)


def _output(function: Function) -> str:
    return _definition(
        function, f"{_python_name(function)}_output", "InvokeOutputOptions", is_output=True
    )


def _definition(function: Function, name: str, options: str, *, is_output: bool) -> str:
    fields = sorted(function.inputs, key=lambda field: not field.is_required)
    described = python_names([*function.inputs, *function.outputs])
    result = _result_name(function)
    hint = f"Output[{result}]" if is_output else result
    text = described(function.description)
    if is_output:
        text = f"As `{_python_name(function)}`, once its arguments are known."
    lines = [f"def {name}("]
    for field in fields:
        default = "" if field.is_required else " = None"
        annotation = input_hint(field) if is_output else _plain_hint(field)
        lines.append(f"    {snake_case(field.wire_name)}: {annotation}{default},")
    lines += [
        f"    opts: pulumi.{options} | None = None,",
        f") -> {hint}:",
        _docstring(text, 4, ends=False),
        "",
        "    Args:",
        *(
            _wrapped(f"{snake_case(field.wire_name)}: {described(_described(field))}", 8)
            for field in fields
        ),
        "        opts: Options of the call.",
        '    """',
        "    arguments = {",
        *(f'        "{field.wire_name}": {snake_case(field.wire_name)},' for field in fields),
        "    }",
        f"    return {'call_output' if is_output else 'call'}"
        f'("{function.token}", arguments, {result}, opts)',
    ]
    return "\n".join(lines)


def _result_class(name: str, text: str, fields: list[Field]) -> str:
    described = python_names(fields)
    ordered = sorted(fields, key=lambda field: not _is_always_there(field))
    lines = ["@result_type", f"class {name}:", _docstring(text, 4), ""]
    for field in ordered:
        hint = _result_of(field.shape)
        default = ""
        if not _is_always_there(field):
            hint, default = f"{hint} | None", ", default=None"
        wire_name = field.wire_name
        lines += [
            f'    {snake_case(wire_name)}: {hint} = pulumi.property("{wire_name}"{default})',
            _docstring(described(field.description), 4),
        ]
    return "\n".join(lines)


def _nested() -> dict[str, Shape]:
    """Class name → shape of what is nested in results, inner ones first."""
    found: dict[str, Shape] = {}

    def collect(shape: Shape) -> None:
        for item in _walk(shape):
            if item.kind != "object":
                continue
            for field in item.fields().values():
                collect(field.shape)
            found.setdefault(_nested_name(item), item)

    for function in FUNCTIONS.values():
        for field in function.outputs:
            collect(field.shape)
    return found


def _walk(shape: Shape) -> Iterator[Shape]:
    yield shape
    if shape.items is not None:
        yield from _walk(shape.items)


def _result_of(shape: Shape) -> str:
    if shape.kind == "object":
        return _nested_name(shape)
    if shape.kind in ("array", "map"):
        inner = "Any" if shape.items is None else _result_of(shape.items)
        return f"Sequence[{inner}]" if shape.kind == "array" else f"Mapping[str, {inner}]"
    return _SCALARS[shape.kind]


def _plain_hint(field: Field) -> str:
    hint = _plain_of(field.shape)
    return hint if field.is_required else f"{hint} | None"


def _plain_of(shape: Shape) -> str:
    if shape.kind == "object":
        return args_name(shape)
    if shape.kind == "array" and shape.items is not None:
        return f"Sequence[{_plain_of(shape.items)}]"
    return _SCALARS[shape.kind]


def _nested_name(shape: Shape) -> str:
    return f"{args_name(shape).removesuffix('Args')}Result"


def _python_name(function: Function) -> str:
    return snake_case(function.token.rpartition(":")[2])


def _result_name(function: Function) -> str:
    name = function.token.rpartition(":")[2]
    return f"{name[:1].upper()}{name[1:]}Result"


def _is_always_there(field: Field) -> bool:
    return field.is_required or field.default is not None


def _doc(shape: Shape) -> str:
    return (shape.model.__doc__ or "") if shape.model is not None else ""


def _described(field: Field) -> str:
    text = field.description
    if field.shape.allowed:
        text += f" Allowed: {', '.join(f'`{value}`' for value in field.shape.allowed)}."
    if isinstance(field.default, bool | int | float | str) and field.default != "":
        text += f" Default: `{field.default}`."
    return text


def _docstring(text: str, indent: int, *, ends: bool = True) -> str:
    """The text as a docstring: a first sentence on one line, then the rest."""
    start = " " * indent
    flat = " ".join(text.split())
    first, rest = flat, ""
    if len(flat) > _WIDTH - indent - 6:
        places = (flat.find(mark, 0, _WIDTH - indent - 4) for mark in (". ", "; ", ": ", ", "))
        at = next(place for place in places if place > 0)
        first, rest = f"{flat[:at]}.", flat[at + 2 :]
        rest = rest[:1].upper() + rest[1:]
    lines = [f'{start}"""{first}']
    if rest:
        lines += ["", _wrapped(rest, indent, hanging=0)]
    if not ends:
        return "\n".join(lines)
    return "\n".join([*lines, f'{start}"""']) if rest else f'{lines[0]}"""'


def _wrapped(text: str, indent: int, *, hanging: int = 4) -> str:
    start = " " * indent
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=start + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
