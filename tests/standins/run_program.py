"""Runs a Pulumi program from standard input under the SDK's mocks, in a process of its own.

The SDK leaves event loops open, which would fail the next test where warnings are errors.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pulumi
import pulumi.runtime


class Mocks(pulumi.runtime.Mocks):
    """Answers every resource with its inputs."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """The inputs, and an id made of the name."""
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        """Nothing: programs of the docs call no functions."""
        return {}


def main() -> None:
    """Runs the program to its end; what it raises ends the process."""
    program = compile(sys.stdin.read(), "program", "exec")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pulumi.runtime.set_mocks(Mocks(), preview=False)
    exec(program, {"__name__": "program"})  # noqa: S102 - the program is the test's input
    loop.run_until_complete(pulumi.runtime.stack.wait_for_rpcs())


if __name__ == "__main__":
    main()
