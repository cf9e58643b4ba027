"""The stand-in's configuration and its table of kinds, which is the API server's own."""

from __future__ import annotations

import json
import os
import threading

from k8s_plugin.api import KubernetesApi
from k8s_plugin.faults import with_faults
from k8s_plugin.kubeconfig import connect
from k8s_plugin.objects import KubernetesObject, Settings
from k8s_plugin.release import HelmRelease
from k8s_plugin.unreachable import VARIABLE, Unreachable, UnreachableObject
from splitplane.provider.backend import EngineSide, Failure, Resource
from splitplane.provider.codec import Properties, has_unknown, unwrap
from splitplane.provider.diff import Change, Diff, diff_properties
from splitplane.provider.errors import BadInput, Unsupported

VERSION = "4.34.2"
_CONNECTION_KEYS = ("kubeconfig", "context", "cluster")
_KNOWN_KEYS = {
    *_CONNECTION_KEYS,
    "clusterIdentifier",
    "deleteUnreachable",
    "enableConfigMapMutable",
    "enableSecretMutable",
    "enableServerSideApply",
    "namespace",
    "pluginDownloadURL",
    "version",
    "__internal",
}


class KubernetesPlugin:
    """Objects of one cluster."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._api: KubernetesApi | None = None
        self._settings = Settings()
        self._unreachable: Unreachable | None = None

    @property
    def version(self) -> str:
        return VERSION

    def schema(self) -> str:
        return json.dumps({"name": "kubernetes", "version": VERSION})

    def check_config(self, news: Properties) -> tuple[Properties, list[Failure]]:
        failures = [
            Failure(key, "this stand-in does not do that") for key in news if key not in _KNOWN_KEYS
        ]
        if unwrap(news).get("enableServerSideApply") == "false":
            failures.append(Failure("enableServerSideApply", "this stand-in only applies"))
        return news, failures

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        """A same, known cluster identifier protects; else the active cluster decides."""
        old, new = unwrap(olds), unwrap(news)
        found = diff_properties(old, new)
        old_name, new_name = old.get("clusterIdentifier"), new.get("clusterIdentifier")
        if old_name and new_name and not has_unknown(new_name):
            replaces = {"clusterIdentifier"} if old_name != new_name else set[str]()
        else:
            replaces = _replaced_by_connection(old, new)
        changes = {
            path: Change(change.kind, is_replace=path in replaces)
            for path, change in found.changes.items()
        }
        return Diff(changes)

    def use_engine(self, engine: EngineSide) -> None:
        """Nothing of the stand-in is worth showing."""

    def configure(self, inputs: Properties) -> None:
        plain = unwrap(inputs)
        if any(has_unknown(plain.get(key)) for key in _CONNECTION_KEYS):
            # A cluster that the same update makes: nothing can be asked in its preview.
            with self._lock:
                self._unreachable = Unreachable("its kubeconfig is unknown")
            return
        connection = connect(plain.get("kubeconfig"), plain.get("context"), plain.get("cluster"))
        api = KubernetesApi(connection)
        why = api.why_silent()
        forgets = str(plain.get("deleteUnreachable", os.environ.get(VARIABLE, ""))).lower()
        with self._lock:
            self._unreachable = None if why is None else Unreachable(why, forgets == "true")
            if self._api is not None:
                self._api.close()
            self._api = api
            self._settings = Settings(
                default_namespace=plain.get("namespace") or connection.namespace,
                is_config_map_mutable=plain.get("enableConfigMapMutable") in ("true", True),
                is_secret_mutable=plain.get("enableSecretMutable") in ("true", True),
            )

    def resource(self, token: str) -> Resource:
        """The kind of objects; with the faults that a test has set."""
        return with_faults(token, self._resource(token))

    def _resource(self, token: str) -> Resource:
        package, _, rest = token.partition(":")
        group_version, _, kind = rest.partition(":")
        group, _, version = group_version.partition("/")
        is_object = version and not kind.endswith(("Patch", "List")) and group not in _NOT_OBJECTS
        if package != "kubernetes" or not (is_object or token == _RELEASE):
            raise Unsupported(f"resource type {token!r} is not one that this stand-in does")
        with self._lock:
            if self._unreachable is not None:
                return UnreachableObject(self._unreachable, is_release=token == _RELEASE)
            if self._api is None:
                raise BadInput("the kubernetes stand-in is not configured")
            if token == _RELEASE:
                return HelmRelease(self._api)
            api_version = version if group == "core" else group_version
            return KubernetesObject(api_version, kind, self._api, self._settings)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise Unsupported(f"function {token!r} is not one that this stand-in does")

    def close(self) -> None:
        with self._lock:
            if self._api is not None:
                self._api.close()


_RELEASE = "kubernetes:helm.sh/v3:Release"
_NOT_OBJECTS = {"helm.sh", "kustomize", "yaml"}


def _replaced_by_connection(old: Properties, new: Properties) -> set[str]:
    unknown = {key for key in _CONNECTION_KEYS if has_unknown(new.get(key))}
    if unknown:
        return unknown
    values = [tuple(config.get(key) for key in _CONNECTION_KEYS) for config in (old, new)]
    if values[0] == values[1]:
        return set()
    try:
        before, after = (connect(*value).identity for value in values)
    except BadInput:
        return {key for key in _CONNECTION_KEYS if old.get(key) != new.get(key)}
    if before == after:
        return set()
    return {key for key in _CONNECTION_KEYS if old.get(key) != new.get(key)}
