"""The examples in all languages, as the schema's descriptions and the pages show them."""

from __future__ import annotations

from typing import Any, Final

from splitplane.provider.examples.catalogue import EXAMPLES
from splitplane.provider.examples.csharp import print_csharp
from splitplane.provider.examples.golang import print_go
from splitplane.provider.examples.model import Example
from splitplane.provider.examples.python import print_python
from splitplane.provider.examples.typed import Schema
from splitplane.provider.examples.typescript import print_typescript
from splitplane.provider.examples.yaml import print_yaml

JsonObject = dict[str, Any]  # Any: JSON

LANGUAGES: Final = {
    "python": "Python",
    "typescript": "TypeScript",
    "go": "Go",
    "csharp": "C#",
    "yaml": "YAML",
}
"""Name of the language in code blocks → its own name, in the order in which they are shown."""


def programs(example: Example, schema: JsonObject) -> dict[str, str]:
    """The example in each of the languages.

    Args:
        example: what to print.
        schema: the package's schema, with its `language` settings.

    Raises:
        ValueError: the example does not fit the schema.
    """
    typed = Schema(schema)
    for ref in example.outputs.values():
        typed.check_output(example.step(ref.step), ref.output)
    settings = schema["language"]
    csharp = settings["csharp"]
    namespace = f"{csharp['rootNamespace']}.{csharp['namespaces'][schema['name']]}"
    return {
        "python": print_python(example, typed),
        "typescript": print_typescript(example, typed, settings["nodejs"]["packageName"]),
        "go": print_go(example, typed, settings["go"]["importBasePath"]),
        "csharp": print_csharp(example, typed, namespace),
        "yaml": print_yaml(example, typed),
    }


def with_examples(schema: JsonObject) -> JsonObject:
    """The schema with the example of each resource, function and component in its description.

    Raises:
        ValueError: an example does not fit the schema.
    """
    return {
        **schema,
        **{
            kind: {token: _with_example(token, entry, schema) for token, entry in entries.items()}
            for kind in ("resources", "functions")
            if (entries := schema.get(kind)) is not None
        },
    }


def _with_example(token: str, entry: JsonObject, schema: JsonObject) -> JsonObject:
    # Methods are shown in the example of their component.
    example = EXAMPLES.get(token.rpartition(":")[2])
    if example is None:
        return entry
    return {**entry, "description": described(entry["description"], example, schema)}


def described(description: str, example: Example, schema: JsonObject) -> str:
    """The description with the example behind it, for the schema.

    SDKs are generated with the block of their language only. The shortcodes are those of
    https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/, checked 2026-11-21.
    """
    blocks = [f"```{name}\n{text}```" for name, text in programs(example, schema).items()]
    return "\n\n".join(
        [
            description,
            "{{% examples %}}\n## Example Usage\n{{% example %}}",
            f"### {example.title}",
            *blocks,
            "{{% /example %}}\n{{% /examples %}}",
        ]
    )
