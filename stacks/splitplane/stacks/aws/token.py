"""The token that an EKS API server takes: a signed request that only STS can answer.

The API server sends the request on to STS, which says who signed it; so the token shows who one is
and carries no key. Nothing is read or sent here: credentials come in, text goes out.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

TOKEN_MINUTES: Final = 14
"""EKS takes a token for 15 minutes after it was signed, whatever the URL says
(https://github.com/kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go, checked 2026-11-21);
a minute is left for clocks that differ and for the way."""
URL_SECONDS: Final = 60
"""Expiry inside the URL; EKS refuses URLs that live longer than 15 minutes (same source), and
others should not be able to use one for longer than needed."""
CLUSTER_HEADER: Final = "x-k8s-aws-id"
"""Signed with the rest, so that a token for one cluster is worth nothing at another."""
_PREFIX: Final = "k8s-aws-v1."
_API_VERSION: Final = "client.authentication.k8s.io/v1"


class Credentials(Protocol):
    """Credentials as botocore freezes them."""

    @property
    def access_key(self) -> str:
        """Id of the key."""
        ...

    @property
    def secret_key(self) -> str:
        """The key."""
        ...

    @property
    def token(self) -> str | None:
        """Token of the session; None for a user's own key."""
        ...


@dataclass(frozen=True)
class ClusterToken:
    """A bearer token for one cluster.

    Attributes:
        text: what goes behind `Bearer`.
        expires_at: when a new one is needed, UTC.
    """

    text: str
    expires_at: datetime


def build_token(
    credentials: Credentials, *, cluster: str, region: str, sts_host: str
) -> ClusterToken:
    """A token that shows the cluster who has the credentials, from now on for 14 minutes.

    Args:
        credentials: of the user or role that has an access entry in the cluster.
        cluster: name of the cluster.
        region: region of the cluster, whose STS is asked.
        sts_host: host name of STS in that region.
    """
    url = f"https://{sts_host}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={CLUSTER_HEADER: cluster})
    SigV4QueryAuth(credentials, "sts", region, expires=URL_SECONDS).add_auth(request)
    signed = str(request.url)
    encoded = base64.urlsafe_b64encode(signed.encode()).rstrip(b"=").decode()
    return ClusterToken(_PREFIX + encoded, _signed_at(signed) + timedelta(minutes=TOKEN_MINUTES))


def render_exec_credential(token: ClusterToken) -> str:
    """The token as kubectl and every client-go program reads it from a sign-in program."""
    document = {
        "apiVersion": _API_VERSION,
        "kind": "ExecCredential",
        "spec": {"interactive": False},
        "status": {
            "expirationTimestamp": f"{token.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            "token": token.text,
        },
    }
    return json.dumps(document)


def _signed_at(url: str) -> datetime:
    """The moment in the signature, so that the expiry counts from what EKS looks at."""
    (moment,) = parse_qs(urlsplit(url).query)["X-Amz-Date"]
    return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
