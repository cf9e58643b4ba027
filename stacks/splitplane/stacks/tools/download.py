"""Official releases: fetch, verify, unpack. Any failure is a DownloadFailed with its reason."""

from __future__ import annotations

import hashlib
import io
import platform
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from splitplane.stacks.tools.catalogue import Release, Tool
from splitplane.stacks.tools.errors import DownloadFailed

CONNECT_SECONDS = 3.0
"""A closed network must cost little, since a build comes next."""
READ_SECONDS = 60.0

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_PULUMI_ARCHITECTURES = {"amd64": "x64", "arm64": "arm64"}


class Downloader:
    """Fetches releases; remembers hosts that could not be reached and does not try them again."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._is_off = environment.get("SPLITPLANE_TOOLS_DOWNLOAD", "").lower() == "off"
        self._failed_hosts: dict[str, str] = {}

    def fetch(self, tool: Tool, target: Path) -> None:
        """Put every binary of the tool into `target`, verified where the release has checksums.

        Raises:
            DownloadFailed: switched off, nothing published for this platform, host not reachable,
                or the checksum differs.
        """
        if self._is_off:
            raise DownloadFailed("downloads are switched off by SPLITPLANE_TOOLS_DOWNLOAD")
        release = tool.release
        if release is None:
            raise DownloadFailed("no release carries what is needed")
        system, architecture = host_platform()
        if system not in release.systems:
            raise DownloadFailed(f"no release for {system}")
        for binary in sorted(tool.binaries):
            fields = {
                "version": tool.version,
                "os": system,
                "arch": architecture,
                "pulumi_arch": _PULUMI_ARCHITECTURES[architecture],
                "binary": binary,
            }
            path = target / binary
            path.write_bytes(self._fetch_binary(release, fields))
            path.chmod(0o755)

    def _fetch_binary(self, release: Release, fields: Mapping[str, str]) -> bytes:
        url = release.url.format_map(fields)
        expected: str | None = None
        if release.checksum_url is not None:
            listing = self._get(release.checksum_url.format_map(fields)).decode("utf-8", "replace")
            expected = find_checksum(listing, file_name=url.rsplit("/", 1)[-1])
        body = self._get(url)
        actual = hashlib.sha256(body).hexdigest()
        if expected is not None and actual != expected:
            raise DownloadFailed(f"{url} has sha256 {actual!r}, its release says {expected!r}")
        if release.member is None:
            return body
        return _member(body, release.member.format_map(fields), url)

    def _get(self, url: str) -> bytes:
        host = urlsplit(url).netloc
        if reason := self._failed_hosts.get(host):
            raise DownloadFailed(f"{host} failed before: {reason}")
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        try:
            response = httpx.get(url, timeout=timeout, follow_redirects=True)
        except httpx.HTTPError as exc:
            self._failed_hosts[host] = str(exc) or type(exc).__name__
            raise DownloadFailed(f"{host}: {self._failed_hosts[host]}") from exc
        if not response.is_success:
            self._failed_hosts[host] = f"answered {response.status_code}"
            raise DownloadFailed(f"{url} answered {response.status_code}")
        return response.content


def host_platform() -> tuple[str, str]:
    """Return (linux | darwin, amd64 | arm64) of this machine.

    Raises:
        DownloadFailed: no release exists for such a machine.
    """
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        allowed = ", ".join(sorted(_ARCHITECTURES))
        raise DownloadFailed(f"no release for the architecture {machine!r}; known are {allowed}")
    return ("darwin" if sys.platform == "darwin" else "linux"), _ARCHITECTURES[machine]


def find_checksum(listing: str, *, file_name: str) -> str:
    """Return the sha256 of `file_name` in a file of sums, or of the only line without a name.

    Raises:
        DownloadFailed: the file does not list it.
    """
    for line in listing.splitlines():
        words = line.split()
        if len(words) == 1 or (len(words) == 2 and words[1].lstrip("*") == file_name):
            return words[0].lower()
    raise DownloadFailed(f"the release's checksums do not list {file_name!r}")


def _member(archive: bytes, name: str, url: str) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            handle = tar.extractfile(name)
            if handle is None:
                raise DownloadFailed(f"{name!r} in {url} is not a file")
            return handle.read()
    except (tarfile.TarError, KeyError) as exc:
        raise DownloadFailed(f"{url} does not hold {name!r}: {exc}") from exc
