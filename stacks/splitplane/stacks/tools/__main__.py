"""`python -m splitplane.stacks.tools [BINARY…]`: fetches or builds tools ahead of their use."""

from __future__ import annotations

import sys

from splitplane.stacks.tools.errors import ToolError
from splitplane.stacks.tools.resolve import known_binaries, resolve


def main(arguments: list[str]) -> int:
    """Resolve the named binaries, or all of them; print each path. 1 when one cannot be had."""
    for binary in arguments or known_binaries():
        try:
            print(f"{binary}\t{resolve(binary)}")
        except ToolError as exc:
            print(exc, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
