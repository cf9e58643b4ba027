"""`splitplane status`: one object, its conditions and its pods; with `--watch` until it settles."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from splitplane.cli.exits import FAILED, RETRY_LATER, CommandFailed
from splitplane.cli.options import Endpoint

if TYPE_CHECKING:
    from splitplane.client.client import Client
    from splitplane.contract.conditions import Condition
    from splitplane.contract.views import LiveObjectView, ObjectView

_POLL_SECONDS: Final = 1.0
_SETTLED: Final = frozenset({"available", "succeeded", "failed", "ready", "connected"})


def status(
    fqn: Annotated[str, typer.Argument(help="Fully qualified name or id of the object.")],
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Follow its conditions until it settles.")
    ] = False,
    timeout_seconds: Annotated[
        int, typer.Option(help="With --watch: give up after so many seconds.", min=1)
    ] = 600,
    endpoint: Endpoint = None,
) -> None:
    """Show what is known of an object; --watch exits with 1 when it fails."""
    from splitplane.cli.connect import open_client

    with open_client(endpoint) as client:
        if watch:
            raise typer.Exit(_watch(client, fqn, timeout_seconds))
        view = client.resolve(fqn)
        _print_all(view, _live(client, view))


def _watch(client: Client, fqn: str, timeout_seconds: int) -> int:
    from splitplane.cli.output import say, waiting, warn
    from splitplane.client.errors import RetryLater

    deadline = time.monotonic() + timeout_seconds
    told: set[tuple[str, str, str, str]] = set()
    last_status = ""
    with waiting(f"watching {fqn}"):
        while True:
            try:
                view = client.resolve(fqn)
            except RetryLater as exc:
                if time.monotonic() + exc.delay_seconds > deadline:
                    raise
                warn(f"no answer, trying again: {exc}")
                time.sleep(exc.delay_seconds)
                continue
            for condition in view.conditions:
                key = (condition.type, condition.status, condition.reason, condition.message)
                if key not in told:
                    told.add(key)
                    say(_condition_line(condition))
            if view.status != last_status:
                last_status = view.status
                say(f"{view.fqn} is {view.status}")
            if view.status in _SETTLED:
                return FAILED if view.status == "failed" else 0
            if time.monotonic() > deadline:
                raise CommandFailed(
                    f"{view.fqn} is still {view.status} after {timeout_seconds} s; "
                    "the conditions above say what is missing",
                    RETRY_LATER,
                )
            time.sleep(_POLL_SECONDS)


def _live(client: Client, view: ObjectView) -> list[LiveObjectView]:
    if view.kind != "application":
        return []
    return list(client.live_objects(application=view.id))


def _print_all(view: ObjectView, live: list[LiveObjectView]) -> None:
    from splitplane.cli.output import age, print_table, say

    say(f"{view.kind} {view.fqn}: {view.status}")
    say(f"id {view.id}, made {age(view.created_at)} ago by {view.created_by}")
    if view.conditions:
        say("")
        print_table(
            ["CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE"],
            [
                [c.type, c.status, c.reason, age(c.changed_at), c.message or ""]
                for c in view.conditions
            ],
        )
    if live:
        say("")
        print_table(
            ["KIND", "NAMESPACE", "NAME", "STATE", "SEEN"],
            [
                [item.kind, item.namespace, item.name, _state(item), age(item.updated_at)]
                for item in live
            ],
        )


def _state(item: LiveObjectView) -> str:
    doc = item.doc
    if item.kind == "Pod":
        text = f"{doc.get('phase') or 'Unknown'}{'' if doc.get('ready') else ', not ready'}"
    elif item.kind == "Deployment":
        text = f"{doc.get('available_replicas', 0)}/{doc.get('replicas', 0)} available"
    elif item.kind == "Job":
        text = f"{doc.get('succeeded', 0)} succeeded, {doc.get('failed', 0)} failed"
    else:
        text = str(doc.get("health") or doc.get("reason") or "")
    return f"{text} (agent away since)" if item.is_stale else text


def _condition_line(condition: Condition) -> str:
    text = f"{condition.type}={condition.status} {condition.reason}"
    return f"{text}: {condition.message}" if condition.message else text
