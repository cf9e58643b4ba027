"""Certificates under the real engine: the new one is proven before the old one goes."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pytest
from aws_plane import Parent, settings_of
from clouds.graph import assert_destroyed_in_reverse, state_graph
from clouds.program import Clouds
from pulumi import automation

from splitplane.components.clouds.aws.dns.domains import choose_zones
from splitplane.components.clouds.aws.dns.names import declare_names
from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

REGION = {"aws:region": "eu-west-1"}


def _program(domain: str) -> Callable[[], None]:
    def program() -> None:
        settings = settings_of(
            ingress={"certificate_domains": [domain]}, dns={"zone_names": ["ml.example.com"]}
        )
        names = declare_names(Parent(), settings, choose_zones(settings, []))
        pulumi.export("certificate", names.certificate_arn)

    return program


def test_another_domain_is_proven_before_the_old_certificate_goes(
    cloud_engine: Engine, clouds: Clouds
) -> None:
    store = clouds.store("aws")
    first = cloud_engine.stack("names", _program("ml.example.com"), REGION)
    planned = first.preview().change_summary
    before = first.up().outputs["certificate"].value
    seen = len(store.calls())
    other = cloud_engine.stack("names", _program("a.ml.example.com"), REGION)
    after = other.up().outputs["certificate"].value
    calls = [
        (operation, token.rpartition(":")[2], name)
        for operation, token, name in store.calls()[seen:]
        if operation in ("create", "delete")
    ]

    assert planned == {automation.OpType.CREATE: 6}
    assert after != before
    order = {call: place for place, call in enumerate(calls)}
    proven = order["create", "CertificateValidation", "prod-eu-ingress"]
    assert order["create", "Certificate", "prod-eu-ingress"] < proven
    assert order["create", "Record", "prod-eu-a.ml.example.com"] < proven
    assert proven < order["delete", "Certificate", "prod-eu-ingress"]
    assert not [call for call in calls if call[1] == "Zone"]

    graph = state_graph(other.export_stack().deployment or {})
    events: list[automation.EngineEvent] = []
    other.destroy(on_event=events.append)
    assert_destroyed_in_reverse(graph, events)
    assert store.all() == []
