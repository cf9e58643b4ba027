"""Signs people in to a local API server as EKS does, by the token of `splitplane aws token`.

It is the webhook that EKS runs beside every API server, with the rules of aws-iam-authenticator
(https://github.com/kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go, checked 2026-11-21).
STS is moto's, which knows who has a key but checks no signature; so that is done here first, with
the keys that the test gave out and the cluster's own name in the signed header, as STS sees it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import yaml
from aws_signature import signature_of
from loopback_http import QuietHandler, serving

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
LONGEST_TOKEN = 4096
LONGEST_EXPIRY_SECONDS = 900
LIFE = timedelta(minutes=15)
"""Counted from the signature, whatever the URL says."""
PARAMETERS = {
    *("action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires"),
    *("x-amz-security-token", "x-amz-signature", "x-amz-signedheaders", "x-amz-user-agent"),
}
_HOST = re.compile(r"sts(\.[a-z0-9-]+)?\.amazonaws\.com")
_ARN = re.compile(r"<Arn>([^<]+)</Arn>")
Json = dict[str, Any]  # Any: JSON


class Refusal(Exception):
    """Why a token is not taken."""


class Authenticator(ThreadingHTTPServer):
    """The webhook of one cluster; what it refused, and why, is in `refusals`."""

    def __init__(self, cluster: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cluster = cluster
        self.sts_url = ""
        self.keys: dict[str, str] = {}
        self.refusals: list[str] = []

    def write_kubeconfig(self, path: Path) -> Path:
        """How the API server finds the webhook."""
        server = f"http://127.0.0.1:{self.server_address[1]}/authenticate"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "webhook", "cluster": {"server": server}}],
            "users": [{"name": "apiserver", "user": {}}],
            "contexts": [{"name": "x", "context": {"cluster": "webhook", "user": "apiserver"}}],
            "current-context": "x",
        }
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    def user_of(self, token: str) -> str:
        """ARN of whoever signed the token.

        Raises:
            Refusal: it is no token for this cluster.
        """
        url = check_token(token, now=datetime.now(UTC))
        values = {key: found[0] for key, found in parse_qs(urlsplit(url).query).items()}
        credential = values["X-Amz-Credential"]
        headers = {CLUSTER_HEADER: self.cluster}
        secret = self.keys.get(credential.partition("/")[0])
        if secret is None or signature_of(url, secret, headers) != values["X-Amz-Signature"]:
            raise Refusal("STS: SignatureDoesNotMatch")
        # moto reads the key from this header alone, STS from the URL.
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}"
        answer = httpx.get(f"{self.sts_url}/?{urlsplit(url).query}", headers=headers)
        found = _ARN.search(answer.text)
        if not answer.is_success or found is None:
            raise Refusal(f"STS: {answer.status_code}")
        return found[1]


def check_token(token: str, *, now: datetime) -> str:
    """The URL in the token, which may be asked.

    Raises:
        Refusal: a rule is broken.
    """
    if len(token) > LONGEST_TOKEN or not token.startswith(PREFIX):
        raise Refusal("no token of EKS")
    encoded = token.removeprefix(PREFIX)
    try:
        if "=" in encoded:
            raise Refusal("padded")
        padding = "=" * (-len(encoded) % 4)
        url = base64.b64decode(encoded + padding, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise Refusal("not base64url") from exc
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.path != "/" or _HOST.fullmatch(parts.netloc) is None:
        raise Refusal("not the address of STS")
    found = parse_qs(parts.query, keep_blank_values=True)
    if any(key.lower() not in PARAMETERS or len(values) != 1 for key, values in found.items()):
        raise Refusal("a parameter that is not allowed")
    _check_parameters({key.lower(): values[0] for key, values in found.items()}, now)
    return url


def _check_parameters(values: Mapping[str, str], now: datetime) -> None:
    if values.get("action") != "GetCallerIdentity":
        raise Refusal("another action")
    if CLUSTER_HEADER not in values.get("x-amz-signedheaders", "").lower().split(";"):
        raise Refusal(f"{CLUSTER_HEADER} is not signed")
    expires = values.get("x-amz-expires", "")
    if not expires.isdecimal() or int(expires) > LONGEST_EXPIRY_SECONDS:
        raise Refusal("X-Amz-Expires is not allowed")
    try:
        signed = datetime.strptime(values.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ")
    except ValueError as exc:
        raise Refusal("X-Amz-Date is not allowed") from exc
    if now > signed.replace(tzinfo=UTC) + LIFE:
        raise Refusal("expired")


class _Handler(QuietHandler):
    server: Authenticator

    def do_POST(self) -> None:
        review = json.loads(self.read_body())
        try:
            name = self.server.user_of(review["spec"]["token"])
            status: Json = {"authenticated": True, "user": {"username": name, "groups": []}}
        except Refusal as exc:
            self.server.refusals.append(str(exc))
            status = {"authenticated": False}
        answer = {"apiVersion": review["apiVersion"], "kind": "TokenReview", "status": status}
        self.answer(200, {"content-type": "application/json"}, json.dumps(answer).encode())


@contextmanager
def running_authenticator(cluster: str) -> Generator[Authenticator]:
    """The webhook of the cluster on a free port of this machine while the body runs."""
    server = Authenticator(cluster)
    with serving(server):
        yield server
