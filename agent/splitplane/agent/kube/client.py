"""Thin client of the Kubernetes API: aiohttp for the transport, msgspec for decoding, no SDK.

Every answer above 299 becomes one of the agent's errors, by status. Nothing is retried here; the
callers know what may be repeated.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import aiohttp
import msgspec

from splitplane.agent.errors import (
    AgentError,
    Broken,
    Conflict,
    Gone,
    NotFound,
    Refused,
    RetryLater,
    UserError,
)
from splitplane.agent.kube.access import ClusterAccess
from splitplane.agent.kube.objects import ApiResourceList, RawList, Status
from splitplane.agent.kube.resources import Resource, base_path
from splitplane.contract.labels import FIELD_MANAGER

T = TypeVar("T")

READ_BUFFER_BYTES: Final = 2**21
"""aiohttp's default fails on a line above 512 KiB; objects may have 1.5 MiB (etcd's cap)."""
PAGE_SIZE: Final = 100
"""Objects in a page of a list: pages of 500 nearly double the peak memory."""
CALL_TIMEOUT_SECONDS: Final = 60.0
"""The API server cuts ordinary requests after 60 s itself."""
CONNECT_TIMEOUT_SECONDS: Final = 10.0
_SCHEMA_MISMATCH: Final = "failed to create typed patch object"
"""Server-side apply answers an undeclared field with 500 and this text (Kubernetes 1.36)."""
METADATA_ONLY: Final = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
)

Propagation = Literal["Background", "Foreground", "Orphan"]


class KubeClient:
    """Calls one Kubernetes API; use it as an async context manager."""

    def __init__(self, access: ClusterAccess) -> None:
        self._access = access
        self._session: aiohttp.ClientSession | None = None
        self._served: dict[str, dict[str, Resource]] = {}

    async def __aenter__(self) -> Self:
        # trust_env stays off: the Kubernetes API is never behind the proxy for the hub.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._access.tls or True, limit=64),
            read_bufsize=READ_BUFFER_BYTES,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_SECONDS),
            auto_decompress=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            # Connections that were cut are freed in the next round of the loop.
            await asyncio.sleep(0)

    async def apply(
        self,
        resource: Resource,
        document: Mapping[str, Any],  # Any: a Kubernetes object
        *,
        is_dry_run: bool = False,
    ) -> dict[str, Any]:
        """The object after a server-side apply by the agent's field manager, conflicts forced.

        Idempotent. Fields that the agent applied before and leaves out now are removed; unknown and
        duplicate fields are refused.

        Raises:
            UserError: the API server calls the object invalid.
        """
        metadata = document["metadata"]
        query = {"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"}
        if is_dry_run:
            query["dryRun"] = "All"
        answer = await self.call(
            "PATCH",
            resource.path(metadata.get("namespace"), metadata["name"]),
            query=query,
            body=json.dumps(document, ensure_ascii=False).encode(),
            content_type="application/apply-patch+yaml",
        )
        return _document(answer)

    async def create(
        self, resource: Resource, document: Mapping[str, Any], *, namespace: str | None = None
    ) -> dict[str, Any]:
        """The created object.

        Raises:
            Conflict: an object of that name exists.
        """
        answer = await self.call(
            "POST",
            resource.path(namespace or document["metadata"].get("namespace")),
            query={"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"},
            body=json.dumps(document, ensure_ascii=False).encode(),
        )
        return _document(answer)

    async def get(self, resource: Resource, namespace: str | None, name: str) -> dict[str, Any]:
        """The whole object.

        Raises:
            NotFound: it does not exist.
        """
        return _document(await self.call("GET", resource.path(namespace, name)))

    async def find(
        self, resource: Resource, namespace: str | None, name: str
    ) -> dict[str, Any] | None:
        """The whole object, or None when it does not exist."""
        try:
            return await self.get(resource, namespace, name)
        except NotFound:
            return None

    async def delete(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        *,
        propagation: Propagation = "Background",
        uid: str | None = None,
    ) -> bool:
        """Whether there was something to delete; finalizers may hold the object for a while.

        Args:
            resource: its kind.
            namespace: its namespace, None for objects of the cluster.
            name: its name.
            propagation: what becomes of what it owns.
            uid: delete only this very object, not one that took its name since.
        """
        options: dict[str, Any] = {  # Any: JSON
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
        }
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        try:
            await self.call(
                "DELETE", resource.path(namespace, name), body=json.dumps(options).encode()
            )
        except NotFound:
            return False
        return True

    async def pages(
        self,
        resource: Resource,
        item_type: type[T],
        *,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
        is_metadata_only: bool = False,
    ) -> AsyncIterator[tuple[list[T], str]]:
        """Pages of at most 100 objects, each with the resource version of the list.

        Raises:
            Gone: the list changed too much between two pages; start again.
        """
        query = _selectors(label_selector, field_selector) | {"limit": str(PAGE_SIZE)}
        decoder = msgspec.json.Decoder(item_type)
        while True:
            answer = await self.call(
                "GET",
                resource.path(namespace),
                query=query,
                accept=METADATA_ONLY if is_metadata_only else "application/json",
            )
            page = msgspec.json.decode(answer, type=RawList)
            yield [decoder.decode(raw) for raw in page.items or ()], page.metadata.resource_version
            if not page.metadata.continue_token:
                return
            query["continue"] = page.metadata.continue_token

    async def list_all(
        self,
        resource: Resource,
        item_type: type[T],
        *,
        namespace: str | None = None,
        label_selector: str = "",
        is_metadata_only: bool = False,
    ) -> list[T]:
        """All objects that match, read page by page."""
        found: list[T] = []
        async for items, _ in self.pages(
            resource,
            item_type,
            namespace=namespace,
            label_selector=label_selector,
            is_metadata_only=is_metadata_only,
        ):
            found += items
        return found

    async def resource(self, api_version: str, kind: str) -> Resource:
        """The kind as the API server serves it; asked once, and again when a kind is not known.

        Raises:
            NotFound: the API server does not serve it.
        """
        known = self._served.get(api_version, {})
        if kind not in known:
            known = self._served[api_version] = await self._discover(api_version)
        if kind not in known:
            raise NotFound(
                f"kind {kind!r} of {api_version!r} is not served by this cluster; "
                "install what defines it",
                reason="KindNotServed",
            )
        return known[kind]

    async def is_served(self, resource: Resource) -> bool:
        """Whether the API server serves this kind now (a CRD may come later)."""
        self._served.pop(resource.api_version, None)
        try:
            await self.resource(resource.api_version, resource.kind)
        except NotFound:
            return False
        return True

    async def version(self) -> str:
        """The API server's version, such as `v1.36.1`."""
        return str(_document(await self.call("GET", "/version"))["gitVersion"])

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> bytes:
        """The body of a successful answer.

        Raises:
            AgentError: by status, see the module `errors`.
        """
        try:
            async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                async with self._request(
                    method, path, query=query, body=body, content_type=content_type, accept=accept
                ) as response:
                    return await response.read()
        except TimeoutError as error:
            raise RetryLater(
                f"{method} {path} had no answer within {CALL_TIMEOUT_SECONDS:.0f} s"
            ) from error

    @asynccontextmanager
    async def stream(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncGenerator[aiohttp.StreamReader]:
        """The body of a successful answer, to be read as it comes.

        Raises:
            AgentError: by status, see the module `errors`.
        """
        async with self._request("GET", path, query=query) as response:
            try:
                yield response.content
            finally:
                # A stream that is left in the middle is cut: an orderly end of TLS would linger on.
                if response.connection is not None and response.connection.transport is not None:
                    response.connection.transport.abort()

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        if self._session is None:
            raise Broken("the client is used outside of its context")
        headers = {"Accept": accept}
        token = self._access.bearer()
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            async with self._session.request(
                method,
                self._access.server + path,
                params=query,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                if response.status > 299:
                    raise _error(
                        method,
                        path,
                        response.status,
                        await response.read(),
                        response.headers.get("Retry-After"),
                    )
                yield response
        except aiohttp.ClientError as error:
            raise RetryLater(
                f"{method} {path}: the Kubernetes API cannot be reached ({type(error).__name__})",
                reason="Unreachable",
            ) from error

    async def _discover(self, api_version: str) -> dict[str, Resource]:
        try:
            answer = await self.call("GET", base_path(api_version))
        except NotFound:
            return {}
        listed = msgspec.json.decode(answer, type=ApiResourceList).resources
        return {
            item.kind: Resource(api_version, item.kind, item.name, is_namespaced=item.namespaced)
            for item in listed
            if "/" not in item.name
        }


def error_of(status: Status, *, prefix: str = "", delay_seconds: float = 0.0) -> AgentError:
    """The agent's error for a `Status` of the API server."""
    message = f"{prefix}{status.message[:1024] or status.reason or status.code}"
    plain: dict[int, type[AgentError]] = {
        400: UserError,
        401: Refused,
        403: Refused,
        404: NotFound,
        409: Conflict,
        410: Gone,
        413: UserError,
        415: UserError,
        422: UserError,
    }
    reason = {401: "Unauthorized", 403: "Forbidden"}.get(status.code, status.reason)
    if _SCHEMA_MISMATCH in status.message:
        return UserError(message, reason="Invalid")
    if status.code in plain:
        return plain[status.code](message, reason=reason)
    if status.code == 429 or status.code >= 500:
        return RetryLater(message, reason=status.reason, delay_seconds=delay_seconds)
    return Broken(f"{message} (status {status.code})")


def _error(method: str, path: str, code: int, body: bytes, retry_after: str | None) -> AgentError:
    try:
        status = msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, msgspec.ValidationError):
        status = Status(message=body[:256].decode("utf-8", "replace"))
    status.code = code
    delay = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
    return error_of(status, prefix=f"{method} {path}: ", delay_seconds=delay)


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    query: dict[str, str] = {}
    if label_selector:
        query["labelSelector"] = label_selector
    if field_selector:
        query["fieldSelector"] = field_selector
    return query


def _document(answer: bytes) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(answer, type=dict[str, Any])  # Any: JSON
    return document
