"""docs/eks.md and the example configurations are held against the code that they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from inspect import get_annotations
from pathlib import Path
from typing import Any, get_args

import pulumi.runtime
import pytest
import typer.main
import yaml
from chart_values import CHARTS, chart_problems
from clouds.answers import CloudAnswers
from eks_arguments import argument_paths
from recording_monitor import record

from splitplane.cli.main import app
from splitplane.components import EksComputePlane
from splitplane.components.clouds.aws.addons.needs import addon_needs
from splitplane.components.clouds.aws.args import AddonArgs
from splitplane.components.clouds.aws.network.endpoints import needed_endpoints
from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.components.clouds.aws.settings_checks import check_settings
from splitplane.stacks.aws.predestroy.run import STEPS
from splitplane.stacks.aws.preflight import CHECKS
from splitplane.stacks.eks import EksConfig
from splitplane.stacks.programs import parse_config
from splitplane.stacks.registrations import EnvironmentConfig

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "eks.md").read_text()
EXAMPLES = sorted((ROOT / "stacks" / "eks").glob("*.yaml"))
IDS = [path.name for path in EXAMPLES]
CODE = re.compile(r"`([^`\n]+)`")
OWNED = re.compile(
    r"\b\d{12}\b|\b(?:vpc|subnet|cr|sg|rtb)-[0-9a-f]{8,}|hostedzone/|[\w.-]+\.example\.com"
    r"|\b198\.51\.100\.|^\s*(?:external_id|cluster_name|name): \S+-\S+"
)
"""What differs in every account: numbers of accounts, ids, hosts, addresses, names of clusters."""
OTHERS = {"repoServer.env", "requirements.txt"}
"""Words with a dot that are no arguments."""
MACHINE_ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
ACCOUNT = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": ["m7i.large" for _ in MACHINE_ZONES],
        "locations": list(MACHINE_ZONES),
        "locationTypes": ["availability-zone" for _ in MACHINE_ZONES],
    }
}


def _plane(path: Path) -> dict[str, Any]:
    plane: dict[str, Any] = _config(path)["program:args"]["compute_plane"]
    return plane


def _config(path: Path) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(path.read_text())["config"]
    return config


def _rows(header: str, *, page: str = PAGE) -> list[list[str]]:
    """The cells of the table of the page that starts with this header."""
    _, _, rest = page.partition(f"| {header} |")
    assert rest, header
    lines = rest.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_the_page_names_every_example_and_no_other() -> None:
    named = [CODE.findall(row[0])[0] for row in _rows("configuration | what it makes")]

    assert sorted(named) == [str(path.relative_to(ROOT)) for path in EXAMPLES]


def test_fields_and_outputs_are_those_of_the_component() -> None:
    paths = argument_paths()
    leaves = {path.rpartition(".")[2] for path in paths}
    known = paths | leaves | set(_values()) | set(needed_endpoints(_settings())) | OTHERS
    known |= set(EnvironmentConfig.model_fields) | set(get_annotations(EksComputePlane))

    named = {
        word.partition(":")[0]
        for word in CODE.findall(PAGE)
        if re.fullmatch(r"[a-z][\w.]*_?[\w.]*(: \w+)?", word) and ("_" in word or "." in word)
    }

    assert named - known == set()
    assert {"permissions_boundary_arn", "network.nat", "static_nodes"} <= named


def _values() -> Iterator[str]:
    """The values of every argument that has only some."""
    from splitplane.components.clouds.aws import args

    kinds = [kind for kind in vars(args).values() if hasattr(kind, "__total__")]
    waiting: list[Any] = [item for kind in kinds for item in get_annotations(kind).values()]
    while waiting:
        item = waiting.pop()
        waiting += get_args(item)
        if isinstance(item, str):
            yield item


def test_commands_within_the_text_exist() -> None:
    lines = [word for word in CODE.findall(PAGE) if word.startswith("splitplane ")]

    for line in lines:
        command: Any = typer.main.get_command(app)
        words = line.split()[1:]
        while words and words[0] in getattr(command, "commands", {}):
            command, words = command.commands[words[0]], words[1:]
        options = {option for parameter in command.params for option in parameter.opts}
        assert command.name != app.info.name, line
        assert {word for word in words if word.startswith("-")} <= options, line
    assert len(lines) >= 4


@pytest.mark.parametrize(
    ("when", "args"),
    [
        ("always", {}),
        ("with Karpenter; `ssm` also where the platform keeps secrets", {}),
        ("with Pod Identity", {}),
        ("with shared storage", {}),
        ("where the platform keeps secrets", {}),
        ("with node groups", {"compute_mode": "node_groups"}),
    ],
)
def test_endpoints_are_needed_when_the_page_says_so(when: str, args: dict[str, Any]) -> None:
    rows = {row[1]: set(CODE.findall(row[0])) for row in _rows("endpoints | when")}

    assert rows[when] <= set(needed_endpoints(_settings(**args)))


def test_endpoints_of_the_page_are_all_there_are() -> None:
    rows = {row[1]: set(CODE.findall(row[0])) for row in _rows("endpoints | when")}
    bare = _settings(
        compute_mode="auto_mode",
        workload_identity="irsa",
        storage={"has_shared_storage": False},
        platform={"has_secret_store": False},
    )

    everything = {*needed_endpoints(_settings()), "autoscaling"}

    assert set().union(*rows.values()) == everything
    assert rows["always"] == set(needed_endpoints(bare))
    assert "ssm" in needed_endpoints(_settings(compute_mode="auto_mode"))


def _settings(**args: Any) -> Any:
    least = {"name": "eu", "environments": ["dev"], "hub_url": "https://hub.example.com"}
    return parse_settings({**least, "network": {"nat": "none"}, **args})


def test_modes_of_add_ons_are_all_there_are() -> None:
    (modes,) = get_args(get_annotations(AddonArgs)["mode"])

    assert [CODE.findall(row[0])[0] for row in _rows("mode | what it does")] == [*get_args(modes)]


def test_steps_of_predestroy_are_in_their_order() -> None:
    rows = _rows("step | what it does", page=(ROOT / "docs" / "cli.md").read_text())

    assert [name for row in rows for name in CODE.findall(row[0])] == [step.name for step in STEPS]
    assert [step.name for step in STEPS if step.is_asked_for] == ["disks"]


def test_every_check_of_preflight_is_told() -> None:
    told = ", ".join(row[0] for row in _rows("it looks at | and finds, for example")).split(", ")
    merged = {"deployer role": "deployers", "spot role": "deployers"}

    assert {merged.get(name, name) for name, _ in CHECKS} == set(told)


@pytest.mark.parametrize("path", EXAMPLES, ids=IDS)
def test_an_example_is_what_the_program_takes(path: Path) -> None:
    config = _config(path)

    assert config["program:name"] == "eks"
    assert {"aws:region", "splitplane:endpoint"} <= config.keys()
    parse_config("eks", EksConfig, config["program:args"])


@pytest.mark.parametrize("path", EXAMPLES, ids=IDS)
def test_an_example_passes_every_check_that_needs_no_account(path: Path) -> None:
    settings = parse_settings({**_plane(path), "environments": ["any"]})

    check_settings(settings, addons=addon_needs(settings))


@pytest.mark.parametrize("path", EXAMPLES, ids=IDS)
def test_everything_of_an_account_is_marked(path: Path) -> None:
    lines = path.read_text().splitlines()

    bare = [
        line
        for number, line in enumerate(lines)
        if _is_owned(line) and not _is_marked(lines, number)
    ]

    assert bare == []
    assert any(_is_owned(line) for line in lines)


def _is_owned(line: str) -> bool:
    text = line.partition(" #")[0]
    return not text.lstrip().startswith("#") and OWNED.search(text) is not None


def _is_marked(lines: list[str], number: int) -> bool:
    """In its own comment, or in that of the key whose list it is in."""
    line = lines[number]
    if "yours" in line.partition(" #")[2]:
        return True
    if not line.lstrip().startswith("- "):
        return False
    above = next(
        item for item in reversed(lines[:number]) if not item.lstrip().startswith(("- ", "#"))
    )
    return "yours" in above.partition(" #")[2]


@pytest.mark.skipif(not CHARTS.is_dir(), reason=f"needs the values of charts in {CHARTS}")
def test_images_of_the_private_example_are_where_their_charts_look() -> None:
    addons = _plane(ROOT / "stacks" / "eks" / "Pulumi.private.yaml")["addons"]
    folders = {"argocd": "argo-cd"}

    for name, asked in addons.items():
        assert chart_problems(folders.get(name, name), asked["values"]) == [], name


def test_the_program_of_the_page_makes_the_example() -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    config = _config(ROOT / "stacks" / "eks" / "Pulumi.dev.yaml")
    pulumi.runtime.set_all_config(
        {key: item if isinstance(item, str) else json.dumps(item) for key, item in config.items()}
    )
    try:
        found = record(lambda: _run(program), answers=CloudAnswers(ACCOUNT))
    finally:
        pulumi.runtime.set_all_config({})

    types = {item.type for item in found.resources}
    assert {"aws:eks/cluster:Cluster", "splitplane:index:Workspace"} <= types


def _run(program: str) -> None:
    exec(program, {})  # noqa: S102 - the program is the page's own
