"""docs/eks-components.md is held against the components: what they read, yield, make and cost."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from inspect import get_annotations
from pathlib import Path
from typing import Any

import pytest
from aws_plane import make_plane
from aws_vpc import ARGUMENTS, existing_vpc
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.clouds.aws import settings as settings_module
from splitplane.components.clouds.aws.cluster.component import EksCluster
from splitplane.components.clouds.aws.costs import COSTS
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.component import Karpenter
from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import ClusterParts, NetworkParts, Place
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "eks-components.md").read_text()
CODE = re.compile(r"`([^`\n]+)`")
PLACE = Place(
    Scope("aws", "eu-west-1", "111122223333"),
    tuple(Zone(f"eu-west-1{letter}", f"euw1-az{index}") for index, letter in enumerate("abc", 1)),
)
MACHINES = ("m7i.large", "m6i.large", "m5.large")
OFFERINGS = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": [machine for machine in MACHINES for _ in PLACE.zones],
        "locations": [zone.name for _ in MACHINES for zone in PLACE.zones],
        "locationTypes": ["availability-zone" for _ in MACHINES for _ in PLACE.zones],
    }
}
LEAST: dict[str, Any] = {
    "name": "eu",
    "environments": ["dev"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
POOL = {
    "name": "cpu",
    "limit_cpu_cores": 8,
    "limit_memory_gib": 32,
    "termination_grace_seconds": 3600,
}
ENTRY = {
    "principal_arn": "arn:aws:iam::111122223333:role/sre",
    "policy_arns": ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"],
}
CACHES = {"pull_through": [{"registry": "quay"}, {"registry": "kubernetes"}]}
CASES: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "Network": {
        "default": {},
        **{nat: {"network": {"nat": nat}} for nat in ("single", "per_az", "regional", "none")},
        "secondary": {"network": {"nat": "single", "secondary_cidr": "100.64.0.0/16"}},
        "flow logs": {"network": {"nat": "single", "has_flow_logs": True}},
        "existing": {"network": dict(ARGUMENTS)},
        "tagged": {"network": {**ARGUMENTS, "is_subnet_tagging_enabled": True}},
    },
    "EksCluster": {
        **{mode: {"compute_mode": mode} for mode in ("karpenter", "node_groups", "auto_mode")},
        "irsa": {"workload_identity": "irsa"},
        "created": {"secrets_kms_key": "created"},
        "named": {"secrets_kms_key": KEY},
        "entry": {"access_entries": [ENTRY]},
        "no logs": {"log_types": []},
        "caches": {"compute_mode": "auto_mode", "platform": CACHES},
        "disks": {"compute_mode": "auto_mode", "storage": {"kms_key_arn": KEY}},
    },
    "Karpenter": {
        "no pools": {"pools": []},
        "one pool": {"pools": [POOL]},
        "default": {},
        "none": {"network": {"nat": "none"}},
        "caches": {"platform": CACHES},
        "irsa": {"workload_identity": "irsa"},
    },
}
_PARTS = {
    *("network", "control_plane", "system_nodes", "storage"),
    *("ingress", "dns", "platform", "agent"),
}
"""Fields that have fields."""


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The paths of the settings that the body reads."""
    seen: set[str] = set()
    kinds = {EksSettings: ""} | {
        type(getattr(parse_settings(LEAST), name)): f"{name}." for name in _PARTS
    }
    with monkeypatch.context() as patch:
        for kind, before in kinds.items():
            patch.setattr(kind, "__getattribute__", _noting(kind, before, seen), raising=False)
        yield seen
    seen -= _PARTS


def _noting(kind: type, before: str, seen: set[str]) -> Callable[[Any, str], Any]:
    names = {item.name for item in dataclasses.fields(kind)}

    def get(self: Any, name: str) -> Any:  # Any: settings and their fields
        if name in names:
            seen.add(f"{before}{name}")
        return object.__getattribute__(self, name)

    return get


def _network(settings: EksSettings, around: Callable[[], Any]) -> None:
    with around():
        Network("eu", settings, PLACE)


def _cluster(settings: EksSettings, around: Callable[[], Any]) -> None:
    plane = make_plane(settings)
    with around():
        EksCluster("eu", settings, PLACE, plane.network)


def _karpenter(settings: EksSettings, around: Callable[[], Any]) -> None:
    plane = make_plane(settings)
    context = AddonContext(plane.kubernetes, ArgoCd("argocd", ()), settings.addons)
    security = NodeSecurity([plane.cluster.security_group_id], (), is_own=False)
    with around():
        Karpenter("eu", plane, context, security=security, startup_taints=(), depends_on=[])


MAKERS = {"Network": _network, "EksCluster": _cluster, "Karpenter": _karpenter}


