"""docs/policy.md names every policy and every setting with its default."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from splitplane_policy import plain_secrets, protected_clusters, public_endpoints, required_tags
from splitplane_policy.settings import read, schema_of

POLICIES = {
    public_endpoints.NAME: public_endpoints.EndpointSettings,
    protected_clusters.NAME: protected_clusters.ProtectionSettings,
    plain_secrets.NAME: plain_secrets.SecretSettings,
    required_tags.NAME: required_tags.TagSettings,
}
_SETTING = re.compile(r"^\| `(\w+)` \| `(.+?)` \|", re.MULTILINE)
_EXAMPLE = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_page_has_every_setting_with_its_default(repository: Path, policy: str) -> None:
    page = (repository / "docs" / "policy.md").read_text()
    section = re.split(r"^##+ ", page.split(f"### {policy}\n")[1], flags=re.MULTILINE)[0]

    found = {name: json.loads(default) for name, default in _SETTING.findall(section)}

    assert found == {
        name: schema["default"] for name, schema in schema_of(POLICIES[policy]).items()
    }


def test_the_example_is_a_configuration(repository: Path) -> None:
    (text,) = _EXAMPLE.findall((repository / "docs" / "policy.md").read_text())
    config = {name: value for name, value in json.loads(text).items() if isinstance(value, dict)}

    for name, settings in config.items():
        settings.pop("enforcementLevel", None)
        read(POLICIES[name], settings)

    assert sorted(config) == ["environment-named", "no-public-api-endpoint"]
