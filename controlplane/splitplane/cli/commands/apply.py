"""`splitplane apply`: manifests from files to the control plane, told object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from splitplane.cli.exits import FAILED, REFUSED, WRONG_INPUT, field_lines
from splitplane.cli.options import Endpoint, FileOption

if TYPE_CHECKING:
    from splitplane.cli.files import Document
    from splitplane.contract.views import ApplyResponse, ApplyResult

_SHOWN_ONCE: Final = ("join_token", "token")


def apply(
    file: FileOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    endpoint: Endpoint = None,
) -> None:
    """Create or update what the manifests describe, all or nothing."""
    if file is None:
        raise typer.BadParameter("name a file, a folder, or - for standard input", param_hint="-f")
    from splitplane.cli.connect import open_client
    from splitplane.cli.files import read_documents
    from splitplane.cli.output import waiting

    documents = read_documents(file)
    with open_client(endpoint) as client, waiting(f"applying {len(documents)} manifests"):
        response = client.apply([document.data for document in documents], dry_run=dry_run)
    raise typer.Exit(print_response(response, documents))


def print_response(response: ApplyResponse, documents: list[Document]) -> int:
    """Prints a line for each object; returns the exit code."""
    from splitplane.cli.output import say, warn

    for result in response.results:
        document = documents[result.index]
        if result.action in ("denied", "invalid"):
            for line in _refusal(result, document):
                warn(line)
        else:
            for line in _outcome(result, document):
                say(line)
    actions = {result.action for result in response.results}
    if not actions & {"denied", "invalid"}:
        if response.dry_run:
            say("dry run: nothing was changed")
        return 0
    warn("nothing was changed: every manifest must be accepted")
    if "invalid" in actions:
        return WRONG_INPUT
    return REFUSED if "denied" in actions else FAILED


def _outcome(result: ApplyResult, document: Document) -> list[str]:
    from splitplane.cli.output import shown

    lines = [f"{_title(result, document)} {result.action}"]
    if result.action == "updated":
        lines += [
            f"  {change.path}: {shown(change.before)} -> {shown(change.after)}"
            for change in result.changes
        ]
    return lines + _secrets(result)


def _secrets(result: ApplyResult) -> list[str]:
    """What the control plane shows to whoever made the object, once."""
    observed = {} if result.object is None else result.object.observed
    return [
        f"  {name.replace('_', ' ')}, shown only now: {observed[name]}"
        for name in _SHOWN_ONCE
        if observed.get(name)
    ]


def _refusal(result: ApplyResult, document: Document) -> list[str]:
    problem = result.problem
    where = document.place()
    lines = [f"{where}: {_title(result, document)} {result.action}"]
    if result.permission is not None and not result.permission.allowed:
        lines.append(f"  {result.permission.verb}: {result.permission.reason}")
    if problem is None:
        return lines
    if not problem.errors:
        lines.append(f"  {problem.detail}")
    for error, text in zip(problem.errors, field_lines(list(problem.errors)), strict=True):
        lines.append(f"  {document.place(error.field)}: {text.strip()}")
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    return lines


def _title(result: ApplyResult, document: Document) -> str:
    kind = result.kind or document.data.get("type") or "manifest"
    return f"{kind} {result.fqn or document.data.get('name') or '(no name)'}"
