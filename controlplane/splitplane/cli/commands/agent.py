"""`splitplane agent`: run it, print its manifests, install and uninstall it.

Every setting is also a variable `SPLITPLANE_AGENT_NAME`; an option beats it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splitplane.cli.exits import needs_extra

app = typer.Typer(no_args_is_help=True, help="What runs in each cluster and dials out.")

HubUrl = Annotated[
    str | None, typer.Option("--hub-url", help="Address of the control plane.", metavar="URL")
]
JoinTokenFile = Annotated[
    Path | None,
    typer.Option(help="File with the join token, which is needed once.", metavar="FILE"),
]
Kubeconfig = Annotated[Path | None, typer.Option(help="Kubeconfig of the cluster.", metavar="FILE")]
Context = Annotated[
    str | None, typer.Option(help="Context of the kubeconfig; its current one if left out.")
]
Namespace = Annotated[str | None, typer.Option(help="Namespace of the agent's own objects.")]
Delivery = Annotated[
    str | None, typer.Option(help="argocd or direct; what the control plane says if left out.")
]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow-namespace", help="The only namespaces for workloads; repeatable."),
]
Deny = Annotated[
    list[str] | None,
    typer.Option("--deny-namespace", help="A namespace that no workload may use; repeatable."),
]
Replicas = Annotated[
    int,
    typer.Option(help="1, or 0 where the agent runs outside the cluster.", min=0, max=1),
]
Image = Annotated[str | None, typer.Option(help="Image of the agent.")]
CaFile = Annotated[
    Path | None,
    typer.Option(help="File with the authorities of the control plane.", metavar="FILE"),
]


@app.command()
def run(
    hub_url: HubUrl = None,
    join_token_file: JoinTokenFile = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    namespace: Namespace = None,
    delivery: Delivery = None,
    allow_namespace: Allow = None,
    deny_namespace: Deny = None,
    ca_file: CaFile = None,
) -> None:
    """Run the agent as a process until Ctrl-C."""
    with needs_extra("agent"):
        from splitplane.agent.commands import agent_run
    agent_run(
        hub_url=hub_url,
        join_token_file=join_token_file,
        kubeconfig=kubeconfig,
        context=context,
        namespace=namespace,
        delivery=delivery,
        allowed_namespaces=_many(allow_namespace),
        denied_namespaces=_many(deny_namespace),
        ca_bundle=ca_file,
    )


@app.command()
def manifests(
    hub_url: HubUrl = None,
    join_token_file: JoinTokenFile = None,
    namespace: Namespace = None,
    delivery: Delivery = None,
    allow_namespace: Allow = None,
    deny_namespace: Deny = None,
    image: Image = None,
    ca_file: CaFile = None,
    replicas: Replicas = 1,
) -> None:
    """Print what installs the agent, for kubectl apply -f -."""
    with needs_extra("agent"):
        from splitplane.agent.commands import agent_manifests
    text = agent_manifests(
        hub_url=hub_url,
        join_token_file=join_token_file,
        namespace=namespace,
        delivery=delivery,
        allowed_namespaces=_many(allow_namespace),
        denied_namespaces=_many(deny_namespace),
        image=image,
        ca_certificates=ca_file.read_text(encoding="utf-8") if ca_file else None,
        replicas=replicas,
    )
    print(text, end="")


@app.command()
def install(
    hub_url: HubUrl = None,
    join_token_file: JoinTokenFile = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    namespace: Namespace = None,
    delivery: Delivery = None,
    allow_namespace: Allow = None,
    deny_namespace: Deny = None,
    image: Image = None,
    ca_file: CaFile = None,
    replicas: Replicas = 1,
) -> None:
    """Install the agent into a cluster; safe to repeat."""
    with needs_extra("agent"):
        from splitplane.agent.commands import agent_install
    done = agent_install(
        kubeconfig=kubeconfig,
        context=context,
        hub_url=hub_url,
        join_token_file=join_token_file,
        namespace=namespace,
        delivery=delivery,
        allowed_namespaces=_many(allow_namespace),
        denied_namespaces=_many(deny_namespace),
        image=image,
        ca_certificates=ca_file.read_text(encoding="utf-8") if ca_file else None,
        replicas=replicas,
    )
    for name in done:
        print(f"{name} applied")


@app.command()
def uninstall(
    kubeconfig: Kubeconfig = None, context: Context = None, namespace: Namespace = None
) -> None:
    """Remove the agent, its rights and its namespace; what it delivered stays."""
    with needs_extra("agent"):
        from splitplane.agent.commands import agent_uninstall
    done = agent_uninstall(kubeconfig=kubeconfig, context=context, namespace=namespace)
    for name in done:
        print(f"{name} deleted")
    if not done:
        print("there is no agent")


def _many(names: list[str] | None) -> tuple[str, ...] | None:
    return tuple(names) if names else None
