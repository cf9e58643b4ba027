from __future__ import annotations

from typing import Any

import pytest

from splitplane.contract.agent_manifests import AgentInstall, build_manifests

INSTALL: dict[str, Any] = {"hub_url": "https://hub.example.com", "join_token": "spl_join_1"}


def _template(**changes: Any) -> Any:
    manifests = build_manifests(AgentInstall(**{**INSTALL, **changes}))
    (deployment,) = [item for item in manifests if item["kind"] == "Deployment"]
    return deployment["spec"]["template"]


@pytest.mark.parametrize(
    "changes",
    [
        {"hub_url": "https://other.example.com"},
        {"denied_namespaces": ("vault",)},
        {"log_level": "debug"},
        {"ca_certificates": "-----BEGIN CERTIFICATE-----"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_changed_setting_starts_the_agent_anew(changes: dict[str, Any]) -> None:
    before = _template(ca_certificates="-----")

    after = _template(**{"ca_certificates": "-----", **changes})

    assert after["metadata"]["annotations"] != before["metadata"]["annotations"]


def test_another_token_for_joining_leaves_an_agent_that_has_joined_alone() -> None:
    assert _template(join_token="spl_join_2") == _template()
