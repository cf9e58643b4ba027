"""Add-ons on a real Argo CD: accepted, gated on the very change, healed, pruned, removed, kept."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar

import httpx
import pytest
from platform_harness import wait_for

from splitplane.agent.delivery.chart import CHART_NAME, CHART_VERSION, build_chart, build_index
from splitplane.components.addons.application import (
    FINALIZER,
    PROJECT,
    Release,
    build_application,
    build_project,
    fingerprint_of,
    gate_of,
)
from splitplane.components.addons.charts import CHARTS, Chart
from splitplane.components.clouds.aws.addons.load_balancer import IGNORED
from splitplane.stacks.argocd_local import ArgoCd

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

ARGOCD = "/apis/argoproj.io/v1alpha1/namespaces/argocd"
CERTIFICATES = (
    "/api/v1/namespaces/kube-system/secrets/aws-load-balancer-tls",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/aws-load-balancer-webhook",
)
SECONDS = 120.0
NUMBERS = count(1)
GATE = re.compile(r"jsonpath=\{\.([\w.]+)\}=(\w+)")

Json = dict[str, Any]  # Any: Kubernetes objects


class Charts(BaseHTTPRequestHandler):
    """A chart repository with one chart, which writes out the objects of its values."""

    files: ClassVar[dict[str, bytes]] = {
        "/index.yaml": build_index(build_chart()),
        f"/{CHART_NAME}-{CHART_VERSION}.tgz": build_chart(),
    }

    def do_GET(self) -> None:
        body = self.files.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def repository() -> Iterator[str]:
    """Address of the chart repository."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Charts)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Addons:
    """The add-ons' project and Applications on the local Argo CD."""

    def __init__(self, api: httpx.Client, argocd: ArgoCd, repository: str) -> None:
        self._api = api
        self._server = argocd.destination_server
        self._repository = repository
        # The local Argo CD knows its cluster by another address.
        project = build_project("argocd")
        project["spec"]["sourceRepos"] = [repository]
        project["spec"]["destinations"][0]["server"] = self._server
        self._write(f"{ARGOCD}/appprojects/{PROJECT}", project)

    def release(self, *data: str) -> Release:
        """A release of its own with a ConfigMap for each text."""
        name = f"addon-{next(NUMBERS)}"
        chart = Chart(CHART_NAME, self._repository, CHART_VERSION)
        return Release(name, name, chart, values(*data))

    def apply(self, release: Release) -> Json:
        """The Application as it is right after it was written."""
        fingerprint = fingerprint_of(release)
        made = build_application(
            release, argocd_namespace="argocd", fingerprint=fingerprint, gate=gate_of(fingerprint)
        )
        made["spec"]["destination"]["server"] = self._server
        return self._write(f"{ARGOCD}/applications/{release.name}", made)

    def wait_until_ready(self, release: Release) -> None:
        """The gate holds; the Application is asked for again and again."""
        path = f"{ARGOCD}/applications/{release.name}"
        self.wait(lambda: is_open(self._api.get(path).json()), what=f"{release.name} to be ready")

    def wait_until_idle(self, release: Release) -> None:
        """Nothing is being written: an operation writes what it read when it began."""
        path = f"{ARGOCD}/applications/{release.name}"

        def is_idle() -> bool:
            found = self._api.get(path).json()
            state = found.get("status", {}).get("operationState", {})
            return "operation" not in found and state.get("phase") == "Succeeded"

        self.wait(is_idle, what=f"{release.name} to be idle")

    def find(self, release: Release, name: str) -> Json | None:
        """The ConfigMap of the release; None when there is none."""
        path = f"/api/v1/namespaces/{release.namespace}/configmaps/{name}"
        answer = self._api.get(path)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def set(self, release: Release, name: str, text: str) -> None:
        """Somebody changes the ConfigMap by hand."""
        path = f"/api/v1/namespaces/{release.namespace}/configmaps/{name}"
        body = json.dumps({"data": {"text": text}}).encode()
        headers = {"Content-Type": "application/merge-patch+json"}
        self._api.patch(path, content=body, headers=headers).raise_for_status()

    def make(self, release: Release) -> None:
        """Namespace and ConfigMaps are there before the Application."""
        namespace = {"metadata": {"name": release.namespace}}
        self._api.post("/api/v1/namespaces", json=namespace).raise_for_status()
        for item in release.values["objects"]:
            path = f"/api/v1/namespaces/{release.namespace}/configmaps"
            self._api.post(path, json=item).raise_for_status()

    def remove(self, release: Release) -> None:
        """The Application is deleted, and gone."""
        path = f"{ARGOCD}/applications/{release.name}"
        self._api.delete(path).raise_for_status()
        self.wait(lambda: self._api.get(path).status_code == 404, what=f"{release.name} to go")

    def wait(self, condition: Callable[[], bool], *, what: str) -> None:
        """It holds within two minutes."""
        wait_for(lambda: condition() or None, what=what, seconds=SECONDS)

    def _write(self, path: str, document: Json) -> Json:
        answer = self._api.patch(
            path,
            params={"fieldManager": "test", "force": "true"},
            content=json.dumps(document).encode(),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found


@pytest.fixture(scope="module")
def addons(kubernetes: httpx.Client, local_argocd: ArgoCd, repository: str) -> Addons:
    """Add-ons on the local Argo CD."""
    return Addons(kubernetes, local_argocd, repository)


def values(*data: str) -> Json:
    """Values of the chart: ConfigMaps `c0`, `c1`, … with these texts."""
    return {
        "objects": [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"c{index}"},
                "data": {"text": text},
            }
            for index, text in enumerate(data)
        ]
    }


