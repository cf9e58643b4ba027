"""The fixed chart through which Argo CD applies bundles, and the endpoint that serves it.

The chart has one template that writes out the objects of its values. Its bytes are the same at
every start, so that a version of it never changes; a plain HTTP chart repository is two files.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from contextlib import AsyncExitStack
from typing import Final

import yaml
from aiohttp import web

from splitplane.agent.status import serve

CHART_NAME: Final = "splitplane-bundle"
CHART_VERSION: Final = "1.0.0"
"""Raised whenever a byte of the chart changes; Argo CD caches charts by it."""
_ARCHIVE: Final = f"{CHART_NAME}-{CHART_VERSION}.tgz"
_CREATED: Final = "2026-01-01T00:00:00Z"

# One line of JSON an object: no text in it can end the document or change its type.
_TEMPLATE: Final = "{{- range .Values.objects }}\n---\n{{ toJson . }}\n{{- end }}\n"
_DEFINITION: Final = (
    f"apiVersion: v2\nname: {CHART_NAME}\nversion: {CHART_VERSION}\n"
    "description: Writes out the Kubernetes objects of one deployment\ntype: application\n"
)


def build_chart() -> bytes:
    """The chart as .tgz; the same bytes each time."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in (("Chart.yaml", _DEFINITION), ("templates/objects.yaml", _TEMPLATE)):
            content = text.encode()
            entry = tarfile.TarInfo(f"{CHART_NAME}/{name}")
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


def build_index(chart: bytes) -> bytes:
    """The repository's index.yaml."""
    entry = {
        "apiVersion": "v2",
        "name": CHART_NAME,
        "version": CHART_VERSION,
        "created": _CREATED,
        "digest": hashlib.sha256(chart).hexdigest(),
        "urls": [_ARCHIVE],
    }
    index = {"apiVersion": "v1", "generated": _CREATED, "entries": {CHART_NAME: [entry]}}
    return yaml.safe_dump(index, sort_keys=True).encode()


async def serve_chart(stack: AsyncExitStack, host: str, port: int) -> int:
    """The port on which the repository is served until `stack` is closed.

    Args:
        stack: what ends the server.
        host: address to listen on.
        port: port to listen on; a free one when 0.
    """
    chart = build_chart()
    files = {
        "/index.yaml": (build_index(chart), "application/yaml"),
        f"/{_ARCHIVE}": (chart, "application/gzip"),
    }

    async def answer(request: web.Request) -> web.Response:
        body, content_type = files[request.path]
        return web.Response(body=body, content_type=content_type)

    app = web.Application()
    for path in files:
        app.router.add_get(path, answer)
    return await serve(stack, app, host, port)
