"""One engine preview of the production example of stacks/eks, as a program of its own.

Prints its seconds: from the call of the engine on, with the imports of the program, and without the
making of the stack, which people do once.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from clouds.program import install
from eks_account import read_example

from splitplane.stacks.engine import Engine

EXAMPLE = "production"
_STANDINS = Path(__file__).resolve().parent


def main(folder: Path, bytecode: Path) -> None:
    """Previews in `folder`; compiled modules of the stand-ins are kept in `bytecode`."""
    example = read_example(EXAMPLE)
    clouds = install(folder / "clouds", bytecode)
    example.settle(clouds)
    # A preview of what does not exist asks the control plane nothing.
    config = {
        "aws:region": example.region,
        "splitplane:endpoint": "http://127.0.0.1:9",
        "splitplane:token": "none",
    }
    plugins = (clouds.plugins, _STANDINS)
    with Engine(folder / "engine", passphrase="bench", plugin_directories=plugins) as engine:

        def program() -> None:
            from splitplane.stacks.programs import deploy_program

            deploy_program("eks", example.args)

        stack = engine.stack("bench", program, config)
        started = time.perf_counter()
        planned = stack.preview(color="never").change_summary
        seconds = time.perf_counter() - started
    print(seconds, sum(planned.values()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
