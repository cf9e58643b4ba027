"""What the demo promises, held against the running platform one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from splitplane.contract.nouns import NOUNS
from splitplane.stacks.demo.errors import CheckFailed
from splitplane.stacks.demo.platform import CLUSTER, SERVICE, WORKSPACE, Platform
from splitplane.stacks.demo.registration import RESOURCES
from splitplane.stacks.demo.waiting import wait_for

_EXPECTED: Final = {
    "environment": {"environment:sandbox", "environment:live"},
    "cluster": {CLUSTER},
    "storage-integration": {"storage-integration:disk"},
    "ml-repo": {"mlrepo:fraud", "mlrepo:churn"},
    "workspace": {f"{CLUSTER}:team1", f"{CLUSTER}:team2"},
    "application": {SERVICE, f"{CLUSTER}:{WORKSPACE}:train"},
}
_OUTAGE_SECONDS: Final = 2.0
"""Long enough for the kubelets' and controllers' loops to act if they wanted to."""
_GONE_SECONDS: Final = 60.0
"""A namespace's deletion is a few rounds of its controller."""
_DRIFTED_COLOR: Final = "#000000"


def check_everything(platform: Platform) -> None:
    """Every promise held; raises CheckFailed at the first that did not. Destroys the stack."""
    checks: tuple[tuple[str, Callable[[Platform], str]], ...] = (
        ("check: all created", _check_created),
        ("check: up again", _check_no_changes),
        ("check: one field changed", _check_preview),
        ("check: drift", _check_drift),
        ("check: service", _check_service),
        ("check: control plane down", _check_outage),
        ("check: destroy", _check_destroy),
    )
    for label, check in checks:
        with platform.story.step(label) as step:
            step.detail = check(platform)


def _check_created(platform: Platform) -> str:
    missing = {
        fqn
        for kind, expected in _EXPECTED.items()
        for fqn in expected - {item.fqn for item in platform.client.list(kind)}
    }
    _demand(not missing, f"pulumi up did not create {', '.join(sorted(missing))}")
    return f"{sum(map(len, _EXPECTED.values()))} objects are on the control plane"


def _check_no_changes(platform: Platform) -> str:
    platform.registration.up(expect_no_changes=True)
    return "pulumi up --expect-no-changes passed"


def _check_preview(platform: Platform) -> str:
    before = platform.registration.config
    platform.registration.config = before.model_copy(update={"replicas": before.replicas + 1})
    try:
        found = _changed(platform.registration.preview())
    finally:
        platform.registration.config = before
    _demand(found == {"update": 1}, f"preview of one changed field shows {found}, not one update")
    return "preview shows one update"


def _check_drift(platform: Platform) -> str:
    client, ref = platform.client, "environment:sandbox"
    declared = client.get("environment", ref).manifest
    client.update("environment", ref, declared | {"color": _DRIFTED_COLOR})

    refreshed = _changed(platform.registration.refresh())
    repaired = _changed(platform.registration.up())

    _demand(refreshed == {"update": 1}, f"refresh shows {refreshed}, not one update")
    _demand(repaired == {"update": 1}, f"the repairing up shows {repaired}, not one update")
    found = client.get("environment", ref).manifest
    _demand(found == declared, f"after the repair {ref} is {found}, not {declared}")
    return f"a changed colour of {ref} was shown by refresh and repaired by up"


def _check_service(platform: Platform) -> str:
    view = platform.client.get("application", SERVICE)
    _demand(view.status == "available", f"{SERVICE} is {view.status}, not available")
    seen, real = platform.pods(), platform.cluster_view.pods(WORKSPACE)
    _demand(bool(seen) and set(seen) <= set(real), f"control plane sees {seen}, cluster has {real}")
    return f"available; the cluster has the pod {', '.join(seen)} too"


def _check_outage(platform: Platform) -> str:
    before = platform.pods()
    platform.control_plane.stop()
    deadline = time.monotonic() + _OUTAGE_SECONDS
    while time.monotonic() < deadline:
        left = set(before) - set(platform.cluster_view.pods(WORKSPACE))
        _demand(not left, f"pods {sorted(left)} went with the control plane")
        time.sleep(0.2)
    platform.start_control_plane()
    platform.wait_connected()
    return f"{len(before)} pods stayed; the agent connected again by itself"


def _check_destroy(platform: Platform) -> str:
    platform.registration.destroy()
    wait_for(
        lambda: not platform.cluster_view.delivered(),
        what="an empty cluster",
        seconds=_GONE_SECONDS,
        explain=lambda: f"still there: {', '.join(platform.cluster_view.delivered())}",
    )
    left = {
        item.fqn
        for noun in NOUNS
        for item in platform.client.list(noun.kind)
        if item.fqn in _EXPECTED.get(noun.kind, ())
    }
    _demand(not left, f"destroy left {', '.join(sorted(left))}")
    return f"{RESOURCES} resources gone, nothing of ours is left in the cluster"


def _changed(counts: Mapping[str, int]) -> dict[str, int]:
    """Without the resources that stay as they are."""
    return {name: count for name, count in counts.items() if name not in ("same", "read")}


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailed(otherwise)
