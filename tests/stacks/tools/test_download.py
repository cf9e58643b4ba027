from __future__ import annotations

import hashlib
import http.server
import io
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from splitplane.stacks.tools.catalogue import Release, Tool
from splitplane.stacks.tools.download import find_checksum
from splitplane.stacks.tools.errors import DownloadFailed

BINARY = b"#!/bin/sh\necho toy v1.4.2\n"


@dataclass
class Host:
    """A loopback web server with fixed files."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    requests: list[str] = field(default_factory=list[str])


@pytest.fixture
def host() -> Iterator[Host]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.requests.append(self.path)
            body = host.files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = Host(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield host
    server.shutdown()
    thread.join()
    server.server_close()


def _archive() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        info = tarfile.TarInfo("toy-1.4.2/toy")
        info.size = len(BINARY)
        tar.addfile(info, io.BytesIO(BINARY))
    return target.getvalue()


def test_a_verified_download_is_taken_instead_of_a_build(
    bench: Any, host: Host, make_tool: Callable[..., Tool]
) -> None:
    archive = _archive()
    host.files["/toy.tar.gz"] = archive
    host.files["/SUMS"] = f"{hashlib.sha256(archive).hexdigest()}  toy.tar.gz\n".encode()
    release = Release(
        url=f"{host.url}/toy.tar.gz", checksum_url=f"{host.url}/SUMS", member="toy-{version}/toy"
    )

    found = bench.resolver(tool=make_tool(release=release), SPLITPLANE_TOOLS_DOWNLOAD="on").resolve(
        "toy"
    )

    assert found.read_bytes() == BINARY
    assert found.stat().st_mode & 0o111
    assert bench.builds() == 0


def test_a_wrong_checksum_falls_to_the_build(
    bench: Any, host: Host, make_tool: Callable[..., Tool]
) -> None:
    host.files["/toy"] = BINARY
    host.files["/toy.sha256"] = b"0" * 64
    release = Release(url=f"{host.url}/toy", checksum_url=f"{host.url}/toy.sha256")

    found = bench.resolver(tool=make_tool(release=release), SPLITPLANE_TOOLS_DOWNLOAD="on").resolve(
        "toy"
    )

    assert "its release says" in bench.lines[0]
    assert bench.builds() == 1
    assert found.read_bytes() != BINARY


def test_a_missing_checksum_file_falls_to_the_build(
    bench: Any, host: Host, make_tool: Callable[..., Tool]
) -> None:
    host.files["/toy"] = BINARY
    release = Release(url=f"{host.url}/toy", checksum_url=f"{host.url}/toy.sha256")

    bench.resolver(tool=make_tool(release=release), SPLITPLANE_TOOLS_DOWNLOAD="on").resolve("toy")

    assert host.requests == ["/toy.sha256"]
    assert bench.builds() == 1


def test_a_host_that_cannot_be_reached_is_tried_once_a_run(
    bench: Any, make_tool: Callable[..., Tool]
) -> None:
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        release = Release(url=f"http://{address}/toy", checksum_url=None)
        resolver = bench.resolver(tool=make_tool(release=release), SPLITPLANE_TOOLS_DOWNLOAD="on")

        resolver.resolve("toy")
        (bench.modules / "toy" / "go.sum").write_text("changed\n")
        resolver.resolve("toy")

    assert bench.lines[0].startswith(f"toy 1.4.2 is not downloaded: {address}: ")
    assert bench.lines[1].startswith(f"toy 1.4.2 is not downloaded: {address} failed before: ")


def test_downloads_can_be_switched_off(
    bench: Any, host: Host, make_tool: Callable[..., Tool]
) -> None:
    release = Release(url=f"{host.url}/toy", checksum_url=None)

    bench.resolver(tool=make_tool(release=release), SPLITPLANE_TOOLS_DOWNLOAD="off").resolve("toy")

    assert host.requests == []
    assert "switched off by SPLITPLANE_TOOLS_DOWNLOAD" in bench.lines[0]


def test_sums_are_found_by_name() -> None:
    assert find_checksum("aa  a.tgz\nbb *b.tgz\n", file_name="b.tgz") == "bb"
    assert find_checksum("CC\n", file_name="c") == "cc"
    with pytest.raises(DownloadFailed, match=r"do not list 'd.tgz'"):
        find_checksum("aa  a.tgz\n", file_name="d.tgz")
