"""Create, read, update, delete of one object of any kind."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from k8s_plugin.api import KubernetesApi, Place
from k8s_plugin.waits import wrong_waits
from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import (
    UNKNOWN,
    Properties,
    Secret,
    has_unknown,
    mark_secrets,
    plain_ids,
    unwrap,
)
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import Missing, Taken, WrongState

_POLL_SECONDS = 0.2
_SECRET_FIELDS = ("data", "stringData")
_SERVER_METADATA = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")

# Fields whose change needs another object, by kind. The data of ConfigMaps and Secrets is among
# them unless the provider is told otherwise, as with the official plugin.
_IMMUTABLE: dict[str, tuple[str, ...]] = {
    "ClusterRoleBinding": ("roleRef",),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "Job": ("spec.template", "spec.selector", "spec.completions"),
    "PersistentVolumeClaim": ("spec.storageClassName", "spec.accessModes", "spec.volumeName"),
    "RoleBinding": ("roleRef",),
    "Service": ("spec.clusterIP",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy"),
}
_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")


@dataclass(frozen=True)
class Settings:
    """What the provider resource says beside the connection."""

    default_namespace: str = "default"
    is_config_map_mutable: bool = False
    is_secret_mutable: bool = False


class KubernetesObject:
    """One kind of object on one cluster."""

    def __init__(self, api_version: str, kind: str, api: KubernetesApi, settings: Settings) -> None:
        self.api_version = api_version
        self.kind = kind
        self._api = api
        self._settings = settings

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs = plain_ids(news)
        plain = unwrap(inputs)
        failures = [
            Failure(key, f"must be {wanted!r} for this resource, got {plain.get(key)!r}")
            for key, wanted in (("apiVersion", self.api_version), ("kind", self.kind))
            if not has_unknown(plain.get(key)) and plain.get(key) != wanted
        ]
        metadata = plain.get("metadata")
        if has_unknown(metadata) and not isinstance(metadata, dict):
            return inputs, failures
        if not isinstance(metadata, dict) or not metadata.get("name"):
            failures.append(Failure("metadata.name", "is missing: this stand-in makes no names up"))
            return inputs, failures
        failures += wrong_waits(metadata.get("annotations"))
        if self._place().is_namespaced and not metadata.get("namespace"):
            inputs = {
                **inputs,
                "metadata": {
                    **unwrap_top(inputs["metadata"]),
                    "namespace": self._settings.default_namespace,
                },
            }
        return _with_secret_data(self.kind, inputs), failures

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        old, new = unwrap(old_inputs), unwrap(plain_ids(news))
        is_same_place = all(
            (old.get("metadata") or {}).get(key) == (new.get("metadata") or {}).get(key)
            for key in ("name", "namespace")
        )
        return diff_properties(
            old,
            new,
            replace_on={*_IDENTITY, *self._immutable_fields()},
            delete_before_replace=is_same_place,
        )

    def create(self, operation: Operation, inputs: Properties) -> State:
        plain = unwrap(inputs)
        if operation.is_preview:
            return State("", inputs, self._planned(inputs))
        path = self._path_of(plain)
        if self._api.get(path) is not None:
            raise Taken(f"{self.kind} {_id_of(plain)!r} already exists; import it to adopt it")
        live = self._api.apply(path, plain, dry_run=False)
        return State(_id_of(live), inputs, self._outputs(live, inputs))

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        namespace, _, name = id.rpartition("/")
        live = self._api.get(self._place().path(namespace or None, name))
        if live is None or live["metadata"].get("deletionTimestamp"):
            return None
        if inputs is None:
            written = _with_secret_data(self.kind, _importable(live))
        else:
            written = mark_secrets(_project(live, unwrap(inputs)), inputs)
        return State(_id_of(live), written, self._outputs(live, written))

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        plain = unwrap(news)
        if operation.is_preview:
            return self._planned(news)
        path = self._path_of(plain)
        if self._api.get(path) is None:
            raise Missing(f"{self.kind} {id!r} does not exist: run pulumi refresh")
        return self._outputs(self._api.apply(path, plain, dry_run=False), news)

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        namespace, _, name = id.rpartition("/")
        path = self._place().path(namespace or None, name)
        self._api.delete(path)
        while (live := self._api.get(path)) is not None:
            if not operation.wait(_POLL_SECONDS):
                finalizers = live["metadata"].get("finalizers") or []
                raise WrongState(
                    f"{self.kind} {id!r} is still being deleted; finalizers: {finalizers!r}"
                )

    def _place(self) -> Place:
        return self._api.place(self.api_version, self.kind)

    def _path_of(self, manifest: Properties) -> str:
        metadata = manifest["metadata"]
        return self._place().path(metadata.get("namespace"), metadata["name"])

    def _planned(self, inputs: Properties) -> Properties:
        """What the API server would make of it; the inputs while something is unknown."""
        plain = unwrap(inputs)
        if has_unknown(plain):
            return {**inputs, "status": UNKNOWN}
        try:
            live = self._api.apply(self._path_of(plain), plain, dry_run=True)
        except Missing:
            # Its namespace is made in the same update.
            return {**inputs, "status": UNKNOWN}
        planned = _importable(live) | {"status": UNKNOWN}
        marked: Properties = mark_secrets(planned, _with_secret_data(self.kind, inputs))
        return marked

    def _outputs(self, live: dict[str, Any], inputs: Properties) -> Properties:
        metadata = {k: v for k, v in live["metadata"].items() if k != "managedFields"}
        marked: Properties = mark_secrets({**live, "metadata": metadata}, inputs)
        return _with_secret_data(self.kind, marked)

    def _immutable_fields(self) -> tuple[str, ...]:
        if self.kind == "ConfigMap" and not self._settings.is_config_map_mutable:
            return ("data", "binaryData")
        if self.kind == "Secret":
            data = () if self._settings.is_secret_mutable else _SECRET_FIELDS
            return (*data, "type")
        return _IMMUTABLE.get(self.kind, ())


def unwrap_top(value: Any) -> Any:
    """The value without a secret round all of it."""
    return value.value if isinstance(value, Secret) else value


def _id_of(manifest: dict[str, Any]) -> str:
    metadata = manifest["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _with_secret_data(kind: str, properties: Properties) -> Properties:
    if kind != "Secret":
        return properties
    return {
        key: Secret(unwrap(value)) if key in _SECRET_FIELDS else value
        for key, value in properties.items()
    }


def _importable(live: dict[str, Any]) -> Properties:
    """The object as somebody would write it."""
    metadata = {k: v for k, v in live["metadata"].items() if k not in _SERVER_METADATA}
    return {k: v for k, v in live.items() if k != "status"} | {"metadata": metadata}


def _project(live: Any, written: Any) -> Any:
    """The live values of what was written; text of a Secret is compared with its data."""
    if isinstance(live, dict) and isinstance(written, dict):
        result = {key: _project(live[key], item) for key, item in written.items() if key in live}
        texts = written.get("stringData")
        if isinstance(texts, dict) and live.get("kind") == "Secret":
            result["stringData"] = {
                key: base64.b64decode(live.get("data", {}).get(key, "")).decode() for key in texts
            }
        return result
    if isinstance(live, list) and isinstance(written, list) and len(live) == len(written):
        return [_project(one, other) for one, other in zip(live, written, strict=True)]
    return live
