"""Options that several commands share. Imported by `--help`, so it imports nothing slow."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Output(StrEnum):
    """Format of an answer."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        help="Address of the control plane; else SPLITPLANE_ENDPOINT, else that of the last login.",
        metavar="URL",
    ),
]
OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="Format; yaml is what apply takes.")
]
FileOption = Annotated[
    str | None,
    typer.Option(
        "--file", "-f", help="File, folder, or - for standard input.", metavar="FILE|DIR|-"
    ),
]
Kind = Annotated[str, typer.Argument(help="environments, clusters, workspaces, applications, …")]
Directory = Annotated[
    Path | None, typer.Option("--directory", help="Folder of the state; a fixed one if left out.")
]
