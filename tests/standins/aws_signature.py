"""Signature Version 4 of a presigned URL, from its specification and without a library of AWS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit


def signature_of(url: str, secret: str, headers: Mapping[str, str]) -> str:
    """What the URL's signature has to be.

    Args:
        url: presigned, for a GET without content.
        secret: the key of whoever signed it.
        headers: signed ones beside `host`, in lower case.
    """
    parts = urlsplit(url)
    query = [item for item in parse_qsl(parts.query) if item[0] != "X-Amz-Signature"]
    values = dict(query)
    canonical_query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query))
    signed = {**headers, "host": parts.netloc}
    canonical = "\n".join(
        [
            "GET",
            parts.path,
            canonical_query,
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            ";".join(sorted(signed)),
            hashlib.sha256(b"").hexdigest(),
        ]
    )
    _, day, region, service, end = values["X-Amz-Credential"].split("/")
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, end):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            values["X-Amz-Date"],
            f"{day}/{region}/{service}/{end}",
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
