"""`splitplane server`: the control plane as one process, and sign-in codes for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splitplane.cli.exits import needs_extra

app = typer.Typer(help="The control plane as one process.", invoke_without_command=True)

StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", help="Folder of keys and of the built-in database."),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="PostgreSQL 14 or newer; also DATABASE_URL; built-in if neither is set."),
]


@app.callback()
def server(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; a free one when 0.", min=0, max=65535)
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="Address under which people and agents reach it.")
    ] = None,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Run the control plane until Ctrl-C; other settings are SPLITPLANE_SERVER_NAME variables."""
    if context.invoked_subcommand is not None:
        return
    with needs_extra("controlplane"):
        from splitplane.controlplane.main import serve
        from splitplane.controlplane.settings import load_settings
    serve(
        load_settings(
            host=host,
            port=port,
            public_url=public_url,
            state_dir=state_dir,
            database_url=database_url,
        )
    )


@app.command("sign-in-code")
def sign_in_code(state_dir: StateDir = None, database_url: DatabaseUrl = None) -> None:
    """Print a new one-time code for the first administrator; the server must be running."""
    with needs_extra("controlplane"):
        import asyncio

        from splitplane.controlplane.server import make_sign_in_code
        from splitplane.controlplane.settings import load_settings
    settings = load_settings(state_dir=state_dir, database_url=database_url)
    print(asyncio.run(make_sign_in_code(settings)))
