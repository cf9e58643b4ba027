"""The plugins of the clouds in this process, configured, without an engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clouds.plugin import CloudPlugin
from clouds.program import Clouds

_SETTINGS = {
    "aws": {"region": "eu-west-1"},
    "azure-native": {},
    "gcp": {"project": "acme"},
}

MakePlugin = Callable[[str], CloudPlugin]


@pytest.fixture
def plugin(clouds: Clouds) -> MakePlugin:
    """Makes the plugin of a package, configured."""

    def make(package: str) -> CloudPlugin:
        made = CloudPlugin(package, clouds.folder / package)
        made.configure(dict(_SETTINGS[package]))
        return made

    return make
