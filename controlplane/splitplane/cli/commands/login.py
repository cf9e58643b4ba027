"""`splitplane login`: a token in the login file, from a one-time code or from standard input."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from splitplane.cli.exits import WRONG_INPUT, CommandFailed


def login(
    url: Annotated[str, typer.Argument(help="Address of the control plane, https://HOST[:PORT].")],
    code: Annotated[
        str | None, typer.Option(help="One-time code that the server printed; asked for if absent.")
    ] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read a token from standard input instead.")
    ] = False,
    ca_bundle: Annotated[
        str | None, typer.Option(help="File with the certificates to trust.", metavar="FILE")
    ] = None,
) -> None:
    """Sign in; the token is kept in a file that only you can read."""
    from splitplane.client.client import Client
    from splitplane.client.settings import ClientSettings, check_endpoint, login_path, write_login

    if code and token_stdin:
        raise typer.BadParameter("give --code or --token-stdin, not both", param_hint="--code")
    endpoint = check_endpoint(url)
    token = _read_token() if token_stdin else None
    if token is None:
        code = code or _ask_code()
        with Client(endpoint, ca_bundle=ca_bundle) as client:
            token = client.sign_in(code.strip()).token
    with Client(endpoint, token, ca_bundle) as client:
        who = client.whoami()
    path = login_path()
    write_login(ClientSettings(endpoint, token, ca_bundle), path)
    print(f"signed in at {endpoint} as {who.subject} (tenant {who.tenant}); token kept in {path}")


def _read_token() -> str:
    token = sys.stdin.readline().strip()
    if not token:
        raise CommandFailed("no token on standard input; write it there as one line", WRONG_INPUT)
    return token


def _ask_code() -> str:
    if not sys.stdin.isatty():
        raise CommandFailed("a one-time code is needed: --code CODE, or --token-stdin", WRONG_INPUT)
    answer: str = typer.prompt("one-time code")
    return answer
