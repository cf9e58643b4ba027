"""An AWS environment of which nothing comes from the developer's machine, and a small STS."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from loopback_http import QuietHandler, serving

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"""The keys of AWS' own documentation."""


def isolate_aws(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """No credentials, profiles or machine roles are found, until the test sets some."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


class Sts(ThreadingHTTPServer):
    """Answers every call with one status and body, and keeps what was asked."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.body = body
        self.calls: list[dict[str, str]] = []
        self.signers: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(QuietHandler):
    server: Sts

    def do_POST(self) -> None:
        self.server.calls.append(dict(parse_qsl(self.read_body().decode())))
        self.server.signers.append(self.headers["authorization"].split("Credential=")[1])
        self.answer(self.server.status, {"content-type": "text/xml"}, self.server.body.encode())


@contextmanager
def running_sts(status: int, body: str) -> Generator[Sts]:
    """An STS on a free port of this machine while the body runs."""
    server = Sts(status, body)
    with serving(server):
        yield server


def role_answer(key_id: str, secret: str, session_token: str) -> str:
    """What STS says to AssumeRole."""
    return (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<AssumeRoleResult><Credentials><AccessKeyId>{key_id}</AccessKeyId>"
        f"<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{session_token}</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
        "</AssumeRoleResponse>"
    )


def refusal(code: str) -> str:
    """What STS says when it does not."""
    return (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
        f"<Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    )
