"""The agent's settings: one frozen model, read once, from arguments and `SPLITPLANE_AGENT_*`."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from splitplane.agent.backoff import LONGEST_SECONDS
from splitplane.agent.errors import UserError
from splitplane.contract.base import StrictModel
from splitplane.contract.commands import CommandKind
from splitplane.contract.manifests.cluster import Delivery

PREFIX: Final = "SPLITPLANE_AGENT_"

ALL_VERBS: Final[tuple[CommandKind, ...]] = (
    "apply-bundle",
    "delete-bundle",
    "apply-namespace",
    "delete-namespace",
)
_LISTS: Final = frozenset({"allowed_namespaces", "denied_namespaces", "verbs"})
_NAMESPACE: Final = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"

LogLevel = Literal["debug", "info", "warning", "error"]
Namespace = Annotated[str, Field(pattern=_NAMESPACE)]


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, so that plain http leaves nothing on a wire."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hub_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{url!r} is not a URL; use https://HOST[:PORT]")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            f"{url!r} is not encrypted; use https, http is for loopback addresses only"
        )
    if parts.query or parts.fragment or parts.username:
        raise ValueError(f"{url!r} has more than scheme, host, port and path; leave the rest out")
    return url.rstrip("/")


class Settings(StrictModel):
    """What one agent process needs to know; unknown keys are refused."""

    hub_url: Annotated[str, AfterValidator(_hub_url)]
    """Base URL of the control plane, https; http for loopback addresses only."""
    join_token: str | None = Field(default=None, repr=False)
    """One-time join token; needed until the cluster is enrolled, ignored afterwards."""
    join_token_file: Path | None = None
    """File with the join token, in place of `join_token`."""
    kubeconfig: Path | None = None
    """Kubeconfig of the cluster; the pod's service account when None."""
    context: str | None = None
    """Context of the kubeconfig; its current one when None."""
    namespace: Namespace = "splitplane-agent"
    """Namespace of the agent's own objects: identity, ledger."""
    delivery: Delivery | None = None
    """How bundles are delivered; what the control plane says for the cluster when None."""
    allowed_namespaces: tuple[Namespace, ...] = ()
    """The only namespaces that bundles may use; every one that is not denied when empty."""
    denied_namespaces: tuple[Namespace, ...] = ()
    """Namespaces that no bundle may use, besides the reserved ones; beats the allowed ones."""
    verbs: tuple[CommandKind, ...] = ALL_VERBS
    """Commands that the agent carries out; any other is refused."""
    max_deletes: Annotated[int, Field(ge=0, le=10_000)] = 50
    """Most objects that one command may delete."""
    argocd_namespace: Namespace = "argocd"
    """Namespace of Argo CD, where the AppProjects go; with delivery argocd."""
    argocd_destination: str = "https://kubernetes.default.svc"
    """Address of this cluster as Argo CD knows it; with delivery argocd."""
    chart_url: str | None = None
    """URL of the chart endpoint as Argo CD reaches it; made of the listen address when None."""
    chart_host: str = "127.0.0.1"
    """Address that the chart endpoint listens on; with delivery argocd."""
    chart_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the chart endpoint; a free one when 0."""
    status_host: str = "127.0.0.1"
    """Address that /healthz, /readyz and /metrics listen on."""
    status_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the status server; a free one, which is logged, when 0."""
    ca_bundle: Path | None = None
    """PEM file with the authorities that may sign the hub's certificate; the system's when None."""
    reconnect_wait_seconds: Annotated[float, Field(gt=0, le=3600)] = LONGEST_SECONDS
    """Longest wait between two attempts to reach the hub, seconds; each is random up to its cap."""
    log_level: LogLevel = "info"
    """Least severe level that is logged."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.join_token is not None and self.join_token_file is not None:
            raise ValueError("join_token and join_token_file are both set; set one")
        return self

    def read_join_token(self) -> str | None:
        """The join token, from its file if so configured; None when there is none.

        Raises:
            UserError: the file cannot be read.
        """
        if self.join_token_file is None:
            return self.join_token
        try:
            return self.join_token_file.read_text(encoding="utf-8").strip() or None
        except OSError as error:
            raise UserError(
                f"join_token_file {str(self.join_token_file)!r} cannot be read: {error.strerror}"
            ) from error


def load_settings(
    environment: Mapping[str, str],
    overrides: Mapping[str, Any] | None = None,  # Any: values of the model's fields
) -> Settings:
    """The settings: overrides that are not None, then the environment, then defaults.

    Lists in the environment are separated by commas; an empty variable counts as not set.

    Raises:
        UserError: a field is missing or wrong, or a `SPLITPLANE_AGENT_` variable is not a setting.
    """
    values: dict[str, Any] = {}
    for key, text in environment.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in Settings.model_fields:
            allowed = ", ".join(PREFIX + field.upper() for field in sorted(Settings.model_fields))
            raise UserError(f"{key} is not a setting of the agent; the settings are {allowed}")
        if text:
            values[name] = _split(text) if name in _LISTS else text
    values |= {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise UserError(_explain(error)) from error


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _explain(error: ValidationError) -> str:
    lines: list[str] = []
    for problem in error.errors(include_url=False):
        field = ".".join(str(part) for part in problem["loc"]) or "settings"
        hint = f" (set {PREFIX}{field.upper()})" if problem["type"] == "missing" else ""
        shown = "" if "token" in field or problem["type"] == "missing" else f" {problem['input']!r}"
        lines.append(f"{field}{shown}: {problem['msg'].lower()}{hint}")
    return "; ".join(lines)
