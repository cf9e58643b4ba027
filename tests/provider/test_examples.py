"""Every part of the package has an example whose programs say what the schema has."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from splitplane.provider.examples import EXAMPLES, LANGUAGES, programs
from splitplane.provider.examples.layout import Block, render, row
from splitplane.provider.examples.model import Example, Method, Ref, Resource
from splitplane.provider.examples.names import pascal_case, snake_case
from splitplane.provider.examples.typed import Entries, Items, Object, Schema, Typed
from splitplane.provider.schema import PATH

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
PREFIX = "splitplane:index:"
METHODS = sorted(token for token in SCHEMA["functions"] if "/" in token)
TOKENS = sorted({*SCHEMA["resources"], *SCHEMA["functions"]} - set(METHODS))
NAMES = sorted(set(EXAMPLES) & {token.removeprefix(PREFIX) for token in TOKENS})
RESOURCES = [token.removeprefix(PREFIX) for token in SCHEMA["resources"]]
FUNCTIONS = [token.removeprefix(PREFIX) for token in SCHEMA["functions"] if "/" not in token]
ENUMERATIONS = {
    token.removeprefix(PREFIX): [value["name"] for value in spec["enum"]]
    for token, spec in SCHEMA["types"].items()
    if "enum" in spec
}
VARIABLE = re.compile(r"[a-z]+")
# Words of the languages and of the programs around the steps.
TAKEN = {
    *("config", "pulumi", "splitplane", "err", "ctx", "cfg", "package", "import", "object"),
    *("default", "string", "class", "new", "var", "const", "type", "func", "map", "range"),
}
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def program(name: str, language: str) -> str:
    return programs(EXAMPLES[name], SCHEMA)[language]


def properties() -> set[str]:
    """Every name of a property anywhere in the schema."""
    found: set[str] = set()
    for spec in [*SCHEMA["resources"].values(), *SCHEMA["types"].values()]:
        found |= set(spec.get("properties", {})) | set(spec.get("inputProperties", {}))
    for spec in SCHEMA["functions"].values():
        for side in ("inputs", "outputs"):
            found |= set(spec.get(side, {}).get("properties", {}))
    return found


def steps() -> Iterator[Any]:
    for name in NAMES:
        for step in EXAMPLES[name].steps:
            yield pytest.param(name, step.name, id=f"{name}-{step.name}")


@pytest.mark.parametrize("token", TOKENS)
def test_every_resource_function_and_component_has_an_example(token: str) -> None:
    name = token.removeprefix(PREFIX)
    hint = "add one to splitplane.provider.examples.catalogue"

    assert name in EXAMPLES, hint
    assert name in [getattr(s, "type", getattr(s, "function", "")) for s in EXAMPLES[name].steps]


@pytest.mark.parametrize("token", METHODS)
def test_the_example_of_a_component_calls_its_methods(token: str) -> None:
    component, _, method = token.removeprefix(PREFIX).partition("/")
    called = [step.method for step in EXAMPLES[component].steps if isinstance(step, Method)]

    assert method in called


def test_no_example_is_for_something_that_is_not_there() -> None:
    assert sorted(EXAMPLES) == NAMES


@pytest.mark.parametrize(("name", "step"), list(steps()))
def test_a_step_is_a_variable_in_every_language(name: str, step: str) -> None:
    assert VARIABLE.fullmatch(step)
    assert step not in TAKEN
    assert step not in EXAMPLES[name].outputs


@pytest.mark.parametrize("name", NAMES)
def test_each_language_has_a_program(name: str) -> None:
    found = programs(EXAMPLES[name], SCHEMA)

    assert list(found) == list(LANGUAGES)
    assert [language for language, text in found.items() if not text.endswith("\n")] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_python_program_imports_what_there_is(name: str) -> None:
    tree = ast.parse(program(name, "python"))

    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            assert [a.name for a in node.names if not hasattr(module, a.name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_python_program_is_formatted(name: str) -> None:
    text = program(name, "python")
    ruff = str(Path(sys.executable).with_name("ruff"))
    run = [ruff, "format", "--isolated", "--line-length", "88", "-"]
    done = subprocess.run(run, input=text, capture_output=True, text=True, check=True)

    assert done.stdout == text


@pytest.mark.parametrize("name", NAMES)
def test_typescript_names_things_as_its_package_does(name: str) -> None:
    text = TEXT.sub('""', program(name, "typescript"))
    keys = set(re.findall(r"(\w+): ", text))
    functions = {f"{function}Output" for function in FUNCTIONS}

    assert keys <= properties() | chosen(name)
    assert set(re.findall(r"splitplane\.(\w+)", text)) <= {*RESOURCES, *ENUMERATIONS, *functions}
    assert outputs(text) <= properties() | {token.partition("/")[2] for token in METHODS}
    assert members(text) <= {(e, value) for e, values in ENUMERATIONS.items() for value in values}


@pytest.mark.parametrize("name", NAMES)
def test_go_names_things_as_its_package_does(name: str) -> None:
    text = TEXT.sub('""', program(name, "go"))
    keys = set(re.findall(r"(\w+):\s+\S", text))
    types = [token.removeprefix(PREFIX) for token in SCHEMA["types"]]
    functions = [pascal_case(function) for function in FUNCTIONS]
    methods = [token.removeprefix(PREFIX).split("/") for token in METHODS]
    functions += [function.replace("Get", "Lookup", 1) for function in functions]

    assert keys <= {pascal_case(item) for item in properties()}
    assert set(re.findall(r"splitplane\.(\w+)", text)) <= {
        *(f"New{resource}" for resource in RESOURCES),
        *(f"{kind}{end}" for kind in (*RESOURCES, *types) for end in ("Args", "Array", "Map")),
        *(f"{function}{end}" for function in functions for end in ("Output", "OutputArgs")),
        *(f"{component}{pascal_case(method)}Args" for component, method in methods),
        *(f"{enum}{value}" for enum, values in ENUMERATIONS.items() for value in values),
    }


@pytest.mark.parametrize("name", NAMES)
def test_csharp_names_things_as_its_package_does(name: str) -> None:
    text = TEXT.sub('""', program(name, "csharp"))
    keys = set(re.findall(r"(?:^\s+|{ |, )(\w+) = ", text, re.MULTILINE))
    types = [token.removeprefix(PREFIX) for token in SCHEMA["types"]]

    assert keys <= {pascal_case(item) for item in properties()}
    assert set(re.findall(r"Sp\.(?!Inputs)(\w+)", text)) <= {
        *RESOURCES,
        *ENUMERATIONS,
        *map(pascal_case, FUNCTIONS),
    }
    assert set(re.findall(r"Sp\.Inputs\.(\w+)", text)) <= {f"{kind}Args" for kind in types}
    assert members(text) <= {(e, value) for e, values in ENUMERATIONS.items() for value in values}


@pytest.mark.parametrize("name", NAMES)
def test_yaml_is_a_project_that_fits_the_schema(name: str) -> None:
    project = yaml.safe_load(program(name, "yaml"))
    resources, variables = project.get("resources", {}), project.get("variables", {})
    known = {*resources, *variables, *project.get("config", {})}

    assert project["runtime"] == "yaml"
    for node in resources.values():
        spec = SCHEMA["resources"][node["type"].replace(":", ":index:")]
        given = node.get("properties", {})
        check_object(given, spec["inputProperties"], spec["requiredInputs"])
    for node in variables.values():
        call = node["fn::invoke"]
        spec = SCHEMA["functions"][call["function"].replace(":", ":index:")]["inputs"]
        check_object(call.get("arguments", {}), spec["properties"], spec.get("required", []))
    references = re.findall(r"\$\{(\w+)(?:\.(\w+))?\}", program(name, "yaml"))
    assert {step for step, _ in references} <= known
    assert {output for _, output in references if output} <= properties()


@pytest.mark.skipif(shutil.which("gofmt") is None, reason="gofmt is not on PATH")
@pytest.mark.parametrize("name", NAMES)
def test_the_go_program_is_formatted(name: str, tmp_path: Path) -> None:
    file = tmp_path / "main.go"
    file.write_text(program(name, "go"))

    done = subprocess.run(["gofmt", "-d", file], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("", "")


def check_object(given: dict[str, Any], specs: dict[str, Any], required: list[str]) -> None:
    assert set(required) <= set(given) <= set(specs)
    for key, value in given.items():
        check_value(value, specs[key])


def check_value(value: Any, spec: dict[str, Any]) -> None:  # Any: YAML
    if str(value).startswith("${"):
        return
    if "$ref" in spec:
        named = SCHEMA["types"][spec["$ref"].removeprefix("#/types/")]
        if "enum" in named:
            assert value in [item["value"] for item in named["enum"]]
        else:
            check_object(value, named["properties"], named["required"])
    elif spec["type"] == "array":
        for item in value:
            check_value(item, spec["items"])
    elif spec["type"] == "object":
        for item in value.values():
            check_value(item, spec["additionalProperties"])
    else:
        expected = {"string": str, "integer": int, "boolean": bool, "number": float}
        assert type(value) is expected[spec["type"]]


def chosen(name: str) -> set[str]:
    """Keys of mappings, which the example's author chose."""
    found: set[str] = set()

    def visit(value: Typed) -> None:
        match value:
            case Entries(entries=entries):
                found.update(key for key, _ in entries)
                for _, item in entries:
                    visit(item)
            case Items(items=items):
                for item in items:
                    visit(item)
            case Object(properties=inner):
                for _, item in inner:
                    visit(item)
            case _:
                pass

    for step in EXAMPLES[name].steps:
        for _, value in Schema(SCHEMA).inputs(step):
            visit(value)
    return found


