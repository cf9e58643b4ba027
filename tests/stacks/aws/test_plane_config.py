"""A compute plane is read from its arguments or from a stack's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from splitplane.components.errors import WrongArgument as WrongSetting
from splitplane.stacks.aws.errors import WrongArgument
from splitplane.stacks.aws.plane_config import read_plane_config

PLAIN = "name: prod-eu\nenvironments: [prod]\nhub_url: https://cp.example.com\n"
INDENTED = "".join(f"      {line}\n" for line in PLAIN.splitlines())


@pytest.mark.parametrize(
    ("text", "region", "profile"),
    [
        (PLAIN, None, None),
        (
            "config:\n  aws:region: eu-west-1\n  aws:profile: deploy\n  program:name: eks\n"
            f"  program:args:\n{INDENTED}",
            "eu-west-1",
            "deploy",
        ),
        (f"config:\n  program:args:\n    compute_plane:\n{INDENTED}", None, None),
    ],
    ids=["arguments", "stack", "program with more"],
)
def test_settings_are_read(
    tmp_path: Path, text: str, region: str | None, profile: str | None
) -> None:
    path = tmp_path / "plane.yaml"
    path.write_text(text)

    found = read_plane_config(path)

    assert (found.settings.name, [*found.settings.environments]) == ("prod-eu", ["prod"])
    assert (found.region, found.profile) == (region, profile)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", r"--config '.*' is no YAML: "),
        ("", r"plane\.yaml is no mapping but NoneType: write the arguments of EksComputePlane"),
        ("- a", r"plane\.yaml is no mapping but list"),
        ("config: 3", r"config of .*plane\.yaml is no mapping but int"),
        ("config: {}", r"has no program:args, so it describes no compute plane: set it, or name"),
        ("config: {'program:args': 3}", r"program:args of .* is no mapping but int"),
        (
            "config: {'program:name': attached, 'program:args': {}}",
            r"configures program 'attached', which makes nothing in AWS: name the file of an eks",
        ),
    ],
)
def test_file_without_a_compute_plane_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "plane.yaml"
    path.write_text(text)

    with pytest.raises(WrongArgument, match=message):
        read_plane_config(path)


@pytest.mark.parametrize(
    ("name", "environments"),
    [
        ("dev", ["dev"]),
        ("existing-cluster", ["dev"]),
        ("existing-vpc", ["dev"]),
        ("gpu", ["train"]),
        ("private", ["prod"]),
        ("production", ["prod"]),
    ],
)
def test_examples_are_read_with_the_environments_beside_the_plane(
    name: str, environments: list[str]
) -> None:
    path = Path(__file__).parents[3] / "stacks" / "eks" / f"Pulumi.{name}.yaml"

    found = read_plane_config(path)

    assert [*found.settings.environments] == environments
    assert found.region in ("eu-central-1", "us-east-1")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongArgument, match=r"--config '.*/none\.yaml' cannot be read: .*No such"):
        read_plane_config(tmp_path / "none.yaml")


def test_wrong_fields_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "plane.yaml"
    path.write_text("name: prod-eu\nhub_url: https://cp.example.com\nregoin: x\n")

    with pytest.raises(WrongSetting, match=r"environments is missing; regoin is unknown"):
        read_plane_config(path)
