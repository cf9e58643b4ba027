"""The place is read with the provider of the parent, without zones that need an opt-in."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import Place
from splitplane.components.clouds.aws.reading import read_offerings, read_place

OFFERINGS = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"


class Asked(CloudAnswers):
    """Answers that remember what they were asked."""

    def __init__(self, functions: dict[str, Any] | None = None) -> None:
        super().__init__(functions)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def called(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((token, arguments))
        return super().called(token, arguments)


def _parent() -> pulumi.Resource:
    return pulumi.ComponentResource("test:index:Parent", "parent")


@pytest.mark.parametrize("is_preview", [True, False])
def test_place_is_read_in_previews_too(is_preview: bool) -> None:
    found: list[Place] = []

    record(
        lambda: found.append(read_place(_parent())), is_preview=is_preview, answers=CloudAnswers()
    )

    assert found == [
        Place(
            scope=Scope("aws", "eu-west-1", "111122223333"),
            zones=(
                Zone("eu-west-1a", "euw1-az1"),
                Zone("eu-west-1b", "euw1-az2"),
                Zone("eu-west-1c", "euw1-az3"),
            ),
        )
    ]


def test_zones_that_need_an_opt_in_are_not_asked_for() -> None:
    answers = Asked()

    record(lambda: read_place(_parent()), answers=answers)

    asked = dict(answers.calls)["aws:index/getAvailabilityZones:getAvailabilityZones"]
    assert asked["filters"] == [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]
    assert "state" not in asked


def test_the_provider_of_the_parent_is_asked() -> None:
    seen: list[str] = []

    class Providers(CloudAnswers):
        def registered(self, made: Any, id: str, outputs: Any) -> Any:
            seen.append(made.type)
            return super().registered(made, id, outputs)

    def program() -> None:
        provider = aws.Provider("tokyo", region="ap-northeast-1")
        opts = pulumi.ResourceOptions(providers=[provider])
        read_place(pulumi.ComponentResource("test:index:Parent", "parent", None, opts))

    record(program, answers=Providers())

    assert seen == ["pulumi:providers:aws"]


def test_offerings_say_which_zones_have_a_machine() -> None:
    answers = Asked(
        {
            OFFERINGS: {
                "id": "eu-west-1",
                "instanceTypes": ["p5.4xlarge", "g5.xlarge", "g5.xlarge"],
                "locationTypes": ["availability-zone"] * 3,
                "locations": ["eu-west-1c", "eu-west-1a", "eu-west-1b"],
            }
        }
    )
    found: list[dict[str, set[str]]] = []

    record(
        lambda: found.append(
            read_offerings(_parent(), ["p5.4xlarge", "g5.xlarge", "p6-b300.48xlarge", "g5.xlarge"])
        ),
        answers=answers,
    )

    assert found == [
        {
            "g5.xlarge": {"eu-west-1a", "eu-west-1b"},
            "p5.4xlarge": {"eu-west-1c"},
            "p6-b300.48xlarge": set(),
        }
    ]
    ((_, asked),) = answers.calls
    assert asked["filters"] == [
        {"name": "instance-type", "values": ["g5.xlarge", "p5.4xlarge", "p6-b300.48xlarge"]}
    ]
    assert asked["locationType"] == "availability-zone"


def test_no_machine_asks_nothing() -> None:
    answers = Asked()

    record(lambda: read_offerings(_parent(), []), answers=answers)

    assert answers.calls == []
