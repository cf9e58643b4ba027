from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx
import pytest

from splitplane.cli import exits
from splitplane.contract.version import VERSION


def test_help_names_the_exit_codes(run: Any) -> None:
    outcome = run("--help")

    assert outcome.code == 0
    assert "Exit codes: 0 ok, 1 failed" in outcome.out


def test_both_ways_to_the_version_agree(run: Any) -> None:
    assert run("version").out == f"splitplane {VERSION}\n"
    assert run("--version").out == f"splitplane {VERSION}\n"


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["get"], ["apply"], ["delete", "environment"]]
)
def test_wrong_usage_exits_with_2(run: Any, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (422, "invalid_input", 2),
        (401, "unauthenticated", 3),
        (403, "forbidden", 3),
        (404, "not_found", 4),
        (409, "in_use", 5),
        (503, "unavailable", 6),
        (500, "internal", 1),
    ],
)
def test_each_refusal_has_its_exit_code(
    run: Any, control_plane: Any, problem: Any, status: int, code: str, exit_code: int
) -> None:
    control_plane.answers("GET /api/v1/environments/environment%3Adev", problem(status, code))

    outcome = run("get", "environment", "dev")

    assert outcome.code == exit_code
    assert outcome.out == ""
    assert f"{code} happened ({code})" in outcome.err
    assert "Traceback" not in outcome.err


def test_an_unreachable_control_plane_exits_with_6(run: Any, control_plane: Any) -> None:
    control_plane.answers("GET /api/v1/environments", httpx.ConnectError("refused"))

    outcome = run("get", "environments")

    assert outcome.code == 6
    assert "control plane https://cp.example.com did not answer (refused)" in outcome.err


def test_without_a_login_it_says_how_to_get_one(run: Any) -> None:
    outcome = run("get", "environments")

    assert outcome.code == 2
    assert outcome.err == (
        "error: no control plane is known: run `splitplane login URL` or set SPLITPLANE_ENDPOINT "
        "and SPLITPLANE_TOKEN\n"
    )


def test_an_interrupt_exits_with_130(
    run: Any, control_plane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    control_plane.answers("GET /api/v1/environments", KeyboardInterrupt())

    assert run("get", "environments").code == 130


def test_a_missing_package_names_the_extra(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(exits.CommandFailed) as caught, exits.needs_extra("agent"):
        raise ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp")

    assert str(caught.value) == (
        "this command needs the package 'aiohttp', which is not installed; "
        'run: pip install "splitplane[agent]"'
    )


def test_a_bug_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert exits.report(ZeroDivisionError("division by zero")) == 1

    error = capsys.readouterr().err
    assert error.startswith("error: ZeroDivisionError: division by zero\n")
    assert "SPLITPLANE_DEBUG=1" in error


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys; from splitplane.cli.main import main; main(['--help']);"
        "print('SLOW', {'httpx', 'pydantic', 'yaml', 'pulumi', 'sqlalchemy'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "SLOW set()" in done.stdout
