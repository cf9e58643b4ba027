"""What every test gets: a clean environment, and a record of skips."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.strategies import from_regex

ROOT = Path(__file__).resolve().parents[1]

_KEPT = (
    "SPLITPLANE_CACHE",
    "SPLITPLANE_TOOLS_DOWNLOAD",
    "SPLITPLANE_TEST_SKIPS_FILE",
)

pytest_plugins = ["cloud_fixture", "cluster_fixture"]

# No deadline: build machines are noisy, and a slow example is not a wrong one.
settings.register_profile(
    "splitplane", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("splitplane")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the developer's login, server or proxy settings."""
    for name in list(os.environ):
        if name.startswith("SPLITPLANE_") and name not in _KEPT:
            monkeypatch.delenv(name)
    for name in ("DATABASE_URL", "KUBECONFIG", "KUBECONFIG_CONTEXT", "ONCE", "DELIVERY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking for garbage in it again takes a quarter of the run."""
    # Loads what it needs: Python 3.11 cannot parse a module while another thread parses.
    # https://github.com/python/cpython/issues/106905
    from_regex("a").validate()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Appends each skip to the file that tests/run.py holds against the allowed ones."""
    target = os.environ.get("SPLITPLANE_TEST_SKIPS_FILE")
    if target and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        with Path(target).open("a") as file:
            file.write(f"{report.nodeid}\t{reason}\n")
