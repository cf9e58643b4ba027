"""Settings of the server: arguments beat environment variables beat defaults; read once at start.

Environment variables are `SPLITPLANE_SERVER_<FIELD>`, and `DATABASE_URL`. One that is not known is
an error, because a misspelt setting must not be ignored.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from splitplane.controlplane.errors import StartError
from splitplane.controlplane.postgres.account import SYSTEM_DIRECTORY

PREFIX: Final = "SPLITPLANE_SERVER_"
DEFAULT_PORT: Final = 8470

ServerRole = Literal["api", "hub", "worker"]


def _default_state_dir() -> Path:
    if os.geteuid() == 0:
        return SYSTEM_DIRECTORY
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "splitplane"


def _default_replica() -> str:
    return f"{socket.gethostname()}-{secrets.token_hex(4)}"


class Settings(BaseModel):
    """What the server needs to know; frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on; the loopback one, because TLS is the ingress's business."""
    port: Annotated[int, Field(ge=0, le=65535)] = DEFAULT_PORT
    """Port to listen on; 0 takes a free one."""
    public_url: str | None = None
    """Address under which agents and people reach the server; the listening one when left out."""
    state_dir: Path = Field(default_factory=_default_state_dir)
    """Directory of the signing key and the embedded database."""
    database_url: str | None = None
    """URL of a PostgreSQL 14 or newer; the embedded one runs when left out."""
    database_pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    """Connections kept open; as many again are opened under load."""
    statement_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Longest time that one SQL statement may take."""
    roles: frozenset[ServerRole] = frozenset({"api", "hub", "worker"})
    """Parts that this process runs; all of them by default."""
    replica: str = Field(default_factory=_default_replica)
    """Name of this process among its replicas; made of the host's name when left out."""
    tenant: Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")] = "default"
    """Name of the tenant that the first start makes."""
    admin_email: Annotated[str, Field(pattern=r"^[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+$")] = (
        "admin@splitplane.local"
    )
    """Address of the first administrator."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important messages that are written."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 4 * 1024 * 1024
    """Largest body of a request; 500 manifests of 8 KiB fit."""

    @field_validator("roles", mode="before")
    @classmethod
    def _split_roles(cls, value: Any) -> Any:  # Any: runs before the type is known
        return frozenset(value.split(",")) if isinstance(value, str) else value

    @property
    def url(self) -> str:
        """Address of the server, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings(
    environ: Mapping[str, str] | None = None,
    **arguments: Any,  # Any: fields of Settings
) -> Settings:
    """The settings; arguments that are None count as not given.

    Raises:
        StartError: an unknown variable, or a value that is not allowed.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}  # Any: fields of Settings
    for name, value in environ.items():
        if name.startswith(PREFIX):
            values[name.removeprefix(PREFIX).lower()] = value
    if environ.get("DATABASE_URL"):
        values["database_url"] = environ["DATABASE_URL"]
    values.update({key: value for key, value in arguments.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise StartError(_describe(error)) from error


def _describe(error: ValidationError) -> str:
    lines: list[str] = []
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"])
        if detail["type"] == "extra_forbidden":
            known = ", ".join(sorted(Settings.model_fields))
            lines.append(f"unknown setting {field!r} ({PREFIX}{field.upper()}); known are {known}")
        else:
            lines.append(f"setting {field!r} is {detail['input']!r}: {detail['msg']}")
    return "; ".join(lines)
