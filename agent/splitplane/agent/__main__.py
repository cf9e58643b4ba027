"""`python -m splitplane.agent`: the process of the agent's image. See `settings`."""

from __future__ import annotations

import sys

from splitplane.agent.commands import agent_run
from splitplane.agent.errors import AgentError, Refused, UserError


def main() -> int:
    """Exit code: 0 after SIGTERM, 2 wrong settings, 3 refused by a peer, 1 anything else."""
    try:
        agent_run()
    except AgentError as error:
        sys.stderr.write(f"splitplane agent: {error}\n")
        return 2 if isinstance(error, UserError) else 3 if isinstance(error, Refused) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
