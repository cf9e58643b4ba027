"""Add-ons as resources: after Argo CD and what they need, by the mode that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.addons.addon import (
    Addon,
    AddonContext,
    ArgoCd,
    Mode,
    check_choices,
    declare_addon,
)
from splitplane.components.addons.charts import CHARTS
from splitplane.components.errors import WrongArgument

APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"


@dataclass(frozen=True)
class Asked:
    mode: Mode = "managed"
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Plane(pulumi.ComponentResource):
    def __init__(self, choices: Mapping[str, Asked], *, has_argocd: bool = True) -> None:
        super().__init__("test:index:Plane", "prod")
        opts = pulumi.ResourceOptions(parent=self)
        provider = kubernetes.Provider("cluster", kubeconfig="{}", opts=opts)
        opts = pulumi.ResourceOptions(parent=self, provider=provider)
        release = kubernetes.core.v1.ConfigMap("argocd", opts=opts)
        role = kubernetes.core.v1.ConfigMap("role", opts=opts)
        argocd = ArgoCd("argocd", (release,)) if has_argocd else None
        addon = Addon(
            "external-dns",
            "external-dns",
            CHARTS["external-dns"],
            {"provider": {"name": "aws"}, "txtOwnerId": role.metadata["uid"], "policy": "sync"},
        )
        self.made = declare_addon(
            self, AddonContext(provider, argocd, choices), addon, depends_on=[role]
        )
        self.register_outputs({})


def run(choices: Mapping[str, Asked] = {}, **options: Any) -> Recording:
    return record(lambda: Plane(choices), is_preview=True, **options)


def test_the_application_comes_after_argo_cd_and_what_it_needs() -> None:
    graph = recorded_graph(run())

    assert_after(graph, "prod-external-dns", "argocd")
    assert_after(graph, "prod-external-dns", "role")
    assert_after(graph, "prod-external-dns", "prod")


def test_an_unknown_value_leaves_the_rest_of_the_application_known() -> None:
    made = run().one(APPLICATION)

    source = made.inputs["spec"]["source"]
    assert source["targetRevision"] == "1.21.1"
    assert source["helm"]["valuesObject"]["policy"] == "sync"
    assert made.timeouts == {"create": "15m", "update": "15m", "delete": "15m"}


def test_overrides_are_merged_into_the_values_and_the_fingerprint_follows() -> None:
    plain = run({"external-dns": Asked(values={"txtOwnerId": "a"})}).one(APPLICATION)
    other = run({"external-dns": Asked(values={"txtOwnerId": "a", "policy": None})})
    changed = other.one(APPLICATION)

    values = changed.inputs["spec"]["source"]["helm"]["valuesObject"]
    assert values == {"provider": {"name": "aws"}, "txtOwnerId": "a"}
    first, second = (item.inputs["spec"]["source"]["name"] for item in (plain, changed))
    assert first != second
    gate = json.loads(changed.inputs["metadata"]["annotations"]["pulumi.com/waitFor"])
    assert gate[0].endswith(f"={second}")


@pytest.mark.parametrize("mode", ["external", "off"])
def test_nothing_is_installed_when_others_do_or_nobody_does(mode: Mode) -> None:
    types = {item.type for item in run({"external-dns": Asked(mode)}).resources}

    assert APPLICATION not in types


def test_without_argo_cd_an_addon_is_refused() -> None:
    def program() -> None:
        # Caught inside, so that what was registered before it comes to its end.
        with pytest.raises(WrongArgument, match=r"addons\['argocd'\]\.mode 'off' is not allowed"):
            Plane({}, has_argocd=False)

    record(program, is_preview=True)


NEEDS = {"argocd": (), "controller": ("argocd",), "gateway": ("argocd", "controller")}


def test_choices_that_fit_have_no_problem() -> None:
    assert check_choices({}, NEEDS) == []
    assert check_choices({"controller": Asked("external")}, NEEDS) == []
    assert check_choices({"gateway": Asked("off"), "controller": Asked("off")}, NEEDS) == []


def test_a_dependant_without_what_it_needs_is_refused() -> None:
    assert check_choices({"controller": Asked("off")}, NEEDS) == [
        "addons['controller'].mode 'off' is not allowed, since gateway needs it: use 'managed', "
        "'adopt' or 'external', or set gateway to 'off' or 'external' too"
    ]
    assert len(check_choices({"argocd": Asked("off")}, NEEDS)) == 2


def test_unknown_names_and_values_that_go_nowhere_are_refused() -> None:
    choices = {"contoller": Asked(), "gateway": Asked("external", {"replicas": 2})}

    assert check_choices(choices, NEEDS) == [
        "addons 'contoller' is unknown: known are argocd, controller, gateway",
        "addons['gateway'].values with mode 'external' would go nowhere: leave them out, or use "
        "mode 'managed' or 'adopt'",
    ]
