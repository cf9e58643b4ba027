"""The plugin process: port first, quiet end, small and quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from provider_harness import PluginProcess

from splitplane.provider.host import parse_arguments


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        pytest.param(["127.0.0.1:1"], "127.0.0.1:1", id="engine"),
        pytest.param([], "", id="attach"),
        pytest.param(["--logtostderr", "-v=9", "127.0.0.1:1"], "127.0.0.1:1", id="logs"),
        pytest.param(
            ["--tracing", "file:/x", "--logflow", "127.0.0.1:1"], "127.0.0.1:1", id="tracing"
        ),
    ],
)
def test_the_engines_arguments_are_understood(arguments: list[str], address: str) -> None:
    assert parse_arguments(arguments) == address


def test_the_port_is_all_that_is_printed_and_the_end_is_quiet(plugin_command: Path) -> None:
    plugin = PluginProcess([plugin_command, "127.0.0.1:1"])

    plugin.handshake()

    assert plugin.first_line == f"{int(plugin.first_line)}\n"
    assert plugin.stop() == (0, "", "")


def test_an_engine_can_attach(plugin_command: Path) -> None:
    with PluginProcess([plugin_command]) as plugin:
        plugin.attach("127.0.0.1:1")

        assert plugin.version() == "0.1.0"


def test_it_accepts_secrets_references_and_outputs(plugin_command: Path) -> None:
    with PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin:
        answer = plugin.handshake()

        assert answer.accept_secrets
        assert answer.accept_resources
        assert answer.accept_outputs


def test_the_port_is_out_before_the_sdk_is_imported() -> None:
    code = (
        "import sys; import splitplane.provider.host, splitplane.provider.splitplane_backend; "
        "heavy = {'pulumi.automation', 'pulumi.runtime.mocks', 'pydantic', 'httpx'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_sdk_can_be_imported_after_the_stubs() -> None:
    code = (
        "from splitplane.provider import stubs; stubs.load_sdk(); "
        "import pulumi.provider.server; import pulumi.runtime.proto as proto; "
        "assert proto.provider_pb2 is stubs.provider_pb2"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_folder_is_a_plugin_too(repository: Path) -> None:
    with PluginProcess([sys.executable, repository / "provider", "127.0.0.1:1"]) as plugin:
        assert plugin.version() == "0.1.0"
        assert '"name": "splitplane"' in plugin.schema()
