"""The plugin `splitplane`: its configuration, its resources, its functions and its schema.

The contract, the client and the kinds are imported when the first resource is used: the port is
out before that, and a schema request needs none of it.
"""

from __future__ import annotations

import threading
from importlib import resources
from typing import TYPE_CHECKING

from splitplane.provider.backend import EngineSide, Failure, Resource
from splitplane.provider.codec import Properties, has_unknown
from splitplane.provider.config import config_failures, config_of, settings_of
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import BadInput, Unsupported
from splitplane.provider.move import check_same_tenant

if TYPE_CHECKING:
    from splitplane.client import Client, ClientSettings


class SplitplaneBackend:
    """Custom resources of one control plane."""

    def __init__(self) -> None:
        """Not configured: resources can be checked and compared, but not read or written."""
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._resources: dict[str, Resource] = {}
        self._engine: EngineSide | None = None
        self._missing = "the splitplane provider is not configured: Configure was not called"

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

    def use_engine(self, engine: EngineSide) -> None:
        """Retries, waits and warnings of the control plane are shown by this engine."""
        self._engine = engine

    def check_config(self, news: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs as given: what comes from the environment or a login is not stored."""
        return news, config_failures(news)

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        """What differs. Nothing is ever replaced: a moved control plane has the same objects.

        Raises:
            WrongState: the new configuration is of another tenant, see `check_same_tenant`.
        """
        old, new = config_of(olds), config_of(news)
        check_same_tenant(old, new)
        return diff_properties(old, new)

    def configure(self, inputs: Properties) -> None:
        """Uses the inputs, then the environment, then the login file.

        With an input that is not known yet nothing is configured, and every use says so.

        Raises:
            BadInput: no endpoint or no token is known, or something cannot be used.
        """
        from splitplane.client import NotConfigured

        config = config_of(inputs)
        client = None
        self._missing = "the splitplane provider is not configured: Configure was not called"
        unknown = [name for name, value in config.items() if has_unknown(value)]
        if unknown:
            names = ", ".join(unknown)
            self._missing = f"the splitplane provider is not configured: {names} not known yet"
        else:
            try:
                settings = settings_of(config)
                if settings.token is None:
                    raise NotConfigured(
                        f"no token is known for {settings.endpoint}: set splitplane:token (pulumi "
                        "config set --secret), set SPLITPLANE_TOKEN, or run `splitplane login`"
                    )
                client = self._make_client(settings)
            except NotConfigured as error:
                message = f"the splitplane provider is not configured: {error}"
                raise BadInput(message) from error
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = client
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
        """The result of the function with this token, from the configured control plane."""
        from splitplane.provider.functions import FUNCTIONS

        function = FUNCTIONS.get(token)
        if function is None:
            allowed = ", ".join(sorted(FUNCTIONS))
            raise Unsupported(f"function {token!r} is not known; allowed: {allowed}")
        with self._lock:
            client = self._configured()
        return function.invoke(client, arguments)

    def close(self) -> None:
        """The connections to the control plane are closed."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _make_resources(self) -> dict[str, Resource]:
        from splitplane.provider.kinds import LAYOUTS

        client = self._configured()
        return {layout.resource_type: kind(layout, client) for layout, kind in LAYOUTS}

    def _configured(self) -> Client:
        if self._client is None:
            raise BadInput(self._missing)
        return self._client

    def _make_client(self, settings: ClientSettings) -> Client:
        from splitplane.client import Client

        engine = self._engine
        if engine is None:
            return Client.from_settings(settings)

        def tell(kind: str, text: str) -> None:
            if kind == "warning":
                engine.log.warn_once(f"control plane: {text}")
            else:
                engine.log.status(text)

        return Client.from_settings(settings, sleep=engine.pause, tell=tell)
