"""Where the control plane is and who we are: arguments, then environment, then the login file.

The stored token is only ever sent to the endpoint that it was stored with: an endpoint from
elsewhere needs its own token.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from splitplane.client.errors import NotConfigured

ENDPOINT_VARIABLE: Final = "SPLITPLANE_ENDPOINT"
TOKEN_VARIABLE: Final = "SPLITPLANE_TOKEN"  # noqa: S105 - name of a variable
CA_BUNDLE_VARIABLE: Final = "SPLITPLANE_CA_BUNDLE"

_LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_FILE_KEYS: Final = frozenset({"endpoint", "token", "ca_bundle"})


@dataclass(frozen=True)
class ClientSettings:
    """What a client needs.

    Attributes:
        endpoint: `http(s)://HOST[:PORT]` without a slash at its end.
        token: bearer token; None for what needs none, such as signing in.
        ca_bundle: file with the certificates to trust; the system's and certifi's when None.
    """

    endpoint: str
    token: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None


def load_settings(
    *,
    endpoint: str | None = None,
    token: str | None = None,
    ca_bundle: str | None = None,
    environ: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> ClientSettings:
    """The settings in force: each from the argument, else the environment, else the login file.

    Raises:
        NotConfigured: there is no endpoint, it is not a URL, or the login file cannot be used.
    """
    variables = os.environ if environ is None else environ
    given_endpoint = endpoint or variables.get(ENDPOINT_VARIABLE)
    given_token = token or variables.get(TOKEN_VARIABLE)
    given_bundle = ca_bundle or variables.get(CA_BUNDLE_VARIABLE)
    if given_endpoint and given_token:
        return ClientSettings(check_endpoint(given_endpoint), given_token, given_bundle)
    stored = read_login(path or login_path(variables))
    chosen = given_endpoint or (stored.endpoint if stored else None)
    if chosen is None:
        raise NotConfigured(
            f"no control plane is known: run `splitplane login URL` or set {ENDPOINT_VARIABLE} "
            f"and {TOKEN_VARIABLE}"
        )
    chosen = check_endpoint(chosen)
    is_stored = stored is not None and stored.endpoint == chosen
    return ClientSettings(
        chosen,
        given_token or (stored.token if stored is not None and is_stored else None),
        given_bundle or (stored.ca_bundle if stored is not None and is_stored else None),
    )


def login_path(environ: Mapping[str, str] | None = None) -> Path:
    """The login file: `$XDG_CONFIG_HOME/splitplane/credentials.json`, else under `~/.config`."""
    variables = os.environ if environ is None else environ
    base = variables.get("XDG_CONFIG_HOME")
    home = variables.get("HOME")
    root = Path(base) if base else (Path(home) if home else Path.home()) / ".config"
    return root / "splitplane" / "credentials.json"


def read_login(path: Path) -> ClientSettings | None:
    """What the last login stored; None when there was none.

    Raises:
        NotConfigured: the file is readable by others, or not what a login writes.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise NotConfigured(f"login file {str(path)!r} cannot be read: {exc}") from exc
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotConfigured(
            f"login file {str(path)!r} has mode {stat.S_IMODE(mode):04o}: "
            f"others can read the token; run chmod 600 {path}"
        )
    return _parse_login(path, text)


def write_login(settings: ClientSettings, path: Path) -> None:
    """The login file holds these settings, mode 0600, replaced in one step."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = {"endpoint": settings.endpoint, "token": settings.token, "ca_bundle": settings.ca_bundle}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({key: value for key, value in data.items() if value}, file, indent=2)
            file.write("\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_endpoint(endpoint: str) -> str:
    """The endpoint without a slash at its end; raises NotConfigured when it is no server's URL."""
    parts = urlsplit(endpoint)
    try:
        has_host = parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    is_bare = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not has_host or not is_bare:
        raise NotConfigured(
            f"endpoint {endpoint!r} is not the address of a control plane: use https://HOST[:PORT]"
        )
    return endpoint.rstrip("/")


def is_loopback(endpoint: str) -> bool:
    """Whether the endpoint is on this machine: no proxy is used for it."""
    return urlsplit(endpoint).hostname in _LOOPBACK_HOSTS


def _parse_login(path: Path, text: str) -> ClientSettings:
    try:
        data: Any = json.loads(text)  # Any: JSON of a file that people may have edited
    except ValueError as exc:
        raise NotConfigured(
            f"login file {str(path)!r} is not JSON: {exc}; run `splitplane login URL` again"
        ) from exc
    if not isinstance(data, dict) or not isinstance(data.get("endpoint"), str):
        raise NotConfigured(
            f"login file {str(path)!r} names no endpoint; run `splitplane login URL` again"
        )
    wrong = sorted(
        str(key)
        for key, value in data.items()
        if key not in _FILE_KEYS or not isinstance(value, str)
    )
    if wrong:
        raise NotConfigured(
            f"login file {str(path)!r} has an unknown or wrong field {wrong[0]!r}; "
            f"allowed are {', '.join(sorted(_FILE_KEYS))} as text"
        )
    return ClientSettings(
        check_endpoint(data["endpoint"]), data.get("token"), data.get("ca_bundle")
    )
