"""`helm.sh/v3:Release` without Helm: inputs are checked, and Helm's own record of it is kept.

The record is a Secret of Helm's type in the release's namespace. What the chart renders is not
applied: charts have to be downloaded.
"""

from __future__ import annotations

import inspect
import json
from functools import cache
from typing import Any

from k8s_plugin.api import KubernetesApi
from splitplane.provider.backend import Failure, Operation, State
from splitplane.provider.codec import Properties, has_unknown, mark_secrets, plain_ids, unwrap
from splitplane.provider.components import camel_case
from splitplane.provider.diff import Diff, diff_properties
from splitplane.provider.errors import Missing, Taken

TYPE = "helm.sh/release.v1"
_INPUTS = "inputs"
_REPLACES = {"name", "namespace"}


class HelmRelease:
    """Releases of one cluster."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api

    def check(self, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        plain = unwrap(plain_ids(news))
        failures = [
            Failure(key, "is no input of a release") for key in sorted(set(plain) - _inputs())
        ]
        failures += [
            Failure(key, "is missing: this stand-in wants it pinned")
            for key in ("chart", "version", "name", "namespace")
            if not plain.get(key)
        ]
        chart = plain.get("chart")
        repository = (plain.get("repositoryOpts") or {}).get("repo")
        if isinstance(chart, str) and chart.startswith("oci://") == bool(repository):
            failures.append(
                Failure("repositoryOpts.repo", "belongs to a chart by name, and not to oci://")
            )
        return plain_ids(news), failures

    def diff(
        self, id: str, old_inputs: Properties, old_outputs: Properties, news: Properties
    ) -> Diff:
        return diff_properties(
            unwrap(old_inputs),
            unwrap(plain_ids(news)),
            replace_on=_REPLACES,
            delete_before_replace=True,
        )

    def create(self, operation: Operation, inputs: Properties) -> State:
        plain = unwrap(inputs)
        if operation.is_preview:
            return State("", inputs, _outputs(inputs))
        if plain.get("createNamespace") in (True, "true"):
            self._make_namespace(plain["namespace"])
        path = _path(plain["namespace"], plain["name"])
        if self._api.get(path) is not None and plain.get("takeOwnership") not in (True, "true"):
            raise Taken(f"cannot re-use a name that is still in use: {plain['name']!r}")
        self._api.apply(path, _record(plain), dry_run=False)
        return State(f"{plain['namespace']}/{plain['name']}", inputs, _outputs(inputs))

    def read(
        self, operation: Operation, id: str, inputs: Properties | None, outputs: Properties
    ) -> State | None:
        found = self._api.get(_path(*id.split("/", 1)))
        if found is None:
            return None
        written = (
            inputs if inputs is not None else json.loads(found["metadata"]["annotations"][_INPUTS])
        )
        return State(id, written, _outputs(written))

    def update(
        self,
        operation: Operation,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
    ) -> Properties:
        if not operation.is_preview:
            path = _path(*id.split("/", 1))
            if self._api.get(path) is None:
                raise Missing(f"release {id!r} does not exist: run pulumi refresh")
            self._api.apply(path, _record(unwrap(news)), dry_run=False)
        return _outputs(news)

    def delete(
        self, operation: Operation, id: str, inputs: Properties, outputs: Properties
    ) -> None:
        self._api.delete(_path(*id.split("/", 1)))

    def _make_namespace(self, name: str) -> None:
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        if self._api.get(f"/api/v1/namespaces/{name}") is None:
            self._api.apply(f"/api/v1/namespaces/{name}", manifest, dry_run=False)


@cache
def _inputs() -> frozenset[str]:
    from pulumi_kubernetes.helm.v3 import ReleaseArgs

    names = list(inspect.signature(ReleaseArgs.__init__).parameters)[1:]
    return frozenset(camel_case(name) for name in names)


def _path(namespace: str, name: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets/sh.helm.release.v1.{name}.v1"


def _record(plain: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": TYPE,
        "metadata": {
            "name": f"sh.helm.release.v1.{plain['name']}.v1",
            "namespace": plain["namespace"],
            "labels": {"owner": "helm", "name": plain["name"], "status": "deployed"},
            "annotations": {_INPUTS: json.dumps(plain, sort_keys=True)},
        },
    }


def _outputs(inputs: Properties) -> Properties:
    plain = unwrap(inputs)
    status = {
        key: plain.get(key) for key in ("name", "namespace", "version") if not has_unknown(plain)
    }
    marked: Properties = mark_secrets({**plain, "status": {**status, "status": "deployed"}}, inputs)
    return marked
