import json
from pathlib import Path
from typing import Any

import pytest

from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.contract.manifests.workload import Port, Probe, Resources
from splitplane.controlplane.rendering import RenderContext, RenderError, render
from splitplane.platforms import capabilities_of

APPLICATION_ID = "0198d2f0-0000-7000-8000-000000000001"
SNAPSHOT = Path(__file__).parent / "service.snapshot.json"


def context(**changes: Any) -> RenderContext:
    fields: dict[str, Any] = {
        "application_id": APPLICATION_ID,
        "version": 3,
        "cluster": "prod-eu",
        "workspace": "team1",
        "control_plane_url": "https://cp.example.com",
        "delivery": "direct",
        "capabilities": capabilities_of("local"),
    }
    return RenderContext(**{**fields, **changes})


def service(**changes: Any) -> ServiceManifest:
    fields: dict[str, Any] = {
        "name": "ranker",
        "workspace": "prod-eu:team1",
        "image": "nginx:1.29",
        "ports": [Port(port=8080)],
    }
    return ServiceManifest(**{**fields, **changes})


def job(**changes: Any) -> JobManifest:
    fields: dict[str, Any] = {
        "name": "train",
        "workspace": "prod-eu:team1",
        "image": "python:3.13",
        "command": ["python", "-c", "print(1)"],
    }
    return JobManifest(**{**fields, **changes})


