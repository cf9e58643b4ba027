"""`splitplane doctor`: what on this machine keeps Splitplane from working, and what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from splitplane.cli.options import Endpoint

_OLDEST_PYTHON: Final = (3, 11)
_MINORS_APART: Final = 2

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    message: str


def doctor(
    endpoint: Endpoint = None,
    strict: Annotated[bool, typer.Option(help="Warnings count as failures.")] = False,
) -> None:
    """Check this machine, the login and the control plane; 1 if something is broken."""
    from splitplane.cli.output import print_table

    findings = list(examine(endpoint))
    print_table(["CHECK", "STATE", "FINDING"], [[f.name, f.state, f.message] for f in findings])
    bad = {"fail", "warn"} if strict else {"fail"}
    raise typer.Exit(1 if any(f.state in bad for f in findings) else 0)


def examine(endpoint: str | None) -> Iterator[Finding]:
    """Every finding, without changing or building anything."""
    yield _python()
    yield from _control_plane(endpoint)
    yield _tools()
    yield _kubeconfig()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding("python", "fail", f"{version}; install Python 3.11 or newer")
    return Finding("python", "ok", version)


def _control_plane(endpoint: str | None) -> Iterator[Finding]:
    from splitplane.client.client import Client
    from splitplane.client.errors import ApiError, Refused
    from splitplane.client.settings import is_loopback, load_settings

    try:
        settings = load_settings(endpoint=endpoint)
    except ApiError as exc:
        yield Finding("login", "warn", str(exc))
        return
    if settings.endpoint.startswith("http://") and not is_loopback(settings.endpoint):
        yield Finding("login", "warn", f"{settings.endpoint} is not encrypted; use https")
    else:
        yield Finding("login", "ok", settings.endpoint)
    with Client(settings.endpoint, settings.token, settings.ca_bundle, 5.0, 0) as client:
        try:
            yield _version(client.info().version)
            if settings.token is None:
                command = f"splitplane login {settings.endpoint}"
                yield Finding("token", "fail", f"none for {settings.endpoint}; run `{command}`")
                return
            who = client.whoami()
        except Refused as exc:
            yield Finding("token", "fail", str(exc))
            return
        except ApiError as exc:
            yield Finding("control plane", "fail", str(exc))
            return
    expiry = f", token until {who.token_expires_at:%Y-%m-%d}" if who.token_expires_at else ""
    yield Finding("token", "ok", f"{who.subject} in tenant {who.tenant}{expiry}")


def _version(server: str) -> Finding:
    """Client and server accept each other two minor versions apart."""
    from splitplane.contract.version import VERSION

    (major, minor), (own_major, own_minor) = _minor(server), _minor(VERSION)
    if major != own_major or abs(minor - own_minor) > _MINORS_APART:
        message = f"version {server}, this client is {VERSION}; upgrade the older one"
        return Finding("control plane", "warn", message)
    return Finding("control plane", "ok", f"version {server}")


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _tools() -> Finding:
    try:
        from splitplane.stacks.tools import known_binaries, missing
    except ModuleNotFoundError as exc:
        return Finding(
            "tools", "warn", f'{exc.name} is missing; for the demo: pip install "splitplane[demo]"'
        )
    absent = missing(known_binaries())
    if absent:
        return Finding(
            "tools", "warn", f"not there yet: {', '.join(absent)}; `splitplane demo` fetches them"
        )
    return Finding("tools", "ok", ", ".join(known_binaries()))


def _kubeconfig(read: Callable[[], str | None] = lambda: os.environ.get("KUBECONFIG")) -> Finding:
    import yaml

    path = Path((read() or str(Path.home() / ".kube" / "config")).split(os.pathsep)[0])
    if not path.exists():
        return Finding("kubeconfig", "ok", f"none at {path}; only needed for your own clusters")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        context = data.get("current-context") or "none"
        count = len(data.get("contexts") or [])
    except (OSError, yaml.YAMLError, AttributeError) as exc:
        return Finding("kubeconfig", "fail", f"{path} cannot be read: {exc}")
    return Finding("kubeconfig", "ok", f"{path}: {count} contexts, current {context}")
