"""An AWS account on loopback: moto's server, with answers for what moto does not know.

It is the environment's endpoint of every service while a test runs, so that commands work on it as
they do on AWS. Every call is kept by its action, and any can be made to fail.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.loaders
import botocore.session
import pytest
from aws_environment import KEY_ID, SECRET
from loopback_http import serving

REGION = "eu-central-1"
ACCOUNT = "123456789012"
"""Account that moto plays."""
_LOADER = botocore.loaders.create_loader()
Json = dict[str, Any]  # Any: JSON
StartResponse = Callable[[str, list[tuple[str, str]]], object]
_VERSIONS = {"1.33": "EXTENDED_SUPPORT", "1.34": "STANDARD_SUPPORT", "1.35": "STANDARD_SUPPORT"}
QUOTAS = {
    ("ec2", "L-1216C47A"): ("Running On-Demand Standard instances", 1920),
    ("ec2", "L-34B43A08"): ("All Standard Spot Instance Requests", 1920),
    ("ec2", "L-DB2E81BA"): ("Running On-Demand G and VT instances", 768),
    ("ec2", "L-3819A6DF"): ("All G and VT Spot Instance Requests", 64),
    ("ec2", "L-417A185B"): ("Running On-Demand P instances", 0),
    ("ec2", "L-7212CCBC"): ("All P4, P3 and P2 Spot Instance Requests", 0),
    ("ec2", "L-C4BD4855"): ("All P5 Spot Instance Requests", 0),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("eks", "L-1194D53C"): ("Clusters", 100),
}
"""Quotas that moto has none of; those of service vpc are moto's."""


@dataclass
class AwsAccount:
    """The account as tests change it.

    Attributes:
        url: address of its services.
        quotas: (service, code) → name and value.
        versions: version of Kubernetes → its status in EKS.
        addons: add-on → its versions; those that are pinned when it is not named.
        clusters: cluster → fields of its description that are other than moto's.
        entries: cluster → principals with an access entry.
        entry_fields: principal → fields of its entry that are other than an empty one's.
        policies: principal → access policies of its entry, as EKS lists them.
        failures: action, such as `iam:GetRole` → status and code of the refusal.
        calls: actions in the order in which they came.
    """

    url: str = ""
    quotas: dict[tuple[str, str], tuple[str, int]] = field(default_factory=lambda: dict(QUOTAS))
    versions: dict[str, str] = field(default_factory=lambda: dict(_VERSIONS))
    addons: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    clusters: dict[str, Json] = field(default_factory=dict[str, Json])
    entries: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    entry_fields: dict[str, Json] = field(default_factory=dict[str, Json])
    policies: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    failures: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    calls: list[str] = field(default_factory=list[str])

    def client(self, service: str) -> Any:  # Any: botocore has no types
        """A client for arranging and looking; forget its calls with `calls.clear()`."""
        return botocore.session.Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
        )


