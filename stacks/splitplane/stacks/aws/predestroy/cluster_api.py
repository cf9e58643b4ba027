"""The Kubernetes API of an EKS cluster, signed in to with our own token."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from splitplane.stacks.aws.account import Account, Answer
from splitplane.stacks.aws.errors import AwsError, NotAllowed, NotThere, Refused, RetryLater
from splitplane.stacks.aws.signin import find_sts_host, freeze_credentials, translated
from splitplane.stacks.aws.token import ClusterToken, build_token

_PAGE: Final = 500
_TIMEOUT: Final = httpx.Timeout(30, connect=10)
_EARLY: Final = timedelta(minutes=1)
"""A token is replaced that long before its end: draining takes longer than one lives."""

Object = dict[str, Any]  # Any: Kubernetes objects


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    Attributes:
        name: its name, `Service`.
        group: `/api/v1`, or `/apis/GROUP/VERSION`.
        plural: its name in paths.
        is_namespaced: whether its objects lie in namespaces.
    """

    name: str
    group: str
    plural: str
    is_namespaced: bool = True

    def path(self, namespace: str = "", name: str = "") -> str:
        """Path of one object, or of all when no name is given."""
        parts = [self.group]
        if self.is_namespaced and namespace:
            parts += ["namespaces", namespace]
        return "/".join([*parts, self.plural, *([name] if name else [])])


class ClusterApi:
    """The calls that the commands need."""

    def __init__(self, client: httpx.Client) -> None:
        """Works through the client, which knows address, authority and sign-in."""
        self._client = client

    def read_all(self, kind: Kind) -> list[Object]:
        """Every object of the kind; none when the cluster does not know the kind.

        Raises:
            Refused: the cluster does not let these credentials in, or not do that.
            RetryLater: it did not answer.
        """
        found: list[Object] = []
        query: dict[str, str | int] = {"limit": _PAGE}
        while True:
            try:
                answer = self._call("GET", kind.path(), params=query)
            except NotThere:
                return found
            found += answer["items"]
            token = answer["metadata"].get("continue")
            if not token:
                return found
            query = {"limit": _PAGE, "continue": token}

    def read(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object; None when it is not there. Errors as of `read_all`."""
        try:
            return self._call("GET", kind.path(namespace, name))
        except NotThere:
            return None

    def delete(self, kind: Kind, namespace: str, name: str) -> None:
        """The object's deletion is asked for; nothing when it is gone. Errors as of `read_all`."""
        try:
            self._call(
                "DELETE", kind.path(namespace, name), params={"propagationPolicy": "Background"}
            )
        except NotThere:
            return

    def merge(self, kind: Kind, namespace: str, name: str, patch: Mapping[str, Any]) -> None:
        """The object has the patch; nothing when it is gone. Errors as of `read_all`.

        Args:
            kind: of the object.
            namespace: empty where the kind has none.
            name: of the object.
            patch: a JSON merge patch, in which a null removes.
        """
        try:
            self._call(
                "PATCH",
                kind.path(namespace, name),
                json=dict(patch),
                headers={"content-type": "application/merge-patch+json"},
            )
        except NotThere:
            return

    def _call(self, method: str, path: str, **arguments: Any) -> Object:
        try:
            response = self._client.request(method, path, **arguments)
        except httpx.TransportError as exc:
            raise RetryLater(f"the cluster's API did not answer: {str(exc)[:256]}") from exc
        if response.is_success:
            answer: Object = response.json()
            return answer
        what = f"{method} {path}"
        if response.status_code == 404:
            raise NotThere(f"{what}: not there")
        if response.status_code == 401:
            raise Refused(
                "the cluster does not let these credentials in: use those of a principal with an "
                "access entry (deployer_principal_arns)"
            )
        if response.status_code == 403:
            raise NotAllowed(f"these credentials may not {what} in the cluster")
        raise AwsError(f"{what} failed ({response.status_code}): {response.text[:256]}")


@contextmanager
def open_cluster(
    account: Account, description: Answer, *, sign_in: Callable[[], ClusterToken] | None = None
) -> Generator[ClusterApi]:
    """The API of the cluster while the body runs.

    Args:
        account: whose credentials sign in.
        description: the cluster as EKS describes it.
        sign_in: gives a token whenever one is needed; one of the credentials when None.
    """
    authority = base64.b64decode(description["certificateAuthority"]["data"]).decode()
    name = str(description["name"])
    auth = _TokenAuth(sign_in or (lambda: _sign_in(account, name)))
    with httpx.Client(
        base_url=str(description["endpoint"]),
        verify=ssl.create_default_context(cadata=authority),
        auth=auth,
        timeout=_TIMEOUT,
    ) as client:
        yield ClusterApi(client)


class _TokenAuth(httpx.Auth):
    def __init__(self, sign_in: Callable[[], ClusterToken]) -> None:
        self._sign_in = sign_in
        self._token: ClusterToken | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if self._token is None or self._token.expires_at - _EARLY <= datetime.now(UTC):
            self._token = self._sign_in()
        request.headers["authorization"] = f"Bearer {self._token.text}"
        yield request


def _sign_in(account: Account, cluster: str) -> ClusterToken:
    region = account.scope.region
    with translated(account.session):
        host = find_sts_host(account.session, region)
        credentials = freeze_credentials(account.session)
    return build_token(credentials, cluster=cluster, region=region, sts_host=host)
