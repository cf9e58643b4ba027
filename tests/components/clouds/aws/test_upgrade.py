"""An update of the package replaces nothing: names and what cannot be changed stay as recorded.

Each record holds the arguments of a compute plane and what a version made of them: the URN of every
resource, and the inputs whose change makes another object. `UPDATE_RECORDS=1` in the environment
writes those of the current version anew; those of versions that are out are never written again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from clouds.answers import CloudAnswers
from clouds.replacing import replacing_inputs
from recording_monitor import Recording, record

from splitplane.components import EksComputePlane
from splitplane.contract.version import VERSION

Json = dict[str, Any]  # Any: JSON

UPDATE_VARIABLE: Final = "UPDATE_RECORDS"
RECORDS: Final = Path(__file__).parent / "records"
ACCOUNT: Final = "111122223333"
LEAST: Final[Json] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
}
GPU: Final[Json] = {
    "name": "gpu",
    "gpu_name": "a10g",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "limit_gpus": 8,
    "termination_grace_seconds": 3600,
}
PLANES: Final[dict[str, Json]] = {
    "production": {
        **LEAST,
        "profile": "prod",
        "secrets_kms_key": "created",
        "access_entries": [
            {
                "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/readers",
                "policy_arns": ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"],
            }
        ],
        "network": {"has_flow_logs": True, "secondary_cidr": "100.64.0.0/16"},
        "pools": [GPU, {**GPU, "name": "gpu-al2023", "image": "al2023"}],
        "dns": {"zone_arns": ["arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"]},
        "platform": {
            "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/splitplane"],
            "external_id": "acme-7f3a",
            "cors_origins": ["https://app.example.com"],
        },
    },
    "dev": LEAST,
    "auto-mode": {**LEAST, "compute_mode": "auto_mode"},
    "node-groups": {
        **LEAST,
        "compute_mode": "node_groups",
        "node_groups": [
            {"name": "cpu", "instance_types": ["m7i.large"], "max_nodes": 4},
            {
                "name": "gpu",
                "gpu_name": "a10g",
                "instance_types": ["g5.xlarge"],
                "max_nodes": 4,
            },
        ],
    },
    "private": {**LEAST, "network": {"nat": "none", "security_group_profile": "restricted"}},
    "irsa": {
        **LEAST,
        "workload_identity": "irsa",
        "network": {"nat": "per_az"},
        "ingress": {"scheme": "internet-facing"},
    },
}
"""What is recorded of the current version."""
MACHINES: Final = ("m7i.large", "m6i.large", "m5.large", "g5.xlarge")
ZONES: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
OFFERINGS: Final[Json] = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": [machine for machine in MACHINES for _ in ZONES],
        "locations": [zone for _ in MACHINES for zone in ZONES],
        "locationTypes": ["availability-zone" for _ in MACHINES for _ in ZONES],
    }
}


def _record(args: Json) -> Recording:
    return _record_text(json.dumps(args, sort_keys=True))


@cache
def _record_text(args: str) -> Recording:
    given: Any = json.loads(args)  # Any: programs may pass anything
    return record(
        lambda: EksComputePlane(given["name"], given), answers=CloudAnswers(dict(OFFERINGS))
    )


def differences(recorded: dict[str, Json], found: dict[str, Json], aliases: Json) -> list[str]:
    """What an update would replace or take away, and what came in its place.

    Args:
        recorded: URN → inputs that cannot be changed.
        found: the same of the program as it is now.
        aliases: URN of now → URNs and specifications by which it was known.
    """
    former = {
        old: urn
        for urn, items in aliases.items()
        for old in (_by_alias(urn, item) for item in items)
    }
    problems = []
    for urn, inputs in recorded.items():
        now = found.get(urn, found.get(former.get(urn, "")))
        if now is None:
            problems.append(f"{urn} is gone: give what takes its place an alias")
            continue
        problems += [
            f"{urn}: {place} was {inputs.get(place)!r} and is {now.get(place)!r}"
            for place in sorted({*inputs, *now})
            if inputs.get(place) != now.get(place)
        ]
    return problems


def _by_alias(urn: str, alias: str) -> str:
    if alias.startswith("urn:"):
        return alias
    fields = dict(part.split("=", 1) for part in alias.split(","))
    head, types, name = urn.rsplit("::", 2)
    parents, _, own = types.rpartition("$")
    if fields.get("noParent") == "True":
        parents = ""
    elif "parentUrn" in fields:
        parents = fields["parentUrn"].rsplit("::", 2)[1]
    types = "$".join(part for part in (parents, fields.get("type", own)) if part)
    return f"{head}::{types}::{fields.get('name', name)}"


def _files() -> Iterable[Path]:
    return sorted(RECORDS.glob("*/*.json"))


@pytest.mark.parametrize("plane", PLANES)
def test_every_plane_is_recorded_for_this_version(plane: str) -> None:
    path = RECORDS / VERSION / f"{plane}.json"
    resources = replacing_inputs(_record(PLANES[plane]))
    text = json.dumps({"args": PLANES[plane], "resources": resources}, indent=2) + "\n"
    if os.environ.get(UPDATE_VARIABLE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert path.exists(), f"{path} is missing: run again with {UPDATE_VARIABLE}=1"
    assert json.loads(path.read_text()) == json.loads(text), (
        f"{path} differs: if the version is not out yet, use {UPDATE_VARIABLE}=1"
    )


@pytest.mark.parametrize("path", _files(), ids=lambda path: f"{path.parent.name} {path.stem}")
def test_no_update_from_a_recorded_version_replaces_anything(path: Path) -> None:
    recorded = json.loads(path.read_text())

    found = _record(recorded["args"])

    aliases = {item.urn: item.aliases for item in found.resources}
    assert differences(recorded["resources"], replacing_inputs(found), aliases) == []


OLD = "urn:pulumi:prod::acme::a:b:Plane$aws:sqs/queue:Queue::old"
NEW = "urn:pulumi:prod::acme::a:b:Plane$aws:sqs/queue:Queue::new"


def test_a_changed_name_and_a_changed_input_are_told() -> None:
    recorded = {OLD: {"name": "one"}, NEW: {"name": "one"}}

    assert differences(recorded, {NEW: {"name": "two"}}, {}) == [
        f"{OLD} is gone: give what takes its place an alias",
        f"{NEW}: name was 'one' and is 'two'",
    ]


@pytest.mark.parametrize(
    ("alias", "old"),
    [
        (OLD, OLD),
        ("name=old", OLD),
        ("noParent=True", "urn:pulumi:prod::acme::aws:sqs/queue:Queue::new"),
        ("type=aws:sqs/q:Q", "urn:pulumi:prod::acme::a:b:Plane$aws:sqs/q:Q::new"),
        (
            "parentUrn=urn:pulumi:prod::acme::a:b:Other::x",
            "urn:pulumi:prod::acme::a:b:Other$aws:sqs/queue:Queue::new",
        ),
    ],
    ids=["urn", "name", "no parent", "type", "parent"],
)
def test_an_alias_keeps_what_it_names(alias: str, old: str) -> None:
    assert differences({old: {"name": "a"}}, {NEW: {"name": "a"}}, {NEW: (alias,)}) == []
