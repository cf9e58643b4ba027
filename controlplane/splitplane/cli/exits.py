"""Exit codes of the command line, and how each error becomes one, with its message on stderr."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

OK: Final = 0
FAILED: Final = 1
WRONG_INPUT: Final = 2
REFUSED: Final = 3
NOT_FOUND: Final = 4
CONFLICT: Final = 5
RETRY_LATER: Final = 6
INTERRUPTED: Final = 130

EXIT_CODES_HELP: Final = (
    "Exit codes: 0 ok, 1 failed, 2 wrong usage or input, 3 refused (sign in or ask for a right), "
    "4 not found, 5 conflict, 6 unreachable or retry later, 130 interrupted."
)

DEBUG_VARIABLE: Final = "SPLITPLANE_DEBUG"

_CODES_BY_NAME: Final = {
    "UserError": WRONG_INPUT,
    "WrongSetting": WRONG_INPUT,
    "WrongArgument": WRONG_INPUT,
    "Refused": REFUSED,
    "NotAllowed": REFUSED,
    "NotFound": NOT_FOUND,
    "NotThere": NOT_FOUND,
    "Conflict": CONFLICT,
    "RetryLater": RETRY_LATER,
    "ClusterUnreachable": RETRY_LATER,
}
"""Class of an expected error → exit code; `FAILED` for the others."""

# Expected failures of the parts that the command line starts: their message says it all.
_EXPECTED: Final = (
    ("splitplane.stacks.demo.errors", "DemoError"),
    ("splitplane.stacks.aws.errors", "AwsError"),
    ("splitplane.stacks.tools.errors", "ToolError"),
    ("splitplane.stacks.local_cluster.errors", "LocalClusterError"),
    ("splitplane.components.errors", "ComponentError"),
    ("splitplane.agent.errors", "AgentError"),
    ("splitplane.controlplane.errors", "ControlPlaneError"),
)


class CommandFailed(Exception):
    """A command ends with this exit code and message."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        """Keeps the exit code; the message is printed as it is."""
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def needs_extra(extra: str) -> Generator[None]:
    """Imports in the body that fail for a missing package say which extra brings it."""
    try:
        yield
    except ModuleNotFoundError as exc:
        if exc.name is not None and exc.name.startswith("splitplane"):
            raise
        raise CommandFailed(
            f"this command needs the package {exc.name!r}, which is not installed; "
            f'run: pip install "splitplane[{extra}]"'
        ) from exc


def exit_code_of(error: BaseException) -> int:
    """The exit code that stands for the error."""
    if isinstance(error, CommandFailed):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    from splitplane.client import errors

    for kind, code in (
        (errors.InvalidInput, WRONG_INPUT),
        (errors.NotConfigured, WRONG_INPUT),
        (errors.Refused, REFUSED),
        (errors.NotFound, NOT_FOUND),
        (errors.Conflict, CONFLICT),
        (errors.RetryLater, RETRY_LATER),
    ):
        if isinstance(error, kind):
            return code
    return _CODES_BY_NAME.get(type(error).__name__, FAILED) if _is_expected(error) else FAILED


def report(error: BaseException) -> int:
    """The error is told on stderr, without a traceback where it is expected; returns its code."""
    if os.environ.get(DEBUG_VARIABLE) and not isinstance(error, KeyboardInterrupt):
        traceback.print_exception(error)
    for line in _lines(error):
        print(line, file=sys.stderr)
    return exit_code_of(error)


def _lines(error: BaseException) -> list[str]:
    from splitplane.client.errors import ApiError

    if isinstance(error, KeyboardInterrupt):
        return ["interrupted"]
    if isinstance(error, ApiError):
        return _api_lines(error)
    if isinstance(error, CommandFailed) or _is_expected(error):
        return [f"error: {error}"]
    if isinstance(error, OSError):
        return [f"error: {error.strerror or error}: {error.filename!r}"]
    return [
        f"error: {type(error).__name__}: {error}",
        f"  this is a bug of Splitplane; set {DEBUG_VARIABLE}=1 for the traceback and report it",
    ]


def _api_lines(error: BaseException) -> list[str]:
    problem = getattr(error, "problem", None)
    if problem is None:
        return [f"error: {error}"]
    about = f"{problem.fqn}: " if problem.fqn and problem.fqn not in problem.detail else ""
    lines = [f"error: {about}{problem.detail} ({problem.code})"]
    lines += field_lines(problem.errors)
    if problem.verb and problem.verb not in problem.detail:
        lines.append(f"  missing permission: {problem.verb}")
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    if problem.status >= 500 and problem.request_id:
        lines.append(f"  request id: {problem.request_id}")
    return lines


def field_lines(errors: list[object]) -> list[str]:
    """Each wrong field with its value, what is allowed and what to do, indented."""
    from splitplane.client.errors import describe_field
    from splitplane.contract.errors import FieldError

    return [f"  {describe_field(item)}" for item in errors if isinstance(item, FieldError)]


def _is_expected(error: BaseException) -> bool:
    for module_name, class_name in _EXPECTED:
        # What was not imported cannot have raised.
        kind = getattr(sys.modules.get(module_name), class_name, None)
        if kind is not None and isinstance(error, kind):
            return True
    return False
