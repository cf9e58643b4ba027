"""Bad quotas and network policies of a workspace are refused with what to do instead."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.contract.manifests import ManifestError, parse_manifest

WORKSPACE = {"type": "workspace", "name": "team1", "cluster": "prod-eu", "environment": "dev"}


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"quota": {}}, "quota",
         "a quota needs at least one of cpu_millicores, memory_mib, gpu_count, neuron_count, "
         "storage_gib, pods; leave the quota out for no limit"),
        ({"quota": {"pods": -1}}, "quota.pods", "greater than or equal to 0"),
        ({"quota": {"cpus": 4}}, "quota.cpus", ""),
        ({"network_policy": {"ingress_from": "mars"}}, "network_policy.ingress_from", "workspace"),
        ({"network_policy": {"ingress_namespaces": ["istio-system"]}}, "network_policy",
         "ingress_namespaces ['istio-system'] has no meaning while ingress_from is 'anywhere'; "
         "set ingress_from to 'workspace' or remove ingress_namespaces"),
        ({"network_policy": {"egress_cidrs": ["10.0.0.0/8"]}}, "network_policy",
         "egress_cidrs ['10.0.0.0/8'] has no meaning while egress_to is 'anywhere'"),
        ({"network_policy": {"egress_to": "workspace", "egress_cidrs": ["10.0.0.1/8"]}},
         "network_policy.egress_cidrs[0]",
         "'10.0.0.1/8' is not a range of addresses: did you mean 10.0.0.0/8"),
        ({"network_policy": {"egress_to": "workspace", "egress_cidrs": ["db.example.com"]}},
         "network_policy.egress_cidrs[0]",
         "'db.example.com' is not a range of addresses: write ADDRESS/BITS"),
        ({"network_policy": {"egress_to": "workspace", "egress_namespaces": ["a", "b", "a"]}},
         "network_policy.egress_namespaces", "'a' is named twice; name it once"),
        ({"network_policy": {"egress_to": "workspace", "egress_namespaces": ["Data"]}},
         "network_policy.egress_namespaces[0]", ""),
    ],
    ids=["empty-quota", "negative", "unknown-quota", "unknown-peer", "open-ingress",
         "open-egress", "host-bits", "host-name", "twice", "upper-case"],
)  # fmt: skip
def test_bad_limit_is_named_with_what_to_do(
    fields: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(WORKSPACE | fields)

    (error,) = caught.value.errors
    assert error.field == field
    assert message in f"{error.message} {error.allowed or ''}"


def test_ranges_are_kept_in_normal_form() -> None:
    policy = {"egress_to": "workspace", "egress_cidrs": ["2001:0DB8::/32", "10.1.2.3"]}

    manifest = parse_manifest({**WORKSPACE, "network_policy": policy}).model_dump(mode="json")

    assert manifest["network_policy"]["egress_cidrs"] == ["2001:db8::/32", "10.1.2.3/32"]


def test_limits_left_out_are_none() -> None:
    manifest = parse_manifest(WORKSPACE).model_dump(mode="json")

    assert (manifest["quota"], manifest["network_policy"]) == (None, None)
