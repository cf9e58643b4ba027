"""The few calls to the API server that the stand-in makes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import httpx

from k8s_plugin.kubeconfig import Connection
from splitplane.provider.errors import (
    BadInput,
    Missing,
    NotAllowed,
    ProviderError,
    Taken,
    TryAgain,
    WrongState,
)

FIELD_MANAGER = "pulumi-kubernetes"
_TIMEOUT_SECONDS = 30.0

_ERRORS: dict[int, type[ProviderError]] = {
    400: BadInput,
    401: NotAllowed,
    403: NotAllowed,
    404: Missing,
    409: WrongState,
    422: BadInput,
    429: TryAgain,
    503: TryAgain,
}


@dataclass(frozen=True)
class Place:
    """Where objects of one kind live."""

    base: str
    plural: str
    is_namespaced: bool

    def path(self, namespace: str | None, name: str) -> str:
        """The object's path."""
        within = f"/namespaces/{namespace}" if self.is_namespaced else ""
        return f"{self.base}{within}/{self.plural}/{name}"


class KubernetesApi:
    """A connection; thread-safe."""

    def __init__(self, connection: Connection) -> None:
        headers = {"authorization": f"Bearer {connection.token}"} if connection.token else {}
        self._client = httpx.Client(
            base_url=connection.server,
            verify=connection.ssl_context(),
            proxy=connection.proxy_url,
            headers=headers,
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )
        self._places: dict[tuple[str, str], Place] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        self._client.close()

    def why_silent(self) -> str | None:
        """Why the server does not answer at all; None when it does."""
        try:
            self._client.get("/version")
        except httpx.HTTPError as error:
            return str(error)
        return None

    def place(self, api_version: str, kind: str) -> Place:
        """Where the kind lives; raises BadInput when the server does not have it."""
        with self._lock:
            known = self._places.get((api_version, kind))
        if known is not None:
            return known
        base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            listed = self._send("GET", base)
        except Missing as error:
            raise BadInput(f"the API server has no group version {api_version!r}") from error
        for item in listed["resources"]:
            if item["kind"] == kind and "/" not in item["name"]:
                place = Place(base, item["name"], item["namespaced"])
                with self._lock:
                    self._places[api_version, kind] = place
                return place
        raise BadInput(f"the API server has no kind {kind!r} in {api_version!r}")

    def get(self, path: str) -> dict[str, Any] | None:
        """The object; None when there is none."""
        try:
            return self._send("GET", path)
        except Missing:
            return None

    def apply(self, path: str, manifest: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """The object after a strict server-side apply."""
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        return self._send(
            "PATCH", path, query=query, body=manifest, content_type="application/apply-patch+yaml"
        )

    def delete(self, path: str) -> None:
        """Starts the deletion; nothing happens when there is no such object."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"}
        try:
            self._send("DELETE", path, body=body)
        except Missing:
            return

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        try:
            response = self._client.request(
                method, path, params=query, json=body, headers={"content-type": content_type}
            )
        except httpx.HTTPError as error:
            raise TryAgain(f"the API server did not answer: {error}") from error
        # What the server has no group for is answered in plain text.
        is_json = "json" in response.headers.get("content-type", "")
        document: dict[str, Any] = response.json() if is_json else {}
        if response.is_success:
            return document
        message = document.get("message", f"{method} {path} answered {response.status_code}")
        if document.get("reason") == "AlreadyExists":
            raise Taken(message)
        raise _ERRORS.get(response.status_code, WrongState)(message)