def only(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [found] = [item for item in objects if item["kind"] == kind]
    return found


def pod_spec(objects: list[dict[str, Any]], kind: str = "Deployment") -> dict[str, Any]:
    spec: dict[str, Any] = only(objects, kind)["spec"]["template"]["spec"]
    return spec


def test_a_service_with_every_field_renders_as_in_the_snapshot() -> None:
    manifest = service(
        command=["serve"],
        args=["--port", "8080"],
        env={"MODE": "fast", "API_KEY": "secret://keys/api"},
        labels={"tier": "web"},
        ports=[Port(port=8080), Port(port=9090, name="metrics", protocol="tcp")],
        replicas=2,
        resources=Resources(gpu_count=1, gpu_type="NVIDIA-H100-80GB-HBM3"),
        liveness_probe=Probe(http_path="/live"),
        readiness_probe=Probe(tcp=True, port=9090),
        startup_probe=Probe(command=["true"], failure_threshold=30),
        progress_deadline_seconds=120,
    )

    rendered = render(manifest, context())

    assert rendered == json.loads(SNAPSHOT.read_text())


def test_a_service_has_account_service_and_deployment() -> None:
    rendered = render(service(), context())

    assert [(item["kind"], item["metadata"]["name"]) for item in rendered] == [
        ("ServiceAccount", "app-ranker"),
        ("Service", "ranker"),
        ("Deployment", "ranker"),
    ]


def test_without_ports_there_is_no_service_object() -> None:
    kinds = [item["kind"] for item in render(service(ports=[]), context())]

    assert kinds == ["ServiceAccount", "Deployment"]


def test_the_selector_does_not_change_with_the_version() -> None:
    first = only(render(service(), context(version=1)), "Deployment")
    second = only(render(service(), context(version=2)), "Deployment")

    assert first["spec"]["selector"] == {
        "matchLabels": {"splitplane.io/application-id": APPLICATION_ID}
    }
    assert second["spec"]["selector"] == first["spec"]["selector"]
    assert second["spec"]["template"]["metadata"]["labels"]["splitplane.io/version"] == "2"


def test_platform_labels_win_over_the_manifest() -> None:
    manifest = service(labels={"splitplane.io/application-id": "stolen", "tier": "web"})

    labels = only(render(manifest, context()), "Deployment")["metadata"]["labels"]

    assert labels["splitplane.io/application-id"] == APPLICATION_ID
    assert labels["tier"] == "web"


def test_the_only_token_in_the_pod_is_for_the_control_plane() -> None:
    spec = pod_spec(render(service(), context()))

    assert spec["automountServiceAccountToken"] is False
    assert spec["volumes"] == [
        {
            "name": "splitplane-token",
            "projected": {
                "sources": [
                    {
                        "serviceAccountToken": {
                            "audience": "https://cp.example.com",
                            "expirationSeconds": 3600,
                            "path": "token",
                        }
                    }
                ]
            },
        }
    ]
    assert spec["containers"][0]["env"] == [
        {"name": "SPLITPLANE_ENDPOINT", "value": "https://cp.example.com"},
        {"name": "SPLITPLANE_TOKEN_FILE", "value": "/var/run/secrets/splitplane.io/token"},
        {"name": "SPLITPLANE_WORKSPACE", "value": "prod-eu:team1"},
    ]


def test_secret_references_become_references_and_never_values() -> None:
    spec = pod_spec(render(service(env={"B": "plain", "A": "secret://keys/api"}), context()))

    assert spec["containers"][0]["env"][3:] == [
        {"name": "A", "valueFrom": {"secretKeyRef": {"key": "api", "name": "keys"}}},
        {"name": "B", "value": "plain"},
    ]


def test_gpus_bring_limit_selector_and_toleration_of_the_cluster() -> None:
    manifest = service(resources=Resources(gpu_count=2, gpu_type="nvidia-l4"))

    spec = pod_spec(render(manifest, context(capabilities=capabilities_of("gke"))))

    assert spec["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "2"
    assert spec["containers"][0]["resources"]["requests"]["nvidia.com/gpu"] == "2"
    assert spec["nodeSelector"] == {"cloud.google.com/gke-accelerator": "nvidia-l4"}
    assert spec["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]


def test_chips_of_aws_bring_limit_and_toleration() -> None:
    manifest = service(resources=Resources(neuron_count=4))

    spec = pod_spec(render(manifest, context(capabilities=capabilities_of("eks"))))

    assert spec["containers"][0]["resources"]["limits"]["aws.amazon.com/neuron"] == "4"
    assert spec["containers"][0]["resources"]["requests"]["aws.amazon.com/neuron"] == "4"
    assert "nodeSelector" not in spec
    assert spec["tolerations"] == [
        {"key": "aws.amazon.com/neuron", "operator": "Exists", "effect": "NoSchedule"}
    ]


def test_a_job_is_named_by_its_version() -> None:
    rendered = render(job(retries=2, timeout_seconds=60, completions=4, parallelism=2), context())

    spec = only(rendered, "Job")["spec"]
    assert only(rendered, "Job")["metadata"]["name"] == "train-v3"
    assert {key: spec[key] for key in spec if key != "template"} == {
        "activeDeadlineSeconds": 60,
        "backoffLimit": 2,
        "completions": 4,
        "parallelism": 2,
        "ttlSecondsAfterFinished": 604800,
    }
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_argo_cd_would_make_an_expired_job_anew_so_it_has_no_ttl() -> None:
    spec = only(render(job(), context(delivery="argocd")), "Job")["spec"]

    assert "ttlSecondsAfterFinished" not in spec


def test_the_longest_names_are_within_the_limit_of_kubernetes() -> None:
    name = "a" * 40

    rendered = render(job(name=name), context(version=999_999)) + render(
        service(name=name), context()
    )

    assert max(len(item["metadata"]["name"]) for item in rendered) == 48


def test_the_order_of_variables_does_not_change_the_bytes() -> None:
    one = render(service(env={"A": "1", "B": "2"}), context())
    other = render(service(env={"B": "2", "A": "1"}), context())

    assert json.dumps(one) == json.dumps(other)


def test_two_ports_with_one_name_are_refused() -> None:
    manifest = service(ports=[Port(port=8080), Port(port=9090, name="http-8080")])

    with pytest.raises(RenderError, match="one of them twice; give the port without a name"):
        render(manifest, context())
