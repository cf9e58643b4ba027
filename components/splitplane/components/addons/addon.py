"""Add-ons as resources: one Argo CD Application each, in an order, with a gate on its health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

import pulumi

from splitplane.components.addons.application import (
    Release,
    build_application,
    fingerprint_of,
    gate_of,
)
from splitplane.components.addons.charts import CHARTS, Chart
from splitplane.components.addons.merge import merge_values
from splitplane.components.errors import WrongArgument

Mode = Literal["managed", "adopt", "external", "off"]
Profile = Literal["lite", "standard", "production"]
Manifest = Mapping[str, Any]  # Any: part of a Kubernetes object

ARGOCD: Final = "argocd"
"""Name of Argo CD among the choices; every other add-on that is installed needs it."""
CRITICAL: Final[Manifest] = {"key": "CriticalAddonsOnly", "operator": "Exists"}
"""Toleration of the taint that EKS, GKE and AKS know for nodes that are kept for the system."""
READY_MINUTES: Final = 15
"""Two nodes come up in 3 minutes, images load in 2; the rest is for a slow registry."""
DELETE_MINUTES: Final = 15
_REPLICAS: Final[Mapping[Profile, int]] = {"lite": 1, "standard": 2, "production": 2}


class Choice(Protocol):
    """What is asked for of one add-on."""

    @property
    def mode(self) -> Mode:
        """See `declare_addon`."""
        ...

    @property
    def values(self) -> Mapping[str, Any]:  # Any: values of a chart
        """Values of its chart over ours; a null removes a key."""
        ...


@dataclass(frozen=True)
class Managed:
    """What is asked for of an add-on that is not among the choices."""

    mode: Mode = "managed"
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])  # Any: values of a chart


@dataclass(frozen=True)
class Addon:
    """An add-on with our values.

    Attributes:
        name: its name among the choices; of its Application and its release too.
        namespace: where its objects go.
        chart: what is installed.
        values: values of the chart; promises may be among them.
        ignored: differences that Argo CD leaves alone, as in `spec.ignoreDifferences`.
        ready_minutes: longest time until it is healthy.
        skips_definitions: whether the definitions beside the chart's templates are left out, since
            another add-on brings them.
    """

    name: str
    namespace: str
    chart: Chart
    values: Mapping[str, Any]  # Any: values of a chart
    ignored: Sequence[Manifest] = ()
    ready_minutes: int = READY_MINUTES
    skips_definitions: bool = False


@dataclass(frozen=True)
class ArgoCd:
    """The Argo CD of a cluster.

    Attributes:
        namespace: where it is, and where the Applications of add-ons go.
        ready: it runs, and the add-ons' project is there; before that no Application can be made.
    """

    namespace: str
    ready: tuple[pulumi.Resource, ...]


@dataclass(frozen=True)
class AddonContext:
    """What all add-ons of a cluster share.

    Attributes:
        provider: provider of Kubernetes objects.
        argocd: the cluster's Argo CD; None when it has none.
        choices: name of an add-on → what is asked for of it; managed when it is not among them.
        profile: how much an add-on is made to withstand.
        tolerations: of every pod of an add-on, so that it may run on the nodes of the system.
    """

    provider: pulumi.ProviderResource
    argocd: ArgoCd | None
    choices: Mapping[str, Choice]
    profile: Profile = "standard"
    tolerations: Sequence[Manifest] = (CRITICAL,)

    @property
    def replicas(self) -> int:
        """Replicas of a controller: one works, the others wait to take over."""
        return _REPLICAS[self.profile]

    @property
    def has_budgets(self) -> bool:
        """Whether disruption budgets keep one replica while nodes are drained."""
        return self.profile == "production"

    def choice(self, name: str) -> Choice:
        """What is asked for of one add-on."""
        return self.choices.get(name) or Managed()

    def is_installed(self, name: str) -> bool:
        """Whether it is installed from here, by Argo CD."""
        return self.choice(name).mode in ("managed", "adopt")


def check_choices(
    choices: Mapping[str, Choice],
    needs: Mapping[str, Sequence[str]],
    *,
    absent: Mapping[str, str] = {},
) -> list[str]:
    """Problems of the choices; empty when there is none. Nothing is looked up.

    Args:
        choices: name of an add-on → what is asked for of it.
        needs: name of every add-on that there is → names of those that it does not work without;
            Argo CD is among them where it installs the add-on.
        absent: name of an add-on that is not installed whatever is chosen → why.
    """

    def mode_of(name: str) -> Mode:
        return choices[name].mode if name in choices else "managed"

    problems = [
        f"addons {name!r} is unknown: known are {', '.join(sorted(needs))}"
        for name in sorted(choices)
        if name not in needs
    ]
    for name in sorted(needs):
        if mode_of(name) not in ("managed", "adopt"):
            if name in choices and choices[name].values:
                problems.append(
                    f"addons[{name!r}].values with mode {mode_of(name)!r} would go nowhere: "
                    "leave them out, or use mode 'managed' or 'adopt'"
                )
            continue
        if name in choices and name in absent:
            problems.append(
                f"addons[{name!r}] with mode {mode_of(name)!r} would install nothing, since "
                f"{absent[name]}: leave it out"
            )
            continue
        problems += [
            f"addons[{needed!r}].mode 'off' is not allowed, since {name} needs it: use "
            f"'managed', 'adopt' or 'external', or set {name} to 'off' or 'external' too"
            for needed in needs[name]
            if mode_of(needed) == "off"
        ]
    return problems


def declare_addon(
    parent: pulumi.Resource,
    context: AddonContext,
    addon: Addon,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> pulumi.Resource | None:
    """The add-on is installed and healthy; None when it is not installed from here.

    By its mode: `managed` is installed by an Application that keeps it as it is asked for and takes
    it away when it is deleted. `adopt` is the same Application over objects that are there, of a
    release with the add-on's name in its namespace: they are changed in place to what the chart
    makes of our values, and their fields are Argo CD's from then on; objects that the chart does
    not have stay, the records of `helm list` stay and mean nothing, and deleting the Application
    leaves all objects there. A Deployment whose selector differs cannot be changed, and then the
    Application does not become healthy. `external` and `off` install nothing; with `external`
    dependants go on.

    Args:
        parent: the component.
        context: what all add-ons share.
        addon: what is installed.
        depends_on: what has to be there before its first pod, beside Argo CD.

    Raises:
        WrongArgument: it is to be installed, and the cluster has no Argo CD.
    """
    import pulumi_kubernetes as kubernetes

    assert addon.chart in CHARTS.values(), f"the project of add-ons allows no {addon.chart}"
    choice = context.choice(addon.name)
    if not context.is_installed(addon.name):
        return None
    if context.argocd is None:
        raise WrongArgument(
            f"addons[{ARGOCD!r}].mode 'off' is not allowed, since {addon.name} needs it"
        )
    release = Release(
        addon.name,
        addon.namespace,
        addon.chart,
        merge_values(addon.values, choice.values),
        is_adopted=choice.mode == "adopt",
        ignored=addon.ignored,
        skips_definitions=addon.skips_definitions,
    )
    fingerprint: pulumi.Output[str] = pulumi.Output.from_input(dict(release.values)).apply(
        lambda values: fingerprint_of(replace(release, values=values))
    )
    manifest = build_application(
        release,
        argocd_namespace=context.argocd.namespace,
        fingerprint=fingerprint,
        gate=fingerprint.apply(gate_of),
    )
    minutes = f"{addon.ready_minutes}m"
    return kubernetes.apiextensions.CustomResource(
        f"{parent.pulumi_resource_name}-{addon.name}",
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=pulumi.ResourceOptions(
            parent=parent,
            provider=context.provider,
            depends_on=[*context.argocd.ready, *depends_on],
            custom_timeouts=pulumi.CustomTimeouts(
                create=minutes, update=minutes, delete=f"{DELETE_MINUTES}m"
            ),
        ),
    )
