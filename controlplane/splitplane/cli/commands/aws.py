"""`splitplane aws`: what is done in an AWS account outside of a Pulumi program."""

from __future__ import annotations

from typing import Annotated

import typer

from splitplane.cli.exits import needs_extra

app = typer.Typer(no_args_is_help=True, help="EKS without the AWS CLI.")


@app.callback()
def _root() -> None:
    """Keeps `token` a command of its own while there is no other."""


@app.command()
def token(
    cluster: Annotated[str, typer.Option(help="Name of the EKS cluster.", metavar="NAME")],
    region: Annotated[str, typer.Option(help="Region of the cluster.", metavar="REGION")],
    role_arn: Annotated[
        str | None, typer.Option(help="Role to assume before signing in.", metavar="ARN")
    ] = None,
) -> None:
    """Print a sign-in for the cluster's API server; kubeconfigs run this."""
    with needs_extra("aws"):
        from splitplane.stacks.aws.signin import read_exec_credential
    print(read_exec_credential(cluster=cluster, region=region, role_arn=role_arn))
