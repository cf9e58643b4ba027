"""Caches, roles of pods and the role of spot machines under the real engine, to their end."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.program import Clouds

from splitplane.components.clouds.aws.identity.service_accounts import declare_service_accounts
from splitplane.components.clouds.aws.nodes.role import declare_spot_role
from splitplane.components.clouds.aws.parts import Plane
from splitplane.components.clouds.aws.platform.resources import declare_platform
from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

REGION = {"aws:region": "eu-west-1"}
ARGS: dict[str, Any] = {
    "makes_spot_service_role": True,
    "platform": {"pull_through": [{"registry": "quay"}]},
}


def _declare(parent: Parent, plane: Plane) -> None:
    declare_spot_role(parent, plane)
    rights = declare_platform(parent, plane).rights
    declare_service_accounts(parent, plane, rights=rights)


def _account(target: str) -> dict[str, Any]:
    return {
        "namespace": "ml",
        "name": "train",
        "has_platform_rights": True,
        "target_role_arn": f"arn:aws:iam::444455556666:role/{target}",
    }


def test_another_target_is_an_update_and_only_the_accounts_own_role_stays(
    cloud_engine: Engine, clouds: Clouds
) -> None:
    store = clouds.store("aws")

    def run(target: str) -> list[tuple[str, str]]:
        settings = settings_of(service_accounts=[_account(target)], **ARGS)
        stack = cloud_engine.stack("caches", with_plane(settings, _declare), REGION)
        seen = len(store.calls())
        stack.up()
        calls = [(operation, name) for operation, _, name in store.calls()[seen:]]
        return [call for call in calls if call[0] in ("create", "update", "delete")]

    run("data")
    changed = run("other")
    cloud_engine.stack("caches", with_plane(settings_of(**ARGS), _declare), REGION).destroy()

    assert sorted(changed) == [
        ("update", "prod-eu-pods-ml.train"),
        ("update", "prod-eu-pods-ml.train-target"),
    ]
    assert [item.type for item in store.all()] == ["aws:iam/serviceLinkedRole:ServiceLinkedRole"]
