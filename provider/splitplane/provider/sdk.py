"""Writes the Python classes of the package; `python -m splitplane.provider.sdk`.

They are committed, so that a change of what programs can write is a visible diff, and a test keeps
them current. What is written by hand in the same folder stays: its `__all__` is exported too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.sdk_classes import (
    class_name,
    nested_inputs,
    nested_module,
    resource_module,
    snake_case,
)
from splitplane.provider.sdk_functions import function_exports, function_modules

PATH: Final = Path(__file__).parents[1] / "resources"
_INPUTS: Final = "inputs"
_EXPORTS: Final = "__init__"


def build_sdk() -> dict[Path, str]:
    """File → text, as they have to be committed."""
    layouts = [layout for layout, _ in LAYOUTS]
    nested = nested_inputs(layouts)
    modules = {snake_case(class_name(item)): resource_module(item) for item in layouts}
    modules[_INPUTS] = nested_module({name: nested[name] for name in sorted(nested)})
    exported = {class_name(item): snake_case(class_name(item)) for item in layouts}
    exported |= dict.fromkeys(nested, _INPUTS)
    modules |= function_modules()
    exported |= function_exports()
    modules[_EXPORTS] = _exports(exported | _by_hand(set(modules)))
    return {PATH / f"{name}.py": _formatted(text) for name, text in modules.items()}


def _by_hand(written: set[str]) -> dict[str, str]:
    """Exported name → module, of the modules that are not written here."""
    paths = (p for p in sorted(PATH.glob("*.py")) if p.stem not in {*written, _EXPORTS})
    return {name: path.stem for path in paths for name in _exported_by(path)}


def _exported_by(path: Path) -> list[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                return [str(name.value) for name in names if isinstance(name, ast.Constant)]
            case _:
                continue
    return []


def _exports(modules: dict[str, str]) -> str:
    by_module: dict[str, list[str]] = {}
    for name, module in sorted(modules.items()):
        by_module.setdefault(module, []).append(name)
    imports = (
        f"    from splitplane.resources.{module} import {', '.join(names)}"
        for module, names in sorted(by_module.items())
    )
    names = sorted(modules, key=_order)
    listed = ", ".join(f'"{name}"' for name in names)
    table = ", ".join(f'"{name}": "{modules[name]}"' for name in names)
    return "\n".join(
        [
            '"""Pulumi resources of Splitplane: what programs import; names load on first use.\n',
            "Written by `python -m splitplane.provider.sdk`; what is written by hand beside it is",
            'exported by its own `__all__`.\n"""\n',
            "from __future__ import annotations",
            "from importlib import import_module",
            "from typing import TYPE_CHECKING, Any, Final",
            "if TYPE_CHECKING:",
            *imports,
            f"__all__ = [{listed},]",
            f"_MODULES: Final = {{{table},}}",
            "def __getattr__(name: str) -> Any:  # Any: PEP 562",
            "    module = _MODULES.get(name)",
            "    if module is None:",
            '        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
            '    return getattr(import_module(f"{__name__}.{module}"), name)',
        ]
    )


def _order(name: str) -> tuple[int, str]:
    """Constants, classes, functions: the order that the linter keeps."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _formatted(text: str) -> str:
    """The text as the project's formatter leaves it, with its imports in order."""
    fix = ("check", "--select", "I", "--fix", "--quiet")
    for arguments in (fix, ("format", "--quiet")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", str(PATH / "x.py"), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    for path, text in build_sdk().items():
        path.write_text(text, encoding="utf-8")