class _Application:
    def __init__(self, account: AwsAccount) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._moto = DomainDispatcherApplication(create_backend_app)
        self._account = account

    def __call__(self, environ: Json, start: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        action = _action_of(environ, body)
        self._account.calls.append(action)
        if action in self._account.failures:
            status, code = self._account.failures[action]
            return _refuse(start, status, code, is_xml=environ.get("HTTP_X_AMZ_TARGET") is None)
        own = self._own_answer(action, environ, body)
        if own is not None:
            return _answer(start, 200, own)
        if action == "eks:DescribeCluster":
            return self._describe_cluster(environ, start)
        answer: Iterable[bytes] = self._moto(environ, start)
        return answer

    def _own_answer(self, action: str, environ: Json, body: bytes) -> Json | None:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        account = self._account
        if action == "eks:DescribeClusterVersions":
            return {
                "clusterVersions": [
                    {"clusterVersion": name, "versionStatus": status}
                    for name, status in account.versions.items()
                ]
            }
        if action == "eks:DescribeAddonVersions":
            name, version = query["addonName"][0], query["kubernetesVersion"][0]
            versions = account.addons.get(name) or [_pinned(version, name)]
            listed = [{"addonVersion": text} for text in versions]
            return {"addons": [{"addonName": name, "addonVersions": listed}]}
        if (match := _ENTRIES.match(environ["PATH_INFO"])) is not None:
            return _entry_answer(account, action, match, body)
        if action == "servicequotas:GetServiceQuota":
            asked = json.loads(body)
            key = (asked["ServiceCode"], asked["QuotaCode"])
            if key in account.quotas:
                name, value = account.quotas[key]
                return {"Quota": {"QuotaName": name, "QuotaCode": key[1], "Value": float(value)}}
        return None

    def _describe_cluster(self, environ: Json, start: StartResponse) -> Iterable[bytes]:
        name = unquote(environ["PATH_INFO"].split("/")[2])
        said: list[tuple[str, list[tuple[str, str]]]] = []
        text = b"".join(self._moto(environ, lambda *parts: said.append((parts[0], parts[1]))))
        document = json.loads(text)
        if "cluster" not in document:
            start(*said[0])
            return [text]
        return _answer(start, 200, {"cluster": document["cluster"] | self._fields_of(name)})

    def _fields_of(self, name: str) -> Json:
        return self._account.clusters.get(name, {})


_ENTRIES = re.compile(
    r"^/clusters/(?P<cluster>[^/]+)/access-entries(/(?P<arn>.+?))??(?P<policies>/access-policies)?$"
)
_PARTS = re.compile(r"^/clusters/[^/]+/(?P<kind>node-groups|fargate-profiles)(?P<one>/[^/]+)?$")


def _entry_answer(account: AwsAccount, action: str, match: re.Match[str], body: bytes) -> Json:
    entries = account.entries.setdefault(match["cluster"], [])
    arn = unquote(match["arn"] or "")
    if action == "eks:ListAccessEntries":
        return {"accessEntries": entries}
    if action == "eks:CreateAccessEntry":
        asked = json.loads(body)
        arn = asked["principalArn"]
        entries.append(arn)
        account.entry_fields[arn] = {
            key: asked[key] for key in asked if key != "clientRequestToken"
        }
    if action == "eks:AssociateAccessPolicy":
        account.policies.setdefault(arn, []).append(json.loads(body))
    if match["policies"]:
        return {"associatedAccessPolicies": account.policies.get(arn, [])}
    standard = {"principalArn": arn, "type": "STANDARD"}
    return {"accessEntry": standard | account.entry_fields.get(arn, {})}


def _eks_part(path: str, method: str) -> str | None:
    """Operation on an entry, a node group or a Fargate profile."""
    verb = "Create" if method == "POST" else None
    if (match := _ENTRIES.match(path)) is not None:
        if match["policies"]:
            return "AssociateAccessPolicy" if verb else "ListAssociatedAccessPolicies"
        return f"{verb or 'Describe'}AccessEntry" if verb or match["arn"] else "ListAccessEntries"
    if (match := _PARTS.match(path)) is not None:
        name = {"node-groups": "Nodegroup", "fargate-profiles": "FargateProfile"}[match["kind"]]
        return f"{verb or 'Describe'}{name}" if verb or match["one"] else f"List{name}s"
    return None


def _action_of(environ: Json, body: bytes) -> str:
    service = environ.get("HTTP_AUTHORIZATION", "").split("Credential=")[-1].split("/")
    prefix = service[3] if len(service) > 3 else "none"
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return f"{prefix}:{target.rpartition('.')[2]}"
    found = re.search(rb"(?:^|&)Action=(\w+)", body)
    if found:
        return f"{prefix}:{found[1].decode()}"
    path: str = environ["PATH_INFO"]
    names = {
        "/cluster-versions": "DescribeClusterVersions",
        "/addons/supported-versions": "DescribeAddonVersions",
    }
    if path in names:
        return f"{prefix}:{names[path]}"
    if (part := _eks_part(path, environ["REQUEST_METHOD"])) is not None:
        return f"{prefix}:{part}"
    if path == "/clusters":
        verb = {"GET": "ListClusters", "POST": "CreateCluster"}[environ["REQUEST_METHOD"]]
        return f"{prefix}:{verb}"
    if path.startswith("/clusters/"):
        return f"{prefix}:DescribeCluster"
    return f"{prefix}:{environ['REQUEST_METHOD']} {path}"


def _pinned(version: str, name: str) -> str:
    from splitplane.components.clouds.aws.cluster.versions import find_addon_version

    return find_addon_version(version, name)


def _answer(start: StartResponse, status: int, document: Mapping[str, Any]) -> Iterable[bytes]:
    content = json.dumps(document).encode()
    headers = [("content-type", "application/json"), ("content-length", str(len(content)))]
    start(f"{status} Answer", headers)
    return [content]


def _refuse(start: StartResponse, status: int, code: str, *, is_xml: bool) -> Iterable[bytes]:
    """Both forms at once would not parse, so the form is that of the request."""
    if is_xml:
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors>"
            f"<Error><Code>{code}</Code><Message>no</Message></Error></Response>"
        )
        headers = [("content-type", "text/xml"), ("x-amzn-errortype", code)]
    else:
        text = json.dumps({"__type": code, "message": "no"})
        headers = [("content-type", "application/json"), ("x-amzn-errortype", code)]
    content = text.encode()
    start(f"{status} Refused", [*headers, ("content-length", str(len(content)))])
    return [content]


@contextmanager
def running_account() -> Generator[AwsAccount]:
    """An empty account on a free port of this machine while the body runs."""
    from moto.moto_api._internal.models import moto_api_backend
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:
            pass

    account = AwsAccount()
    moto_api_backend.reset()
    server = make_server(
        "127.0.0.1", 0, _Application(account), threaded=True, request_handler=Quiet
    )
    account.url = f"http://127.0.0.1:{server.port}"
    with serving(server):
        yield account


def use_account(monkeypatch: pytest.MonkeyPatch, account: AwsAccount) -> None:
    """Every client of the test works on the account, with keys that it takes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.url)
    # What loading the models of the services costs is paid once for all tests of a process.
    monkeypatch.setattr(botocore.loaders, "create_loader", lambda *_: _LOADER)