def outputs(text: str) -> set[str]:
    """What is read from the variables of steps."""
    return set(re.findall(r"\b(?!splitplane\b|config\b|pulumi\b)[a-z]+\.(\w+)", text))


def members(text: str) -> set[tuple[str, str]]:
    """Enumeration and value of each value that is named."""
    pattern = rf"\.({'|'.join(ENUMERATIONS)})\.(\w+)"
    return {(enum, value) for enum, value in re.findall(pattern, text)}


def test_names_change_their_casing() -> None:
    assert snake_case("cpuLimitMillicores") == "cpu_limit_millicores"
    assert snake_case("s3") == "s3"
    assert pascal_case("cpuLimitMillicores") == "CpuLimitMillicores"


def test_a_line_is_broken_where_it_does_not_fit() -> None:
    code = row("x = ", Block("f(", ("one", Block("[", ("two", "three"), "]")), ")"))

    assert render(code, width=24) == "x = f(one, [two, three])"
    assert render(code, width=23) == "x = f(\n    one,\n    [two, three],\n)"
    assert render(code, width=14) == (
        "x = f(\n    one,\n    [\n        two,\n        three,\n    ],\n)"
    )


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Resource("Nothing", "it"), "no 'Nothing'"),
        (Resource("Environment", "it", {"name": "dev", "nam": "x"}), r"unknown \['nam'\]"),
        (Resource("Environment", "it"), r"missing \['name'\]"),
        (Resource("Environment", "it", {"name": 1}), "1 is no string"),
        (Resource("Environment", "it", {"name": "dev", "optimizeFor": "speed"}), "no value of"),
    ],
    ids=["type", "property", "required", "kind", "choice"],
)
def test_what_the_schema_does_not_have_is_not_printed(step: Resource, reason: str) -> None:
    example = Example(title="", steps=(step,), outputs={})

    with pytest.raises(ValueError, match=reason):
        programs(example, SCHEMA)


def test_what_must_be_known_cannot_be_an_output() -> None:
    inputs = {**EXAMPLES["AttachedComputePlane"].step("edge").inputs, "name": Ref("dev", "name")}
    example = Example("", (Resource("AttachedComputePlane", "edge", inputs),), {})

    with pytest.raises(ValueError, match="cannot be an output"):
        programs(example, SCHEMA)
