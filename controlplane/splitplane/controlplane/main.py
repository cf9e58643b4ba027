"""The server's process: embedded database if none is given, then the server, clean end.

`serve` is what `splitplane server` calls. What the server is made of lies in server.py.
"""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from splitplane.controlplane.errors import StartError
from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.controlplane.settings import Settings, load_settings
from splitplane.controlplane.web.logs import configure_logs

log = structlog.get_logger(__name__)


def _print(line: str) -> None:
    print(line, flush=True)


def serve(settings: Settings, *, say: Callable[[str], None] = _print) -> None:
    """Runs the server until SIGINT or SIGTERM; then everything that it started has ended.

    Args:
        settings: the server's settings.
        say: receives the lines for people: the address and, until the administrator has signed in
            once, a one-time code.

    Raises:
        StartError: it cannot start as it is configured.
    """
    # Else uvicorn, which raises the signal again at its end, would let SIGTERM end the process
    # before the database has stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    configure_logs(settings.log_level)
    postgres = None
    if settings.database_url is None:
        postgres = _start_postgres(settings.state_dir)
        log.info("embedded database", data=str(postgres.data_dir))
    try:
        import uvloop

        from splitplane.controlplane.server import run

        uvloop.run(run(settings, postgres, say))
    except KeyboardInterrupt:
        pass
    finally:
        if postgres is not None:
            postgres.stop()


def _start_postgres(state_dir: Path) -> EmbeddedPostgres:
    """The database and this process's own code get ready at the same time: each takes a second."""
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(EmbeddedPostgres.start, state_dir)
        try:
            importlib.import_module("splitplane.controlplane.server")
        except BaseException:
            starting.result().stop()
            raise
        return starting.result()


def main() -> None:
    """Runs the server by environment variables; for `python -m splitplane.controlplane.main`."""
    try:
        serve(load_settings())
    except StartError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
