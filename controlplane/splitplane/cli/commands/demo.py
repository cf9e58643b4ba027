"""`splitplane demo`: the whole story on this machine; `make demo` is this command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from splitplane.cli.exits import needs_extra


def demo(
    once: Annotated[
        bool | None,
        typer.Option("--once", help="Check everything, clean up and exit; also ONCE=1."),
    ] = None,
    delivery: Annotated[
        str | None, typer.Option(help="direct or argocd; also DELIVERY.", metavar="NAME")
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(
            help="Use this context of your kubeconfig instead of a local cluster; "
            "also KUBECONFIG_CONTEXT.",
            metavar="NAME",
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Folder of the state; also DEMO_STATE.", metavar="DIR")
    ] = None,
) -> None:
    """Run everything here: cluster, control plane, pulumi up, agent, a service."""
    with needs_extra("demo"):
        from splitplane.stacks.demo import load_demo_settings, run_demo
    settings = load_demo_settings(
        os.environ, once=once, delivery=delivery, context=context, state=state
    )
    raise typer.Exit(run_demo(settings))