@cache
def ran(component: str, case: str) -> tuple[int, frozenset[str]]:
    """How many resources the component made, and what it read of the settings."""
    args = CASES[component][case]
    settings = parse_settings({**LEAST, **args})
    existing = existing_vpc() if "vpc_id" in args.get("network", {}) else {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        read: list[set[str]] = []

        @contextmanager
        def around() -> Iterator[None]:
            with reading(monkeypatch) as seen:
                read.append(seen)
                yield

        found = record(
            lambda: MAKERS[component](settings, around),
            answers=CloudAnswers({**OFFERINGS, **existing}),
        )
    token = f"splitplane:aws:{component}$"
    return sum(token in item.urn for item in found.resources), frozenset(read[0])


def section(component: str) -> str:
    found = re.search(rf"^## {component}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def rows(component: str, header: str) -> list[list[str]]:
    """The cells of the table with this header in the component's section."""
    _, _, rest = section(component).partition(f"| {header} |\n")
    lines = rest.split("\n\n")[0].splitlines()[1:]
    assert lines, header
    return [[cell.strip() for cell in line[2:-1].split(" | ")] for line in lines]


@pytest.mark.parametrize("component", list(CASES))
def test_fields_are_those_that_the_component_reads(component: str) -> None:
    read = frozenset[str]().union(*(ran(component, case)[1] for case in CASES[component]))

    named = [
        name
        for row in rows(component, "fields | what they decide")
        for name in CODE.findall(row[0])
    ]

    assert set(named) == read
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("component", "parts", "other"),
    [
        ("Network", NetworkParts, {"zones"}),
        ("EksCluster", ClusterParts, {"auto_node_role_name"}),
        ("Karpenter", None, {"node_pools", "needs_device_plugin"}),
    ],
)
def test_outputs_are_those_of_the_component(component: str, parts: Any, other: set[str]) -> None:
    kinds = {"Network": Network, "EksCluster": EksCluster, "Karpenter": Karpenter}
    fields = [item.name for item in dataclasses.fields(parts)] if parts else []

    named = [CODE.findall(row[0])[0] for row in rows(component, "output | what it is")]

    assert set(named) == {*other, *(f"parts.{name}" for name in fields)}
    assert set(get_annotations(kinds[component])) - {"parts"} == other


def _counts(component: str) -> list[int]:
    return [int(row[1]) for row in rows(component, "made | resources")]


def _made(component: str, case: str) -> int:
    return ran(component, case)[0]


def test_resources_of_networks_are_counted() -> None:
    single = _made("Network", "single")

    assert _counts("Network") == [
        single,
        _made("Network", "per_az"),
        _made("Network", "regional"),
        _made("Network", "none"),
        _made("Network", "secondary") - single,
        _made("Network", "flow logs") - single,
        _made("Network", "existing"),
        _made("Network", "tagged") / 4,
    ]


def test_resources_of_clusters_are_counted() -> None:
    least = _made("EksCluster", "karpenter")

    assert _counts("EksCluster") == [
        least,
        _made("EksCluster", "node_groups"),
        _made("EksCluster", "auto_mode"),
        _made("EksCluster", "irsa") - least,
        _made("EksCluster", "caches") - _made("EksCluster", "auto_mode"),
        _made("EksCluster", "created") - least,
        _made("EksCluster", "named") - least,
        _made("EksCluster", "entry") - least,
        least - _made("EksCluster", "no logs"),
    ]


def test_resources_of_karpenter_are_counted() -> None:
    least, default = _made("Karpenter", "no pools"), _made("Karpenter", "default")

    assert _counts("Karpenter") == [
        least,
        _made("Karpenter", "one pool") - least,
        default,
        _made("Karpenter", "none") - default,
        _made("Karpenter", "caches") - default,
        default - _made("Karpenter", "irsa"),
    ]


@pytest.mark.parametrize("component", list(CASES))
def test_costs_are_those_of_the_table(component: str) -> None:
    found = [
        (part, driver, tuple(CODE.findall(fields)))
        for part, driver, fields in rows(component, "part | billed by | fields that decide")
    ]

    assert found == [(cost.part, cost.driver, cost.fields) for cost in COSTS[component]]


def test_every_kind_of_settings_is_watched() -> None:
    kinds = {
        name
        for name, kind in vars(settings_module).items()
        if name.endswith("Settings") and dataclasses.is_dataclass(kind)
    }

    assert kinds - {f"{name.title().replace('_', '')}Settings" for name in _PARTS} == {
        "AddonSettings",
        "EksSettings",
        "NodeGroupSettings",
        "PullThroughSettings",
        "ServiceAccountSettings",
        "ShareSettings",
    }