def certificates(text: str, *, note: str = "new") -> list[Json]:
    """What the chart of the load balancer controller renders anew each time."""
    labels = {"note": note}
    webhook = {
        "name": "sample.example.com",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Ignore",
        "clientConfig": {"url": "https://127.0.0.1:1/sample", "caBundle": encoded(text)},
        "rules": [
            {
                "apiGroups": ["sample.example.com"],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["samples"],
            }
        ],
    }
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "aws-load-balancer-tls", "labels": labels},
            "data": {"ca.crt": encoded(text)},
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "aws-load-balancer-webhook", "labels": labels},
            "webhooks": [webhook],
        },
    ]


def encoded(text: str) -> str:
    """A certificate as far as the API server looks at it."""
    pem = f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(pem.encode()).decode()


def is_open(application: Json) -> bool:
    """Whether the gate of the Application holds, as the plugin of Pulumi would find."""
    expressions = json.loads(application["metadata"]["annotations"]["pulumi.com/waitFor"])
    for expression in expressions:
        match = GATE.fullmatch(expression)
        assert match is not None, expression
        found: Any = application
        for part in match.group(1).split("."):
            found = found.get(part, {})
        if found != match.group(2):
            return False
    return True


@pytest.mark.usefixtures("local_argocd")
@pytest.mark.parametrize("is_adopted", [False, True])
def test_project_and_application_are_accepted_strictly(
    kubernetes: httpx.Client, is_adopted: bool
) -> None:
    release = Release(
        "karpenter",
        "kube-system",
        CHARTS["karpenter"],
        {"replicas": 2, "settings": {"clusterName": "prod-eu"}},
        is_adopted=is_adopted,
        ignored=[{"group": "", "kind": "Secret", "name": "tls", "jsonPointers": ["/data"]}],
    )
    application = build_application(
        release, argocd_namespace="argocd", fingerprint="0a1b", gate=gate_of("0a1b")
    )

    for path, document in (
        ("appprojects", build_project("argocd")),
        ("applications", application),
    ):
        document["metadata"]["name"] += "-dry"
        answer = kubernetes.post(
            f"{ARGOCD}/{path}",
            params={"dryRun": "All", "fieldValidation": "Strict"},
            json=document,
        )
        assert answer.is_success, answer.text


def test_an_addon_is_installed_changed_pruned_and_removed(addons: Addons) -> None:
    first = addons.release("one", "two")
    second = replace(first, values=values("changed"))

    addons.apply(first)
    addons.wait_until_ready(first)
    made = addons.find(first, "c0")
    before = addons.apply(second)
    addons.wait_until_ready(second)
    changed = addons.find(first, "c0")
    addons.wait(lambda: addons.find(first, "c1") is None, what="c1 to be pruned")
    addons.remove(first)

    assert made is not None
    assert made["data"]["text"] == "one"
    # The status of the first is there still, synced and healthy, and the gate is shut all the same.
    assert before["status"]["sync"]["status"] == "Synced"
    assert before["status"]["health"]["status"] == "Healthy"
    assert not is_open(before)
    assert changed is not None
    assert changed["data"]["text"] == "changed"
    assert addons.find(first, "c0") is None


