"""The pages are current, and the program of each runs as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clouds.program import Clouds
from pulumi import automation

from splitplane.provider.examples import LANGUAGES
from splitplane.provider.pages import DIRECTORY, notes, render_pages
from splitplane.provider.pages.notes import COMMON, FUNCTION_NOTES, NOTES, Note
from splitplane.provider.pages.page import file_name
from splitplane.provider.schema import build_schema
from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

DIRECTORY_OF_NOTES = Path(notes.__file__).parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(path for path in DIRECTORY.glob("*.md") if path.name != "README.md")
IDS = [page.stem for page in PAGES]
STANDINS = Path(__file__).parents[1] / "standins"
# These make a cluster in an account.
WITH_ACCOUNT = [page for page in PAGES if page.stem == "eks-compute-plane"]
# These install the agent in the cluster that they are about.
WITH_CLUSTER = [page for page in PAGES if page.stem == "attached-compute-plane"]
WITHOUT_CLUSTER = [page for page in PAGES if page not in (*WITH_ACCOUNT, *WITH_CLUSTER)]


@pytest.fixture(scope="module")
def sources(repository: Path) -> str:
    """The text of the parts that make errors, with messages in one piece and … for values."""
    folders = [repository / "controlplane", repository / "provider"]
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    text = "".join(f.read_text() for f in files if DIRECTORY_OF_NOTES not in f.parents)
    return re.sub(r"\{[^{}\n]*\}", "…", re.sub(r'"\s*\n\s*f?"', "", text))


def blocks(page: Path) -> dict[str, str]:
    return dict(BLOCK.findall(page.read_text(encoding="utf-8")))


def test_the_committed_pages_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in DIRECTORY.glob("*.md")}

    assert committed == render_pages(), "run python -m splitplane.provider.pages"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_a_page_has_a_program_in_every_language(page: Path) -> None:
    assert set(LANGUAGES) <= set(blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_within_a_page_lead_to_a_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = {line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")}

    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings


def test_pages_are_named_after_what_they_are_about() -> None:
    assert file_name("MlRepo") == "ml-repo.md"
    assert file_name("getMlRepo") == "get-ml-repo.md"


@pytest.mark.parametrize(
    "note", [*COMMON, *FUNCTION_NOTES, *(n for v in NOTES.values() for n in v)]
)
def test_errors_are_quoted_as_they_are(note: Note, sources: str) -> None:
    quoted = re.findall(r"`([^`]+)`", note.error)
    pieces = [piece.strip() for text in quoted for piece in text.split("…")]

    assert [piece for piece in pieces if piece not in sources] == []


def test_the_schema_of_each_language_shows_its_program_only() -> None:
    schema = build_schema()

    assert schema.count("{{% examples %}}") == len(PAGES)
    assert schema.count("{{% /examples %}}") == len(PAGES)


@pytest.mark.needs_tools
@pytest.mark.parametrize("page", WITHOUT_CLUSTER, ids=[page.stem for page in WITHOUT_CLUSTER])
def test_the_program_of_a_page_runs_as_it_stands(page: Path, platform_engine: Engine) -> None:
    _run(page, platform_engine, {})


@pytest.mark.needs_tools
@pytest.mark.parametrize("page", WITH_CLUSTER, ids=[page.stem for page in WITH_CLUSTER])
def test_the_program_of_a_component_runs_as_it_stands(
    page: Path, platform_engine: Engine, local_cluster: LocalCluster
) -> None:
    _run(page, platform_engine, {"kubeconfig": local_cluster.kubeconfig.read_text()})


@pytest.mark.needs_tools
@pytest.mark.parametrize("page", WITH_ACCOUNT, ids=[page.stem for page in WITH_ACCOUNT])
def test_the_program_of_a_page_is_planned_for_an_account(
    page: Path, platform_engine: Engine, clouds: Clouds
) -> None:
    folders = (clouds.plugins, STANDINS, *platform_engine.plugin_directories)
    engine = replace(platform_engine, project="example", plugin_directories=folders)

    stack = engine.stack("page", _program(page))
    stack.set_config("aws:region", automation.ConfigValue("eu-west-1"))

    assert stack.preview().change_summary[automation.OpType.CREATE] > 100


def _run(page: Path, engine: Engine, config: dict[str, str]) -> None:
    """Up, up without a change, and destroy."""
    # A project of the package's name would hand its configuration to the provider.
    stack = replace(engine, project="example").stack("page", _program(page))
    for name, value in config.items():
        stack.set_config(name, automation.ConfigValue(value, secret=True))
    outputs = stack.up().outputs
    assert outputs
    stack.up(expect_no_changes=True)
    stack.destroy()


def _program(page: Path) -> Callable[[], None]:
    code = compile(blocks(page)["python"], page.name, "exec")

    def program() -> None:
        space: dict[str, Any] = {"__name__": "program"}
        exec(code, space)  # noqa: S102 - the page's program is what is tested

    return program
