"""The agent's key and enrolment, kept in a Secret of its own namespace.

The key is made in the cluster and never leaves it. It is stored before the join token is spent, so
that a crash in between repeats the enrolment with the same key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from splitplane.agent.errors import AgentError, Broken, NotFound, Refused, RetryLater, UserError
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.resources import NAMESPACE, SECRET
from splitplane.agent.settings import Settings
from splitplane.agent.transport import client_tls
from splitplane.contract import labels
from splitplane.contract.agent_rbac import IDENTITY_SECRET
from splitplane.contract.base import PeerModel
from splitplane.contract.frames import ENROL_PATH, EnrolRequest, EnrolResponse
from splitplane.contract.version import VERSION

log = logging.getLogger(__name__)

ENROL_TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Identity:
    """What proves who the agent is, and whom it obeys.

    Attributes:
        key: private key, made in this cluster.
        enrolment: the control plane's answer: ids and the pinned keys of the command signer.
        cluster_uid: uid of the namespace kube-system.
    """

    key: Ed25519PrivateKey = field(repr=False)
    enrolment: EnrolResponse
    cluster_uid: str


class _Enrolment(PeerModel):
    """What the Secret holds beside the key."""

    hub_url: str
    cluster_uid: str
    token_sha256: str
    response: EnrolResponse


async def read_cluster_uid(client: KubeClient) -> str:
    """UID of the namespace kube-system: the cluster's identity, equal for its whole life."""
    found = await client.get(NAMESPACE, None, "kube-system")
    return str(found["metadata"]["uid"])


async def ensure_namespace_exists(client: KubeClient, namespace: str) -> None:
    """The agent's own namespace exists; out of cluster it is made on the first start."""
    if await client.find(NAMESPACE, None, namespace) is None:
        await client.apply(
            NAMESPACE,
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {
                    "name": namespace,
                    "labels": {labels.MANAGED_BY: labels.MANAGED_BY_VALUE},
                },
            },
        )


async def load_identity(client: KubeClient, settings: Settings) -> Identity:
    """The identity of this cluster: the stored one, else a new enrolment with the join token.

    A join token that is not the one of the stored enrolment leads to a new one; when it is refused
    the stored one stays.

    Raises:
        UserError: there is neither an enrolment nor a join token.
        Refused: the control plane refuses the join token.
        RetryLater: the control plane or the Kubernetes API cannot be reached.
    """
    cluster_uid = await read_cluster_uid(client)
    stored = await _read_secret(client, settings.namespace)
    key = _decode_key(stored.get("private-key")) or Ed25519PrivateKey.generate()
    token = settings.read_join_token()
    known = _decode_enrolment(stored.get("enrolment"), settings.hub_url, cluster_uid)
    if known is not None and (token is None or known.token_sha256 == _digest(token)):
        return Identity(key, known.response, cluster_uid)
    if token is None:
        raise UserError(
            "this cluster is not enrolled and no join token was given; make one with "
            "`splitplane cluster join-token` and set SPLITPLANE_AGENT_JOIN_TOKEN"
        )
    if known is None:
        await _write_secret(client, settings.namespace, key, None)
    request = EnrolRequest(
        join_token=token,
        public_key=base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        cluster_uid=cluster_uid,
        agent_version=VERSION,
        kubernetes_version=await client.version(),
    )
    try:
        enrolment = await _enrol(settings, request)
    except Refused as error:
        if known is None:
            raise
        log.warning("the new join token was refused", extra={"reason": str(error)})
        return Identity(key, known.response, cluster_uid)
    stored_now = _Enrolment(
        hub_url=settings.hub_url,
        cluster_uid=cluster_uid,
        token_sha256=_digest(token),
        response=enrolment,
    )
    await _write_secret(client, settings.namespace, key, stored_now.model_dump_json())
    log.info("enrolled", extra={"cluster": enrolment.cluster_fqn, "agent_id": enrolment.agent_id})
    return Identity(key, enrolment, cluster_uid)


async def _read_secret(client: KubeClient, namespace: str) -> dict[str, str]:
    try:
        found = await client.get(SECRET, namespace, IDENTITY_SECRET)
    except NotFound:
        return {}
    return {
        name: base64.b64decode(value).decode() for name, value in (found.get("data") or {}).items()
    }


async def _write_secret(
    client: KubeClient, namespace: str, key: Ed25519PrivateKey, enrolment: str | None
) -> None:
    content: dict[str, str] = {
        "private-key": base64.b64encode(key.private_bytes_raw()).decode(),
    }
    if enrolment is not None:
        content["enrolment"] = enrolment
    document: dict[str, Any] = {  # Any: a Kubernetes object
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": IDENTITY_SECRET,
            "namespace": namespace,
            "labels": {labels.MANAGED_BY: labels.MANAGED_BY_VALUE},
        },
        "data": {
            name: base64.b64encode(value.encode()).decode() for name, value in content.items()
        },
    }
    await client.apply(SECRET, document)


def _decode_key(text: str | None) -> Ed25519PrivateKey | None:
    if text is None:
        return None
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise Broken(
            f"the key in Secret {IDENTITY_SECRET!r} cannot be read; "
            "delete the Secret and enrol again"
        ) from error


def _decode_enrolment(text: str | None, hub_url: str, cluster_uid: str) -> _Enrolment | None:
    if text is None:
        return None
    try:
        stored = _Enrolment.model_validate_json(text)
    except ValidationError as error:
        raise Broken(
            f"the enrolment in Secret {IDENTITY_SECRET!r} cannot be read; delete it and enrol again"
        ) from error
    if stored.hub_url != hub_url or stored.cluster_uid != cluster_uid:
        log.warning("the stored enrolment is for another control plane or cluster; enrolling anew")
        return None
    return stored


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def _enrol(settings: Settings, request: EnrolRequest) -> EnrolResponse:
    url = settings.hub_url + ENROL_PATH
    timeout = aiohttp.ClientTimeout(total=ENROL_TIMEOUT_SECONDS)
    connector = aiohttp.TCPConnector(ssl=client_tls(settings.hub_url, settings.ca_bundle) or True)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=True) as http,
            http.post(url, json=request.model_dump(mode="json"), allow_redirects=False) as answer,
        ):
            body = await answer.text()
            if answer.status != 200 and answer.status != 201:
                raise _enrol_error(answer.status, body, answer.headers.get("Retry-After"))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise RetryLater(
            f"control plane {settings.hub_url!r} cannot be reached ({type(error).__name__})"
        ) from error
    try:
        return EnrolResponse.model_validate_json(body)
    except ValidationError as error:
        raise Broken(f"{url!r} does not answer like a control plane; check hub_url") from error


def _enrol_error(status: int, body: str, retry_after: str | None) -> AgentError:
    try:
        detail = str(json.loads(body).get("detail", ""))[:256]
    except (ValueError, AttributeError):
        detail = ""
    message = f"enrolment was answered with {status}{': ' + detail if detail else ''}"
    if status in (401, 403, 409):
        return Refused(f"{message}; make a new join token", reason="JoinTokenRefused")
    if status == 429 or status >= 500:
        delay = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        return RetryLater(message, delay_seconds=delay)
    return UserError(f"{message}; check hub_url and the join token")