def test_fields_in_another_form_are_no_difference(addons: Addons) -> None:
    release = addons.release()
    container = {
        "name": "c",
        "image": "registry.example.com/c:1",
        "env": [{"name": "A", "value": ""}],
        "resources": {"requests": {"cpu": "1000m", "memory": "1024Mi"}},
        "ports": [{"containerPort": 80}],
        "securityContext": {},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [container], "nodeSelector": {}, "tolerations": []},
            },
        },
    }
    release = replace(release, values={"objects": [deployment]})

    addons.apply(release)
    addons.wait_until_ready(release)

    addons.remove(release)


def test_what_is_changed_by_hand_is_healed_and_what_is_ignored_stays(addons: Addons) -> None:
    ignored = {"group": "", "kind": "ConfigMap", "name": "c1", "jsonPointers": ["/data"]}
    release = replace(addons.release("one", "two"), ignored=[ignored])
    addons.apply(release)
    addons.wait_until_ready(release)

    addons.set(release, "c0", "drift")
    addons.wait(
        lambda: (addons.find(release, "c0") or {})["data"]["text"] == "one", what="c0 to be healed"
    )
    addons.wait_until_idle(release)
    addons.set(release, "c1", "kept")
    other = replace(release, values=values("new", "also new"))
    addons.apply(other)
    addons.wait_until_ready(other)

    kept, written = addons.find(release, "c1"), addons.find(release, "c0")
    assert kept is not None
    assert kept["data"]["text"] == "kept"
    assert written is not None
    assert written["data"]["text"] == "new"
    addons.remove(release)


def test_a_certificate_that_each_rendering_makes_anew_stays_the_first(
    addons: Addons, kubernetes: httpx.Client
) -> None:
    first = replace(addons.release(), namespace="kube-system", ignored=IGNORED)
    first = replace(first, values={"objects": certificates("first")})
    second = replace(first, values={"objects": certificates("second", note="changed")})

    addons.apply(first)
    addons.wait_until_ready(first)
    addons.apply(second)
    addons.wait_until_ready(second)
    found = [kubernetes.get(path).raise_for_status().json() for path in CERTIFICATES]
    addons.remove(second)

    secret, webhooks = found
    assert secret["data"] == {"ca.crt": encoded("first")}
    assert webhooks["webhooks"][0]["clientConfig"]["caBundle"] == encoded("first")
    assert [item["metadata"]["labels"]["note"] for item in found] == ["changed", "changed"]


def test_an_adopted_release_is_taken_over_and_left_behind(addons: Addons) -> None:
    found = addons.release("one", "two")
    addons.make(found)
    release = replace(found, values=values("ours"), is_adopted=True)

    made = addons.apply(release)
    addons.wait_until_ready(release)
    addons.remove(release)

    assert FINALIZER not in made["metadata"].get("finalizers", [])
    ours, others = addons.find(release, "c0"), addons.find(release, "c1")
    assert ours is not None
    assert ours["data"]["text"] == "ours"
    assert others is not None
    assert others["data"]["text"] == "two"


def test_a_chart_from_elsewhere_is_refused_by_the_project(
    addons: Addons, kubernetes: httpx.Client
) -> None:
    release = addons.release("one")
    chart = Chart(CHART_NAME, "http://127.0.0.1:1/charts", CHART_VERSION)
    addons.apply(replace(release, chart=chart))

    def refusal() -> str | None:
        status = kubernetes.get(f"{ARGOCD}/applications/{release.name}").json().get("status", {})
        conditions = status.get("conditions", [])
        return next((one["message"] for one in conditions if "Error" in one["type"]), None)

    message = wait_for(refusal, what="the refusal", seconds=SECONDS)
    assert "is not permitted in project 'splitplane-addons'" in message
    addons.remove(release)
