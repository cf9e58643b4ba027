"""What is in a cluster goes in the order that lets its controllers clean up, on a real API."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from aws_account import ACCOUNT, REGION, running_account, use_account
from aws_environment import isolate_aws
from cluster_contents import Object, define_kinds, fill, post, release

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.account import Account, open_account
from splitplane.stacks.aws.errors import NotAllowed, Refused, RetryLater
from splitplane.stacks.aws.predestroy.cluster_api import ClusterApi, Kind, open_cluster
from splitplane.stacks.aws.predestroy.in_cluster import POD, SERVICE, STEPS
from splitplane.stacks.aws.predestroy.run import Outcome, Pace, build_plan, take_steps
from splitplane.stacks.aws.predestroy.steps import World
from splitplane.stacks.aws.token import ClusterToken
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

ACCOUNT_OF_NONE = Account(None, Scope("aws", REGION, ACCOUNT), "arn:aws:iam::123456789012:user/x")


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A cluster of this module alone, since it deletes what it finds."""
    with LocalCluster.ephemeral() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def client(cluster: LocalCluster) -> Iterator[httpx.Client]:
    with cluster.open_client() as client:
        define_kinds(client)
        yield client


@pytest.fixture
def world(client: httpx.Client) -> World:
    return World(ACCOUNT_OF_NONE, "prod-eu", exists=True, api=ClusterApi(client))


def _take(
    world: World, on_wait: Callable[[], object], seconds: float = 600
) -> tuple[Outcome, list[str]]:
    clock = [0.0]
    told: list[str] = []

    def sleep(duration: float) -> None:
        clock[0] += duration
        on_wait()

    pace = Pace(seconds, sleep=sleep, now=lambda: clock[0], tell=told.append)
    return take_steps(world, STEPS, pace), told


def _names(client: httpx.Client, path: str) -> list[str]:
    return [item["metadata"]["name"] for item in client.get(path).json()["items"]]


def test_the_cluster_is_drained_in_order_and_what_stays_is_right(
    client: httpx.Client, world: World
) -> None:
    fill(client)

    plan = build_plan(world, STEPS)
    first, _ = _take(world, lambda: None, seconds=0)
    outcome, told = _take(world, lambda: release(client))
    again, _ = _take(world, lambda: None)

    assert [(item.step, item.kind, item.name, item.action) for item in plan.items] == [
        ("add-on-sync", "Application", "default/karpenter", "stop its sync"),
        ("applications", "ApplicationSet", "default/all", "delete"),
        ("applications", "Application", "default/ranker", "delete"),
        ("load-balancers", "Gateway", "default/edge", "delete"),
        ("load-balancers", "Ingress", "default/public", "delete"),
        ("load-balancers", "Service", "default/web", "delete"),
        (
            "volumes",
            "PersistentVolume",
            "pv-data",
            "delete with its data, claim default/data-db-0",
        ),
        ("node-pools", "NodePool", "cpu", "delete"),
        ("node-claims", "NodeClaim", "cpu-1", "delete"),
        ("node-classes", "EC2NodeClass", "cpu", "delete"),
    ]
    assert [(item.name, why) for item, why in first.stayed] == [
        ("default/all", "still there after 0 minutes"),
        ("default/ranker", "still there after 0 minutes"),
    ]
    assert first.notes == (
        "not taken, since applications is not done: load-balancers, volumes, node-pools, "
        "node-claims, node-classes",
    )
    assert [item.name for item in outcome.gone][:3] == [
        "default/all",
        "default/ranker",
        "default/edge",
    ]
    assert [item.name for item in outcome.gone][-4:] == ["pv-data", "cpu", "cpu-1", "cpu"]
    assert outcome.stayed == ()
    assert told[0] == "applications: 2 left, such as ApplicationSet default/all"
    assert (again.gone, again.stayed) == ((), ())
    assert _names(client, "/apis/argoproj.io/v1alpha1/applications") == ["karpenter"]
    assert _names(client, "/apis/networking.k8s.io/v1/ingresses") == ["nginx"]
    assert sorted(_names(client, "/api/v1/namespaces/default/services")) == ["inner", "kubernetes"]
    assert _names(client, "/api/v1/persistentvolumes") == ["pv-keep"]
    assert _names(client, "/apis/karpenter.sh/v1/nodepools") == ["general-purpose"]
    assert _names(client, "/apis/karpenter.sh/v1/nodeclaims") == ["auto-1"]
    sets = client.get("/apis/apps/v1/namespaces/default/statefulsets/db").json()
    assert sets["spec"]["replicas"] == 0


def test_a_kind_that_a_cluster_does_not_know_has_no_objects(client: httpx.Client) -> None:
    assert ClusterApi(client).read_all(Kind("Thing", "/apis/example.com/v1", "things")) == []


@pytest.fixture
def description(cluster: LocalCluster) -> Object:
    """The cluster as EKS would describe it."""
    return {
        "name": "prod-eu",
        "endpoint": cluster.server,
        "certificateAuthority": {
            "data": base64.b64encode(cluster.authority_certificate.read_bytes()).decode()
        },
    }


def _sign_in(client: httpx.Client) -> Callable[[], ClusterToken]:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = post(client, path, request)["status"]["token"]
    return lambda: ClusterToken(token, datetime.now(UTC) + timedelta(minutes=14))


def test_a_right_that_lacks_in_the_cluster_is_named(
    client: httpx.Client, description: Object
) -> None:
    with (
        open_cluster(ACCOUNT_OF_NONE, description, sign_in=_sign_in(client)) as api,
        pytest.raises(NotAllowed, match=r"may not GET /api/v1/services in the cluster"),
    ):
        api.read_all(SERVICE)


def test_a_token_is_made_anew_before_it_ends(client: httpx.Client, description: Object) -> None:
    made: list[ClusterToken] = []
    text = _sign_in(client)().text

    def sign_in() -> ClusterToken:
        minutes = 0.5 if len(made) < 2 else 14
        made.append(ClusterToken(text, datetime.now(UTC) + timedelta(minutes=minutes)))
        return made[-1]

    with open_cluster(ACCOUNT_OF_NONE, description, sign_in=sign_in) as api:
        for _ in range(5):
            with pytest.raises(NotAllowed):
                api.read_all(POD)

    assert len(made) == 3


def test_a_cluster_that_does_not_know_the_signer_refuses_him(
    description: Object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        signed_in = open_account(region=REGION)

    with (
        open_cluster(signed_in, description) as api,
        pytest.raises(Refused, match=r"does not let these credentials in: use those of a princi"),
    ):
        api.read_all(POD)


def test_a_cluster_that_does_not_answer_is_to_be_tried_again(
    client: httpx.Client, description: Object
) -> None:
    gone = description | {"endpoint": "https://127.0.0.1:1"}
    with (
        open_cluster(ACCOUNT_OF_NONE, gone, sign_in=_sign_in(client)) as api,
        pytest.raises(RetryLater, match=r"the cluster's API did not answer"),
    ):
        api.read_all(POD)
