"""An update that waits for an application that no agent runs; a test cancels it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine_programs import PASSPHRASE
from pulumi import automation

from splitplane import resources as sp
from splitplane.stacks.engine import Engine


def main() -> None:
    """Prints what the engine said, and ends well when the update was cancelled."""
    arguments = json.loads(sys.argv[1])
    engine = Engine(
        directory=Path(arguments["directory"]),
        passphrase=PASSPHRASE,
        environment=arguments["environment"],
    )

    def register() -> None:
        sp.Application(
            "app",
            name=arguments["name"],
            workspace=arguments["workspace"],
            service=sp.ServiceArgs(image="registry.example.com/a:1"),
        )

    with engine:
        try:
            engine.stack("cancelled", register).up(on_output=print)
        except automation.CommandError as error:
            print(error)
            return
    sys.exit("the update was not cancelled")


if __name__ == "__main__":
    main()
