from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
import pytest
from recording_monitor import record

from splitplane.stacks.local import LocalConfig, deploy
from splitplane.stacks.programs import PROGRAMS, ProgramError, deploy_program


def test_the_sample_program_registers_ten_resources() -> None:
    found = record(lambda: deploy(LocalConfig(storage_path="/var/lib/demo")))

    assert Counter(item.type.rpartition(":")[2] for item in found.resources) == {
        "Environment": 2,
        "Cluster": 1,
        "StorageIntegration": 1,
        "MlRepo": 2,
        "Workspace": 2,
        "Application": 2,
    }


def test_names_are_passed_on_as_outputs_so_that_the_order_is_right() -> None:
    found = record(lambda: deploy(LocalConfig(storage_path="/var/lib/demo")))

    dependencies = {item.name: item.dependencies for item in found.resources}
    assert dependencies["team1"] == ("cluster", "fraud", "sandbox")
    assert dependencies["hello"] == ("team1",)


def test_programs_are_found_by_name() -> None:
    found = record(lambda: deploy_program("local", {"storage_path": "/x", "cluster": "eu"}))

    assert found.one("splitplane:index:Cluster").inputs["name"] == "eu"


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("lokal", {}, "program:name 'lokal' is not known: use one of attached, eks, local"),
        ("local", {}, "program:args of program 'local': storage_path: Field required"),
        (
            "local",
            {"storage_path": "/x", "storagepath": "/y"},
            "unknown key 'storagepath'; the keys are cluster, delivery, image",
        ),
        ("attached", {"cluster": "eu", "environments": ["dev"], "hub_url": "http://x"}, "hub_url"),
    ],
)
def test_wrong_configuration_is_named(name: str, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ProgramError) as caught:
        deploy_program(name, args)

    assert message in str(caught.value)


def test_every_program_can_be_imported_without_work() -> None:
    for module_name, model_name in PROGRAMS.values():
        module = __import__(module_name, fromlist=[model_name])
        assert callable(module.deploy)
        assert getattr(module, model_name).model_config["extra"] == "forbid"


def test_the_entry_point_deploys_what_the_configuration_names(
    repository: Path,
) -> None:
    values = {"program:name": "local", "program:args": '{"storage_path": "/x"}'}
    pulumi.runtime.set_all_config(values)
    try:
        found = record(lambda: runpy.run_path(str(repository / "stacks" / "__main__.py")))
    finally:
        pulumi.runtime.set_all_config({})

    assert len(found.resources) == 10
