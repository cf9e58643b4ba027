from typing import Any

import pytest

from splitplane.contract.manifests.application import ServiceManifest
from splitplane.controlplane.delivery.observe import Fact
from splitplane.controlplane.delivery.plan import CommandSeen, Snapshot, plan_deployment
from splitplane.controlplane.rendering import RenderContext
from splitplane.platforms import capabilities_of

CONTEXT = RenderContext(
    application_id="0198d2f0-0000-7000-8000-000000000001",
    version=2,
    cluster="prod-eu",
    workspace="team1",
    control_plane_url="https://cp.example.com",
    delivery="direct",
    capabilities=capabilities_of("local"),
)


def snapshot(**changes: Any) -> Snapshot:
    fields: dict[str, Any] = {
        "fqn": "prod-eu:team1:ranker",
        "deployment_id": "d2",
        "manifest": ServiceManifest(name="ranker", workspace="prod-eu:team1", image="nginx:1.29"),
        "context": CONTEXT,
        "rendered_sha256": None,
        "workspace_labels": {},
        "has_agent": True,
        "command": None,
    }
    return Snapshot(**{**fields, **changes})


def test_a_new_version_is_rendered_and_ordered() -> None:
    plan = plan_deployment(snapshot())

    assert plan.rendered is not None
    assert plan.bundle is not None
    assert plan.bundle.generation == 2
    assert {name: (fact.status, fact.reason) for name, fact in plan.facts.items()} == {
        "Built": ("true", "ImageGiven"),
        "Rendered": ("true", "Rendered"),
        "Delivered": ("false", "Queued"),
        "Available": ("unknown", "Waiting"),
    }


def test_without_an_agent_it_is_rendered_only() -> None:
    plan = plan_deployment(snapshot(has_agent=False))

    assert plan.rendered is not None
    assert plan.bundle is None
    assert plan.facts["Delivered"].reason == "NeverConnected"


def test_what_is_rendered_is_not_rendered_again() -> None:
    plan = plan_deployment(snapshot(rendered_sha256="0" * 64, command=CommandSeen("succeeded")))

    assert plan.rendered is None
    assert plan.is_delivered


@pytest.mark.parametrize(
    ("command", "reason", "is_due", "wait"),
    [
        (CommandSeen("queued"), "Queued", False, None),
        (CommandSeen("sent"), "Applying", False, None),
        (CommandSeen("accepted"), "Applying", False, None),
        (CommandSeen("refused", reason="NotAllowed"), "Refused", False, None),
        (CommandSeen("expired"), "Queued", True, None),
        (CommandSeen("superseded"), "Queued", True, None),
        (CommandSeen("failed", "Invalid", "x", 1, 0), "ApplyFailed", False, None),
        (CommandSeen("failed", "Unavailable", "x", 1, 0), "Retrying", False, 5.0),
        (CommandSeen("failed", "Unavailable", "x", 1, 5), "Retrying", True, None),
        (CommandSeen("failed", "Unavailable", "x", 2, 10), "Retrying", False, 20.0),
        (CommandSeen("failed", "Unavailable", "x", 3, 0), "Retrying", False, 120.0),
        (CommandSeen("failed", "Unavailable", "x", 4, 999), "ApplyFailed", False, None),
    ],
    ids=lambda value: getattr(value, "state", None),
)
def test_the_command_decides_what_comes_next(
    command: CommandSeen, reason: str, is_due: bool, wait: float | None
) -> None:
    plan = plan_deployment(snapshot(rendered_sha256="0" * 64, command=command))

    assert (plan.facts["Delivered"].status, plan.facts["Delivered"].reason) == ("false", reason)
    assert (plan.bundle is not None) is is_due
    assert plan.retry_after_seconds == wait


def test_the_agents_reason_is_passed_on() -> None:
    command = CommandSeen("refused", reason="NotAllowed", message="namespace team1 is denied")

    plan = plan_deployment(snapshot(command=command))

    assert plan.facts["Delivered"].message == "NotAllowed: namespace team1 is denied"


def test_the_end_of_a_former_version_says_nothing_about_this_one() -> None:
    plan = plan_deployment(
        snapshot(
            command=CommandSeen("succeeded"),
            conditions={"Available": Fact("true", "JobComplete")},
            delivered_deployment_id="d1",
        )
    )

    assert plan.facts["Available"].status == "false"


@pytest.mark.parametrize(
    ("can", "reason", "is_given"),
    [
        (frozenset[str](), "Queued", True),
        (frozenset({"delivery:argocd", "delivery:direct"}), "Queued", True),
        (frozenset({"delivery:argocd"}), "DeliveryMissing", False),
    ],
    ids=["unknown", "both", "the-other"],
)
def test_nothing_is_ordered_that_the_agent_cannot_deliver(
    can: frozenset[str], reason: str, is_given: bool
) -> None:
    plan = plan_deployment(snapshot(agent_capabilities=can))

    assert plan.facts["Delivered"].reason == reason
    assert (plan.bundle is not None) is is_given


def test_what_was_delivered_stays_so_when_the_agent_delivers_otherwise() -> None:
    plan = plan_deployment(
        snapshot(
            command=CommandSeen("succeeded", "Applied"),
            agent_capabilities=frozenset({"delivery:argocd"}),
        )
    )

    assert plan.facts["Delivered"].status == "true"
