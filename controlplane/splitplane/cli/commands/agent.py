"""`splitplane agent`: run it, print its manifests, install it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splitplane.cli.exits import needs_extra

app = typer.Typer(no_args_is_help=True, help="What runs in each cluster and dials out.")

HubUrl = Annotated[
    str | None, typer.Option(help="Address of the control plane; also SPLITPLANE_AGENT_HUB_URL.")
]
JoinTokenFile = Annotated[
    Path | None,
    typer.Option(help="File with the join token; also SPLITPLANE_AGENT_JOIN_TOKEN."),
]
Kubeconfig = Annotated[Path | None, typer.Option(help="Kubeconfig of the cluster.")]
Context = Annotated[str | None, typer.Option(help="Context of the kubeconfig.")]
Namespace = Annotated[str | None, typer.Option(help="Namespace of the agent's own objects.")]


@app.command()
def run(
    hub_url: HubUrl = None,
    join_token_file: JoinTokenFile = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    namespace: Namespace = None,
) -> None:
    """Run the agent as a process until Ctrl-C; every setting is also SPLITPLANE_AGENT_NAME."""
    with needs_extra("agent"):
        from splitplane.agent.commands import agent_run
    agent_run()
