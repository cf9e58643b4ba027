"""`splitplane local`: a real Kubernetes API on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from splitplane.cli.exits import needs_extra
from splitplane.cli.options import Directory

app = typer.Typer(no_args_is_help=True, help="A real Kubernetes API on this machine.")


@app.command()
def up(
    directory: Directory = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay, and stop the cluster on Ctrl-C.")
    ] = False,
) -> None:
    """Start it, or say that it runs."""
    with needs_extra("demo"):
        from splitplane.stacks.local_cluster.commands import local_up
    local_up(directory, detached=not foreground)


@app.command()
def down(directory: Directory = None) -> None:
    """Stop it; its objects are kept."""
    with needs_extra("demo"):
        from splitplane.stacks.local_cluster.commands import local_down
    local_down(directory)


@app.command()
def status(directory: Directory = None) -> None:
    """Say what runs; 0 all, 1 some, 3 nothing."""
    with needs_extra("demo"):
        from splitplane.stacks.local_cluster.commands import local_status
    raise typer.Exit(local_status(directory))


@app.command()
def kubeconfig(directory: Directory = None) -> None:
    """Print the path of its kubeconfig, for export KUBECONFIG=$(...)."""
    with needs_extra("demo"):
        from splitplane.stacks.local_cluster.commands import local_kubeconfig
    print(local_kubeconfig(directory))
