"""Lays brackets and what is between them out in lines: one line where it fits, else one an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

INDENT: Final = "    "


@dataclass(frozen=True)
class Block:
    """Items between brackets.

    Attributes:
        open: what stands before the items; a line break in it is a space on one line.
        items: the items, without separators.
        close: what stands behind them.
        is_broken: whether each item has a line of its own though they would fit on one.
        pad: what stands inside the brackets on one line.
        is_last_marked: whether the last of several lines ends with a comma too.
    """

    open: str
    items: tuple[Code, ...]
    close: str
    is_broken: bool = False
    pad: str = ""
    is_last_marked: bool = True


@dataclass(frozen=True)
class Row:
    """Parts that stand directly one behind the other, such as a name and its value."""

    parts: tuple[Code, ...]


Code: TypeAlias = str | Block | Row


def row(*parts: Code) -> Row:
    """The parts one behind the other."""
    return Row(parts)


def render(code: Code, *, width: int, indent: str = "", used: int = 0) -> str:
    """The code as text.

    Args:
        code: what to lay out.
        width: longest line, characters.
        indent: what stands before each line but the first.
        used: characters of the first line that are taken already.
    """
    flat = _flat(code)
    if flat is not None and used + len(flat) <= width:
        return flat
    if isinstance(code, str):
        return code
    if isinstance(code, Row):
        return _row(code, width, indent, used)
    if not code.items:
        return code.open + code.close
    inner = indent + INDENT
    # One character of each line is for the separator.
    lines = [
        inner + render(item, width=width - 1, indent=inner, used=len(inner)) for item in code.items
    ]
    end = "," if code.is_last_marked else ""
    opening = code.open.replace("\n", f"\n{indent}")
    return f"{opening}\n" + ",\n".join(lines) + f"{end}\n{indent}{code.close}"


def _row(code: Row, width: int, indent: str, used: int) -> str:
    text = ""
    for part in code.parts:
        taken = len(text.rpartition("\n")[2]) + (0 if "\n" in text else used)
        text += render(part, width=width, indent=indent, used=taken)
    return text


def _flat(code: Code) -> str | None:
    """The code on one line; None when it has to be broken."""
    if isinstance(code, str):
        return code
    if isinstance(code, Row):
        parts = [_flat(part) for part in code.parts]
        return None if None in parts else "".join(part for part in parts if part is not None)
    if not code.items:
        return code.open + code.close
    items = [_flat(item) for item in code.items]
    if code.is_broken or None in items:
        return None
    inner = ", ".join(item for item in items if item is not None)
    opening = code.open.replace("\n", " ")
    return f"{opening}{code.pad}{inner}{code.pad}{code.close}"
