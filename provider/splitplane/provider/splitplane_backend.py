"""The plugin `splitplane`: its configuration, its resources and its schema.

The contract, the client and the kinds are imported when the first resource is used: the port is
out before that, and a schema request needs none of it.
"""

from __future__ import annotations

import threading
from importlib import resources
from typing import TYPE_CHECKING, Final

from splitplane.provider.backend import Failure, Resource
from splitplane.provider.codec import Properties, has_unknown, unwrap
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import BadInput, Unsupported

if TYPE_CHECKING:
    from splitplane.client import Client

CONFIG: Final = {
    "endpoint": "Address of the control plane, `https://HOST[:PORT]`. Left out: the environment "
    "variable `SPLITPLANE_ENDPOINT`, then what `splitplane login` stored.",
    "token": "Bearer token, secret. Left out: the environment variable `SPLITPLANE_TOKEN`, then "
    "what `splitplane login` stored for the same endpoint.",
    "caBundle": "File with the certificates to trust in place of the system's. Left out: the "
    "environment variable `SPLITPLANE_CA_BUNDLE`, then what `splitplane login` stored.",
}
"""Inputs of the provider resource, name → description; all text."""

# The engine's own inputs of a provider resource.
_ENGINE_KEYS: Final = frozenset({"version", "pluginDownloadURL", "__internal"})


class SplitplaneBackend:
    """Custom resources of one control plane."""

    def __init__(self) -> None:
        """Not configured: resources can be checked and compared, but not read or written."""
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._resources: dict[str, Resource] = {}

    @property
    def version(self) -> str:
        """The version that all parts share."""
        from splitplane.contract.version import VERSION

        return VERSION

    def schema(self) -> str:
        """The committed schema; a test keeps it current."""
        return (
            resources.files("splitplane.provider")
            .joinpath("schema.json")
            .read_text(encoding="utf-8")
        )

    def check_config(self, news: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs as given: what comes from the environment or a login is not stored."""
        failures = [
            Failure(key, f"unknown property {key!r}; allowed: {', '.join(CONFIG)}")
            for key in news
            if key not in CONFIG and key not in _ENGINE_KEYS
        ]
        plain = unwrap(news)
        failures += [
            Failure(key, f"must be text, got {type(plain[key]).__name__}")
            for key in CONFIG
            if not has_unknown(plain.get(key)) and not isinstance(plain.get(key, ""), str)
        ]
        endpoint = plain.get("endpoint")
        if isinstance(endpoint, str):
            failures += _endpoint_failures(endpoint)
        return news, failures

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        """What differs. Nothing is replaced: a moved control plane still has the same objects."""
        return diff_properties(_config_of(olds), _config_of(news))

    def configure(self, inputs: Properties) -> None:
        """Uses the inputs, then the environment, then the login file.

        Raises:
            BadInput: no endpoint or no token is known.
        """
        from splitplane.client import Client, NotConfigured, load_settings

        config = _config_of(inputs)
        try:
            settings = load_settings(
                endpoint=config.get("endpoint"),
                token=config.get("token"),
                ca_bundle=config.get("caBundle"),
            )
        except NotConfigured as error:
            raise BadInput(f"the splitplane provider is not configured: {error}") from error
        if settings.token is None:
            raise BadInput(
                f"no token is known for {settings.endpoint}: set splitplane:token (pulumi config "
                "set --secret), set SPLITPLANE_TOKEN, or run `splitplane login`"
            )
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = Client.from_settings(settings)
            self._resources = {}

    def resource(self, token: str) -> Resource:
        """The resource with this token, on the configured control plane."""
        with self._lock:
            if not self._resources:
                self._resources = self._make_resources()
        found = self._resources.get(token)
        if found is None:
            allowed = ", ".join(sorted(self._resources))
            raise Unsupported(f"resource type {token!r} is not known; allowed: {allowed}")
        return found

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The package has no functions."""
        raise Unsupported(f"function {token!r} is not known: the package has none")

    def close(self) -> None:
        """The connections to the control plane are closed."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _make_resources(self) -> dict[str, Resource]:
        from splitplane.provider.kinds import LAYOUTS

        if self._client is None:
            raise BadInput("the splitplane provider is not configured: Configure was not called")
        return {layout.resource_type: kind(layout, self._client) for layout, kind in LAYOUTS}


def _config_of(inputs: Properties) -> Properties:
    plain = unwrap(inputs)
    return {key: plain[key] for key in CONFIG if plain.get(key)}


def _endpoint_failures(endpoint: str) -> list[Failure]:
    from splitplane.client.errors import NotConfigured
    from splitplane.client.settings import check_endpoint

    try:
        check_endpoint(endpoint)
    except NotConfigured as error:
        return [Failure("endpoint", str(error))]
    return []
