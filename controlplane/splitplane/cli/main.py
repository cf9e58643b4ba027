"""The `splitplane` command: assembles the commands, and turns errors into messages and exit codes.

Imports nothing slow, so that `--help` and completion answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from splitplane.cli.commands import (
    agent,
    apply,
    aws,
    demo,
    doctor,
    local,
    login,
    objects,
    server,
    status,
)
from splitplane.cli.exits import EXIT_CODES_HELP, report

app = typer.Typer(
    name="splitplane",
    help="ML platforms on Kubernetes: clusters, workspaces and services through one control plane.",
    epilog=EXIT_CODES_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        version()
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """The options that stand before the command."""


@app.command(rich_help_panel="Start")
def version() -> None:
    """Print the version."""
    from splitplane.contract.version import VERSION

    print(f"splitplane {VERSION}")


app.command(rich_help_panel="Start")(demo.demo)
app.command(rich_help_panel="Start")(login.login)
app.command(rich_help_panel="Start")(doctor.doctor)
app.command(rich_help_panel="Work")(apply.apply)
app.command(rich_help_panel="Work")(objects.get)
app.command(rich_help_panel="Work")(status.status)
app.command(rich_help_panel="Work")(objects.delete)
app.add_typer(server.app, name="server", rich_help_panel="Run")
app.add_typer(local.app, name="local", rich_help_panel="Run")
app.add_typer(agent.app, name="agent", rich_help_panel="Run")
app.add_typer(aws.app, name="aws", rich_help_panel="Clouds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (`sys.argv` when None) and returns its exit code; see docs/cli.md."""
    try:
        app(args=list(sys.argv[1:] if arguments is None else arguments), prog_name="splitplane")
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    except BrokenPipeError:
        # The reader of a pipe, such as head, has all that it wanted.
        sys.stderr.close()
        return 0
    except (Exception, KeyboardInterrupt) as exc:
        return report(exc)
    return 0
