"""The recording monitor keeps every option, answers as the clouds would, and is put to use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, assert_unordered, recorded_graph
from clouds.snapshot import assert_snapshot, snapshot
from recording_monitor import Registered, record

OPTIONS = pulumi.ResourceOptions
QUEUE = "aws:sqs/queue:Queue"


class Part(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Part", name, None, opts)
        self.first = aws.sqs.Queue("first", opts=OPTIONS(parent=self))
        self.register_outputs({})


def _one(program: Any, name: str) -> Registered:
    found = record(program, answers=CloudAnswers()).resources
    return next(item for item in found if item.name == name)


def test_every_option_is_kept() -> None:
    def program() -> None:
        other = aws.sqs.Queue("other")
        aws.sqs.Queue(
            "queue",
            kms_master_key_id=other.arn,
            opts=OPTIONS(
                depends_on=[other],
                protect=True,
                retain_on_delete=True,
                delete_before_replace=True,
                ignore_changes=["tags"],
                replace_on_changes=["name"],
                additional_secret_outputs=["url"],
                custom_timeouts=pulumi.CustomTimeouts(create="1m", update="2m", delete="45m"),
                deleted_with=other,
                replace_with=[other],
                aliases=[pulumi.Alias(name="old")],
                import_="id-1",
            ),
        )

    made = _one(program, "queue")

    other = f"urn:pulumi:prod::acme::{QUEUE}::other"
    assert made.urn == f"urn:pulumi:prod::acme::{QUEUE}::queue"
    assert made.dependency_urns == (other,)
    assert made.property_dependencies == {"kmsMasterKeyId": (other,)}
    assert made.protect
    assert made.retain_on_delete
    assert made.delete_before_replace
    assert made.ignore_changes == ("tags",)
    assert made.replace_on_changes == ("name",)
    assert made.additional_secret_outputs == ("url",)
    assert made.timeouts == {"create": "1m", "update": "2m", "delete": "45m"}
    assert made.deleted_with == other
    assert made.replace_with == (other,)
    assert made.aliases == ("name=old",)
    assert made.import_id == "id-1"


def test_parents_and_providers_are_kept() -> None:
    def program() -> None:
        provider = aws.Provider("ireland", region="eu-west-1")
        Part("part", OPTIONS(providers=[provider]))

    part, queue = _one(program, "part"), _one(program, "first")

    provider = "urn:pulumi:prod::acme::pulumi:providers:aws::ireland"
    assert not part.is_custom
    assert part.providers["aws"].startswith(f"{provider}::")
    assert queue.provider.startswith(f"{provider}::")
    assert queue.parent_urn == part.urn
    assert queue.urn == f"urn:pulumi:prod::acme::test:index:Part${QUEUE}::first"


def test_outputs_are_those_of_the_cloud_and_functions_answer() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        trust = '{"Statement": []}'
        role = aws.iam.Role("role", name="r", assume_role_policy=trust)
        vpc_config: Any = {"subnet_ids": ["subnet-1"]}
        made = aws.eks.Cluster("cluster", name="c", role_arn=role.arn, vpc_config=vpc_config)
        values = {
            "arn": made.arn,
            "id": made.id,
            "issuer": made.identities[0].oidcs[0].issuer,
            "role": role.arn,
            "account": aws.get_caller_identity_output().account_id,
        }
        pulumi.Output.all(**values).apply(seen.update)

    record(program, answers=CloudAnswers())

    issuer = seen.pop("issuer")
    assert issuer.startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert seen == {
        "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/c",
        "id": "c",
        "role": "arn:aws:iam::111122223333:role/r",
        "account": "111122223333",
    }


def test_a_duplicate_name_is_refused() -> None:
    def program() -> None:
        aws.sqs.Queue("queue")
        aws.sqs.Queue("queue")

    with pytest.raises(AssertionError, match="Duplicate resource URN"):
        record(program)


def test_a_wrong_input_is_refused() -> None:
    def program() -> None:
        vpc_config: Any = {"subnet_ids": ["subnet-1"], "public_cidrs": []}
        aws.eks.Cluster("cluster", role_arn="arn:role", vpc_config=vpc_config)

    with pytest.raises(AssertionError, match=r"vpcConfig\.public_cidrs: is no input"):
        record(program, answers=CloudAnswers())


def _ordered() -> None:
    part = Part("part")
    policy = aws.sqs.QueuePolicy("policy", queue_url=part.first.url, policy="{}")
    aws.sqs.Queue("last", opts=OPTIONS(depends_on=[policy]))
    aws.sqs.Queue("after-part", opts=OPTIONS(depends_on=[part]))
    aws.sqs.Queue("alone", name="alone", tags={"password": pulumi.Output.secret("hunter2")})


def test_the_graph_knows_what_comes_after_what() -> None:
    graph = recorded_graph(record(_ordered, answers=CloudAnswers()))

    assert_after(graph, "last", "first")
    assert_after(graph, "last", "aws:sqs/queuePolicy:QueuePolicy")
    assert_after(graph, "after-part", "first")
    assert_unordered(graph, "alone", "last")
    with pytest.raises(AssertionError, match="does not wait for"):
        assert_after(graph, "first", "last")
    with pytest.raises(AssertionError, match="there is no 'lsat'"):
        assert_after(graph, "lsat", "first")
    with pytest.raises(AssertionError, match="waits for"):
        assert_unordered(graph, "last", "first")


def test_the_order_holds_in_previews_too() -> None:
    graph = recorded_graph(record(_ordered, is_preview=True))

    assert_after(graph, "last", "first")


def test_a_snapshot_is_canonical_and_without_secrets() -> None:
    one = snapshot(record(_ordered, answers=CloudAnswers()))
    other = snapshot(record(_ordered, answers=CloudAnswers()))

    assert one == other
    assert "hunter2" not in one
    assert '"password": "[secret]"' in one or '"tags": "[secret]"' in one
    assert '"test:index:Part$aws:sqs/queue:Queue::first"' in one
    assert "urn:pulumi" not in one


def test_a_snapshot_is_written_only_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "snapshots" / "one.json"

    with pytest.raises(AssertionError, match="is missing"):
        assert_snapshot(path, "[]\n")
    monkeypatch.setenv("UPDATE_SNAPSHOTS", "1")
    assert_snapshot(path, "[]\n")
    monkeypatch.delenv("UPDATE_SNAPSHOTS")
    assert_snapshot(path, "[]\n")
    with pytest.raises(AssertionError, match="differs"):
        assert_snapshot(path, "[1]\n")
