"""Manifests from files: YAML documents that remember their lines, so that errors can name them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from splitplane.cli.exits import WRONG_INPUT, CommandFailed

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_UNJSON: Final = tuple(
    f"tag:yaml.org,2002:{name}" for name in ("timestamp", "binary", "set", "omap", "pairs")
)
_PATH_PART = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Document:
    """One manifest and where it was written.

    Attributes:
        source: name of the file, `-` for standard input.
        line: line on which it starts, from 1.
        data: the mapping.
        lines: path of a field, such as `ports[0].port`, → its line.
    """

    source: str
    line: int
    data: dict[str, Any]  # Any: untyped input of people
    lines: dict[str, int] = field(default_factory=dict[str, int])

    def place(self, path: str = "") -> str:
        """`file:line` of the field, or of its nearest parent that was written."""
        parts = _PATH_PART.findall(path)
        while parts:
            found = self.lines.get(_join(parts))
            if found is not None:
                return f"{self.source}:{found}"
            parts.pop()
        return f"{self.source}:{self.line}"


class _Loader(yaml.SafeLoader):
    """Reads what JSON can say: a time stays the text that was written, `2027-01-01T00:00:00Z`."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [(tag, pattern) for tag, pattern in known if tag not in _UNJSON]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    yaml_constructors = {  # noqa: RUF012 - PyYAML reads it from the class
        tag: make for tag, make in yaml.SafeLoader.yaml_constructors.items() if tag not in _UNJSON
    }


def read_documents(path: str) -> list[Document]:
    """The manifests of a file, of every YAML file in a folder, or of standard input (`-`).

    Raises:
        CommandFailed: nothing there, not YAML, or a document that is not a mapping.
    """
    documents = [document for source in _sources(path) for document in _parse(*source)]
    if not documents:
        raise CommandFailed(f"{path!r} holds no manifest; write at least one", WRONG_INPUT)
    return documents


def _sources(path: str) -> Iterator[tuple[str, str]]:
    if path == "-":
        yield "-", sys.stdin.read()
        return
    root = Path(path)
    if root.is_dir():
        files = sorted(file for file in root.rglob("*") if file.suffix in _SUFFIXES)
    elif root.exists():
        files = [root]
    else:
        raise CommandFailed(
            f"no file or folder {path!r}; name one, or - for standard input", WRONG_INPUT
        )
    for file in files:
        try:
            yield str(file), file.read_text(encoding="utf-8")
        except UnicodeDecodeError as exc:
            raise CommandFailed(f"{file} is not UTF-8 text: {exc}", WRONG_INPUT) from exc


def _parse(source: str, text: str) -> Iterator[Document]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is None or (node.value == "" and node.tag == "tag:yaml.org,2002:null"):
                continue  # an empty document between two ---
            yield _document(source, node, loader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark else 1
        what = ", ".join(part for part in (exc.context, exc.problem) if part)
        raise CommandFailed(f"{source}:{line}: not valid YAML: {what}", WRONG_INPUT) from exc
    except yaml.YAMLError as exc:
        raise CommandFailed(f"{source}: not valid YAML: {exc}", WRONG_INPUT) from exc
    finally:
        loader.dispose()


def _document(source: str, node: yaml.Node, loader: yaml.SafeLoader) -> Document:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise CommandFailed(
            f"{source}:{line}: a manifest is a mapping with a field type, such as type: service",
            WRONG_INPUT,
        )
    lines: dict[str, int] = {}
    _index(source, node, "", lines)
    data: Any = loader.construct_document(node)  # Any: untyped input of people
    return Document(source, line, data, lines)


def _index(source: str, node: yaml.Node, path: str, lines: dict[str, int]) -> None:
    """Notes the line of every field; a key that is written twice would silently lose a value."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            place = f"{path}.{name}" if path else name
            line = key.start_mark.line + 1
            if place in lines:
                raise CommandFailed(
                    f"{source}:{line}: {place} is written twice, first on line {lines[place]}; "
                    "remove one",
                    WRONG_INPUT,
                )
            lines[place] = line
            _index(source, value, place, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            place = f"{path}[{number}]"
            lines[place] = value.start_mark.line + 1
            _index(source, value, place, lines)


def _join(parts: list[str]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if part.isdigit() else f".{part}" if text else part
    return text
