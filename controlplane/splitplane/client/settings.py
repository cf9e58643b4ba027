"""Where the control plane is and who we are: arguments, then environment, then the login file.

The stored token is only ever sent to the endpoint that it was stored with: an endpoint from
elsewhere needs its own token.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from splitplane.client.errors import NotConfigured

ENDPOINT_VARIABLE: Final = "SPLITPLANE_ENDPOINT"
TOKEN_VARIABLE: Final = "SPLITPLANE_TOKEN"  # noqa: S105 - name of a variable
CA_BUNDLE_VARIABLE: Final = "SPLITPLANE_CA_BUNDLE"
TIMEOUT_VARIABLE: Final = "SPLITPLANE_TIMEOUT_SECONDS"
RETRIES_VARIABLE: Final = "SPLITPLANE_RETRIES"

DEFAULT_TIMEOUT_SECONDS: Final = 30.0
"""Longest answer of the API on purpose: a list of 200 objects in a loaded database takes 1 s."""
LONGEST_TIMEOUT_SECONDS: Final = 600.0
"""Ten minutes; whatever takes longer is polled."""
DEFAULT_RETRIES: Final = 4
"""Over 3 s on average: a replica that restarts is back by then."""
MOST_RETRIES: Final = 20
"""Over a minute and a half, for control planes that are being upgraded."""

_LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TEXT_KEYS: Final = frozenset({"endpoint", "token", "ca_bundle"})
_NUMBER_KEYS: Final = frozenset({"timeout_seconds", "retries"})


@dataclass(frozen=True)
class ClientSettings:
    """What a client needs.

    Attributes:
        endpoint: `http(s)://HOST[:PORT]` without a slash at its end.
        token: bearer token; None for what needs none, such as signing in.
        ca_bundle: file with the certificates to trust; the system's and certifi's when None.
        timeout_seconds: longest wait for each of connecting, sending and receiving.
        retries: further tries of a request after the first.
    """

    endpoint: str
    token: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    retries: int = DEFAULT_RETRIES


def load_settings(
    *,
    endpoint: str | None = None,
    token: str | None = None,
    ca_bundle: str | None = None,
    timeout_seconds: float | None = None,
    retries: int | None = None,
    environ: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> ClientSettings:
    """The settings in force: each from the argument, else the environment, else the login file.

    Raises:
        NotConfigured: there is no endpoint, it is not a URL, a number is none or out of its
            range, or the login file cannot be used.
    """
    variables = os.environ if environ is None else environ
    given_endpoint = endpoint or variables.get(ENDPOINT_VARIABLE)
    given_token = token or variables.get(TOKEN_VARIABLE)
    given_bundle = ca_bundle or variables.get(CA_BUNDLE_VARIABLE)
    given_timeout = variables.get(TIMEOUT_VARIABLE) if timeout_seconds is None else timeout_seconds
    given_retries = variables.get(RETRIES_VARIABLE) if retries is None else retries
    timeout = None if given_timeout in (None, "") else check_timeout(given_timeout)
    count = None if given_retries in (None, "") else check_retries(given_retries)
    if given_endpoint and given_token:
        # The login file is not even read: it may be another's, or broken.
        return _with_numbers(
            ClientSettings(check_endpoint(given_endpoint), given_token, given_bundle),
            timeout,
            count,
        )
    stored = read_login(path or login_path(variables))
    chosen = given_endpoint or (stored.endpoint if stored else None)
    if chosen is None:
        raise NotConfigured(
            f"no control plane is known: run `splitplane login URL` or set {ENDPOINT_VARIABLE} "
            f"and {TOKEN_VARIABLE}"
        )
    chosen = check_endpoint(chosen)
    base = stored if stored is not None and stored.endpoint == chosen else ClientSettings(chosen)
    base = replace(base, token=given_token or base.token, ca_bundle=given_bundle or base.ca_bundle)
    return _with_numbers(base, timeout, count)


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
    data: dict[str, str | float | None] = {
        "endpoint": settings.endpoint,
        "token": settings.token,
        "ca_bundle": settings.ca_bundle,
    }
    if settings.timeout_seconds != DEFAULT_TIMEOUT_SECONDS:
        data["timeout_seconds"] = settings.timeout_seconds
    if settings.retries != DEFAULT_RETRIES:
        data["retries"] = settings.retries
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            kept = {key: value for key, value in data.items() if value not in (None, "")}
            json.dump(kept, file, indent=2)
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


def check_timeout(value: object) -> float:
    """The time in seconds; raises NotConfigured when it is none between 0 and ten minutes."""
    number = _number(value)
    if number is None or not 0 < number <= LONGEST_TIMEOUT_SECONDS:
        raise NotConfigured(
            f"timeout {value!r} is not a number of seconds above 0 and at most "
            f"{LONGEST_TIMEOUT_SECONDS:.0f}"
        )
    return number


def check_retries(value: object) -> int:
    """The count; raises NotConfigured when it is no whole number from 0 to 20."""
    number = _number(value)
    if number is None or not number.is_integer() or not 0 <= number <= MOST_RETRIES:
        raise NotConfigured(f"retries {value!r} is not a whole number from 0 to {MOST_RETRIES}")
    return int(number)


def is_loopback(endpoint: str) -> bool:
    """Whether the endpoint is on this machine: no proxy is used for it."""
    return urlsplit(endpoint).hostname in _LOOPBACK_HOSTS


def _with_numbers(
    settings: ClientSettings, timeout_seconds: float | None, retries: int | None
) -> ClientSettings:
    return replace(
        settings,
        timeout_seconds=settings.timeout_seconds if timeout_seconds is None else timeout_seconds,
        retries=settings.retries if retries is None else retries,
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


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
        if not (
            isinstance(value, str)
            if key in _TEXT_KEYS
            else key in _NUMBER_KEYS and _number(value) is not None
        )
    )
    if wrong:
        raise NotConfigured(
            f"login file {str(path)!r} has an unknown or wrong field {wrong[0]!r}; "
            f"allowed are {', '.join(sorted(_TEXT_KEYS))} as text and "
            f"{', '.join(sorted(_NUMBER_KEYS))} as numbers"
        )
    return ClientSettings(
        check_endpoint(data["endpoint"]),
        data.get("token"),
        data.get("ca_bundle"),
        check_timeout(data.get("timeout_seconds", DEFAULT_TIMEOUT_SECONDS)),
        check_retries(data.get("retries", DEFAULT_RETRIES)),
    )
