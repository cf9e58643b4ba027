"""The typed client of the REST API: one method for each thing that a caller does.

Everything that changes something is safe to repeat: creations carry an idempotency key, updates are
whole manifests, deletions end in the same state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from splitplane.client.errors import Broken, InvalidInput, NotFound
from splitplane.client.lean import httpx
from splitplane.client.settings import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT_SECONDS,
    ClientSettings,
    check_endpoint,
)
from splitplane.client.transport import Answer, Request, Transport
from splitplane.contract.capabilities import CapabilitiesView
from splitplane.contract.ids import uuid7
from splitplane.contract.manifests import MANIFEST_MODELS
from splitplane.contract.nouns import noun_for_type, noun_for_word
from splitplane.contract.rendered import RenderedView
from splitplane.contract.version import API_VERSION
from splitplane.contract.views import (
    ApplyResponse,
    CommandView,
    DeploymentView,
    EventView,
    GrantView,
    JoinTokenView,
    JsonObject,
    LiveObjectView,
    ObjectView,
    Page,
    ResolvedView,
    RotatedTokenView,
    ServerInfo,
    SessionView,
    SignedIn,
    SignInCodeView,
    TokenRotate,
    TokenView,
    WhoAmI,
)

ManifestInput = Mapping[str, Any] | BaseModel  # Any: untyped input of people
JsonObjects = list[JsonObject]
ViewT = TypeVar("ViewT", bound=BaseModel)

_PREFIX: Final = f"/api/{API_VERSION}"
PAGE_SIZE: Final = 200
"""Items of a page, the most that the server gives."""


class Client:
    """A client of one control plane; thread-safe, to be closed, usable as a context manager.

    Requests that are safe to repeat are repeated up to `retries` times on 429, 502, 503, 504 and
    lost connections, after a random pause or the one that the server asks for. Every method raises
    a subclass of `ApiError`.
    """

    def __init__(
        self,
        endpoint: str,
        token: str | None = None,
        ca_bundle: str | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        retries: int = DEFAULT_RETRIES,
        *,
        wire: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str, str], None] | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            endpoint: `https://HOST[:PORT]`.
            token: bearer token; only `sign_in` and `info` work without.
            ca_bundle: file with certificates to trust in place of the usual ones.
            timeout_seconds: longest wait for each of connecting, sending and receiving.
            retries: further tries of a request after the first.
            wire: httpx transport in place of the network, for tests.
            sleep: waits between tries; may return early when there is no more time.
            tell: hears what is worth showing, as (`retry` or `warning`, one line for people);
                called in the thread of the request.
        """
        self.endpoint = check_endpoint(endpoint)
        self._transport = Transport(
            self.endpoint,
            token,
            ca_bundle=ca_bundle,
            timeout_seconds=timeout_seconds,
            retries=retries,
            wire=wire,
            sleep=sleep,
            tell=tell,
        )

    @classmethod
    def from_settings(
        cls,
        settings: ClientSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str, str], None] | None = None,
    ) -> Self:
        """A client with the settings that `load_settings` gave."""
        return cls(
            settings.endpoint,
            settings.token,
            settings.ca_bundle,
            settings.timeout_seconds,
            settings.retries,
            sleep=sleep,
            tell=tell,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # Objects of every kind -----------------------------------------------------------------------

    def list(self, kind: str, **filters: str | None) -> Iterator[ObjectView]:
        """Every object of the kind that the caller may see, page by page.

        Args:
            kind: `workspace` or `workspaces`, and so on for each noun.
            filters: such as `workspace`, `cluster`, `name`; None means no filter.
        """
        return self._pages(f"{_PREFIX}/{_plural(kind)}", ObjectView, filters)

    def get(self, kind: str, ref: str) -> ObjectView:
        """The object with this id or fully qualified name."""
        return self._read(ObjectView, _object_path(kind, ref))

    def create(self, manifest: ManifestInput, idempotency_key: str | None = None) -> ObjectView:
        """The new object; the same key by the same subject gives the same object again.

        Without a key one is made for this call, so that a lost answer is repeated safely.
        """
        body = _body(manifest)
        kind = _kind_of(body)
        answer = self._transport.send(
            Request(
                "POST",
                f"{_PREFIX}/{_plural(kind)}",
                body=body,
                headers={"idempotency-key": idempotency_key or uuid7()},
                is_idempotent=True,
            )
        )
        return _parse(ObjectView, answer)

    def update(
        self, kind: str, ref: str, manifest: ManifestInput, etag: str | None = None
    ) -> ObjectView:
        """The object with this whole manifest; with `etag` only if nobody changed it since."""
        headers = {"if-match": etag} if etag else {}
        request = Request(
            "PUT",
            _object_path(kind, ref),
            body=_body(manifest),
            headers=headers,
            is_idempotent=True,
        )
        return _parse(ObjectView, self._transport.send(request))

    def delete(self, kind: str, ref: str, *, force: bool = False) -> None:
        """The object is gone; raises NotFound when it was so before.

        With `force`, an application or workspace goes at once, and what lies in its cluster stays
        there: for a cluster whose agent will not come back.
        """
        query = {"force": "true"} if force else {}
        path = _object_path(kind, ref)
        try:
            self._transport.send(Request("DELETE", path, query, is_idempotent=True))
        except NotFound as error:
            # The answer of a try that worked was lost.
            if not error.was_repeated:
                raise

    def apply(self, manifests: Sequence[ManifestInput], dry_run: bool = False) -> ApplyResponse:
        """What was done to each manifest, in their order; with `dry_run` what would be done."""
        request = Request(
            "POST",
            f"{_PREFIX}/apply",
            body={"manifests": [_body(item) for item in manifests], "dry_run": dry_run},
            is_idempotent=dry_run,
        )
        return _parse(ApplyResponse, self._transport.send(request))

    def resolve(self, fqn: str) -> ObjectView:
        """The object with this fully qualified name or id, of whatever kind."""
        found = self._read(ResolvedView, f"{_PREFIX}/resolve", {"fqn": fqn})
        return self.get(found.kind, found.id)

    # Applications --------------------------------------------------------------------------------

    def deployments(self, ref: str) -> Iterator[DeploymentView]:
        """The versions of an application, newest first."""
        return self._pages(f"{_object_path('application', ref)}/deployments", DeploymentView, {})

    def rendered(self, ref: str) -> JsonObjects:
        """The Kubernetes objects that the current version of an application was rendered to."""
        answer = self._transport.send(
            Request("GET", f"{_object_path('application', ref)}/manifests", is_idempotent=True)
        )
        items = answer.body.get("items") if isinstance(answer.body, dict) else answer.body
        if not isinstance(items, list):
            raise Broken(f"{self.endpoint} answered rendered objects in an unknown shape")
        return items

    def render(self, manifest: ManifestInput) -> RenderedView:
        """The objects that an application with this manifest would be; stores nothing."""
        body = {"manifest": _body(manifest)}
        request = Request("POST", f"{_PREFIX}/render", body=body, is_idempotent=True)
        return _parse(RenderedView, self._transport.send(request))

    def live_objects(
        self,
        *,
        application: str | None = None,
        cluster: str | None = None,
        namespace: str | None = None,
        kind: str | None = None,
    ) -> Iterator[LiveObjectView]:
        """What the agent saw last of one application or of one cluster.

        Args:
            application: id or name of the application; excludes `cluster`.
            cluster: id or name of the cluster; excludes `application`.
            namespace: only objects of this namespace; all when None.
            kind: only objects of this Kubernetes kind, such as `Pod`; all when None.
        """
        if (application is None) == (cluster is None):
            raise InvalidInput("live_objects needs exactly one of application and cluster")
        if cluster is not None:
            path = f"{_object_path('cluster', cluster)}/live-objects"
            return self._pages(path, LiveObjectView, {"namespace": namespace, "kind": kind})
        path = f"{_object_path('application', str(application))}/live-objects"
        # A handful of objects, so that the server offers no filters here.
        return (
            item
            for item in self._pages(path, LiveObjectView, {})
            if kind in (None, item.kind) and namespace in (None, item.namespace)
        )

    # Clusters ------------------------------------------------------------------------------------

    def rotate_join_token(self, ref: str) -> JoinTokenView:
        """A new one-time join token of the cluster; the ones before it no longer work."""
        request = Request("POST", f"{_object_path('cluster', ref)}/join-token")
        return _parse(JoinTokenView, self._transport.send(request))

    def rotate_service_account_token(self, ref: str, overlap_seconds: int = 0) -> RotatedTokenView:
        """A new secret of the service account's token; it is shown in this answer only.

        Args:
            ref: id or `sa-token:SERVICE-ACCOUNT:NAME`.
            overlap_seconds: for how long the secret before still works, 0 to 86400.
        """
        request = Request(
            "POST",
            f"{_object_path('service-account-token', ref)}/rotate",
            body=TokenRotate(overlap_seconds=overlap_seconds).model_dump(),
        )
        return _parse(RotatedTokenView, self._transport.send(request))

    def capabilities(self, ref: str) -> CapabilitiesView:
        """What the cluster can do, by its kind and by what its agent reported."""
        return self._read(CapabilitiesView, f"{_object_path('cluster', ref)}/capabilities")

    def session(self, ref: str) -> SessionView:
        """The connection of the cluster's agent."""
        return self._read(SessionView, f"{_object_path('cluster', ref)}/session")

    def commands(self, ref: str) -> Iterator[CommandView]:
        """The orders to the cluster's agent, newest first."""
        return self._pages(f"{_object_path('cluster', ref)}/commands", CommandView, {})

    # Events, people and rights -------------------------------------------------------------------

    def events(self, *, object: str | None = None, since: str | None = None) -> Iterator[EventView]:
        """What happened to one object and what it contains (id or name), or to all; newest first.

        With `since`, the id of an event, only the later ones, oldest first.
        """
        return self._pages(f"{_PREFIX}/events", EventView, {"object": object, "since": since})

    def sign_in_code(self, user: str) -> str:
        """A one-time code with which the user (id or name) signs in; the ones before it end."""
        request = Request("POST", f"{_object_path('user', user)}/sign-in-code")
        return _parse(SignInCodeView, self._transport.send(request)).code

    def sign_in(self, code: str) -> SignedIn:
        """A personal access token for a one-time code, which is used up by it."""
        request = Request("POST", f"{_PREFIX}/sign-in", body={"code": code})
        return _parse(SignedIn, self._transport.send(request))

    def info(self) -> ServerInfo:
        """The versions that the server speaks; needs no token."""
        return self._read(ServerInfo, f"{_PREFIX}/info")

    def whoami(self) -> WhoAmI:
        """The subject that the token stands for."""
        return self._read(WhoAmI, f"{_PREFIX}/whoami")

    def tokens(self) -> Iterator[TokenView]:
        """The caller's own tokens, without their values."""
        return self._pages(f"{_PREFIX}/tokens", TokenView, {})

    def create_token(
        self, name: str, *, expires_in_days: int = 90, service_account: str | None = None
    ) -> TokenView:
        """A new token, shown once, for the caller or for a service account (id or name)."""
        path = f"{_PREFIX}/tokens"
        if service_account is not None:
            path = f"{_object_path('service-account', service_account)}/tokens"
        body = {"name": name, "expires_in_days": expires_in_days}
        return _parse(TokenView, self._transport.send(Request("POST", path, body=body)))

    def revoke_token(self, token_id: str) -> None:
        """The token with this id no longer works."""
        path = f"{_PREFIX}/tokens/{quote(token_id, safe='')}"
        self._transport.send(Request("DELETE", path, is_idempotent=True))

    def grants(
        self, *, object: str | None = None, subject: str | None = None
    ) -> Iterator[GrantView]:
        """The grants that the caller may see, of one object or one subject or all."""
        return self._pages(f"{_PREFIX}/grants", GrantView, {"object": object, "subject": subject})

    def create_grant(self, subject: str, role: str, object: str) -> GrantView:
        """The subject has the role on the object (`tenant`, an id or a name)."""
        body = {"subject": subject, "role": role, "object": object}
        return _parse(
            GrantView, self._transport.send(Request("POST", f"{_PREFIX}/grants", body=body))
        )

    def delete_grant(self, grant_id: str) -> None:
        """The grant with this id is gone."""
        path = f"{_PREFIX}/grants/{quote(grant_id, safe='')}"
        self._transport.send(Request("DELETE", path, is_idempotent=True))

    # ---------------------------------------------------------------------------------------------

    def _read(self, model: type[ViewT], path: str, query: Mapping[str, str] | None = None) -> ViewT:
        return _parse(
            model, self._transport.send(Request("GET", path, query or {}, is_idempotent=True))
        )

    def _pages(
        self, path: str, model: type[ViewT], filters: Mapping[str, str | None]
    ) -> Iterator[ViewT]:
        query = {key: value for key, value in filters.items() if value is not None}
        query["limit"] = str(PAGE_SIZE)
        while True:
            page = self._read(Page[model], path, query)  # type: ignore[valid-type]  # by value
            yield from page.items
            if page.next_cursor is None:
                return
            query["cursor"] = page.next_cursor


def _plural(kind: str) -> str:
    try:
        return noun_for_word(kind).plural
    except ValueError as exc:
        raise InvalidInput(str(exc)) from exc


def _object_path(kind: str, ref: str) -> str:
    if not ref:
        raise InvalidInput(f"an id or a fully qualified name of the {kind} is needed, got ''")
    return f"{_PREFIX}/{_plural(kind)}/{quote(ref, safe='')}"


def _body(manifest: ManifestInput) -> JsonObject:
    if isinstance(manifest, BaseModel):
        return manifest.model_dump(mode="json")
    return dict(manifest)


def _kind_of(body: JsonObject) -> str:
    try:
        return noun_for_type(body["type"]).kind
    except (KeyError, TypeError) as exc:
        raise InvalidInput(
            f"type {body.get('type')!r} is not known; allowed: {', '.join(MANIFEST_MODELS)}"
        ) from exc


def _parse(model: type[ViewT], answer: Answer) -> ViewT:
    try:
        return model.model_validate(answer.body)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise Broken(
            f"the answer is not a {model.__name__} ({'.'.join(map(str, first['loc']))}: "
            f"{first['msg']}); are client and control plane of the same version?"
        ) from exc
