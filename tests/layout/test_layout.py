"""Guards of the repository's layout: what would break silently fails here."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

FOLDERS = ("agent", "components", "controlplane", "provider", "stacks")
PACKAGES = (
    "agent",
    "cli",
    "client",
    "components",
    "contract",
    "controlplane",
    "platforms",
    "provider",
    "resources",
    "stacks",
)
LONGEST_FILE_LINES = 500
LONGEST_FUNCTION_LINES = 80


def sources(repository: Path) -> list[Path]:
    files = [p for folder in FOLDERS for p in (repository / folder).rglob("*.py")]
    files += [p for p in (repository / "policy").rglob("*.py") if ".venv" not in p.parts]
    return [*files, *(repository / "tests").rglob("*.py")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_namespace_has_no_init(repository: Path, folder: str) -> None:
    assert not (repository / folder / "splitplane" / "__init__.py").exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed_and_importable(package: str) -> None:
    module = importlib.import_module(f"splitplane.{package}")

    assert module.__file__ is not None
    assert (Path(module.__file__).parent / "py.typed").exists()


def exported_names(path: Path) -> list[str] | None:
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                return [name.value for name in names if isinstance(name, ast.Constant)]
            case _:
                continue
    return None


def isort_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order that the linter keeps."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def test_exports_exist_and_are_sorted(repository: Path) -> None:
    for folder in FOLDERS:
        for path in (repository / folder / "splitplane").rglob("*.py"):
            names = exported_names(path)
            if names is None:
                continue
            relative = path.relative_to(repository / folder)
            module = importlib.import_module(
                ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            )

            assert names == sorted(set(names), key=isort_order), relative
            assert [n for n in names if not hasattr(module, n)] == [], relative


def test_no_file_is_longer_than_the_limit(repository: Path) -> None:
    long = {
        str(p.relative_to(repository)): n
        for p in sources(repository)
        if (n := len(p.read_text().splitlines())) > LONGEST_FILE_LINES
    }

    assert long == {}


def test_no_function_is_longer_than_the_limit(repository: Path) -> None:
    long = {}
    for path in sources(repository):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION_LINES:
                    long[f"{path.relative_to(repository)}:{node.name}"] = lines

    assert long == {}


@pytest.mark.parametrize(
    "name", ["splitplane.contract", "splitplane.platforms", "splitplane.resources"]
)
def test_importing_a_leaf_package_loads_no_cloud_sdk(name: str) -> None:
    code = (
        f"import {name}, sys; "
        "heavy = {'pulumi_aws', 'pulumi_gcp', 'pulumi_azure_native', 'boto3', 'sqlalchemy'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
