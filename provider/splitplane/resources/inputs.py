"""Nested inputs of the resources: what a service, a job, a grant and a place for bytes consist of.

Defaults are the control plane's and are described there and in the package's schema; what is left
out here is left out there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input

from splitplane.resources.package import input_type


@input_type
class CollaboratorArgs:
    """A role for a subject on the object that it stands in."""

    subject: Input[str] = pulumi.property("subject")
    """`user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`."""
    role: Input[str] = pulumi.property("role")
    """A role of the object's kind, such as `viewer`, `editor` or `admin`."""


@input_type
class MlRepoGrantArgs:
    """Access of every workload in a workspace to one ML repo."""

    ml_repo: Input[str] = pulumi.property("mlRepo")
    """Name of the ML repo."""
    role: Input[str] | None = pulumi.property("role", default=None)
    """`viewer`, `editor` or `admin`; `viewer` when left out."""


@input_type
class LocalStorageArgs:
    """A directory on the control plane's machine, for a first run."""

    path: Input[str] = pulumi.property("path")
    """Absolute path. A change of it makes a new storage integration."""


@input_type
class S3StorageArgs:
    """A bucket of Amazon S3 or of a store that speaks its protocol."""

    bucket: Input[str] = pulumi.property("bucket")
    """Name of the bucket. A change of it makes a new storage integration."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Folder in the bucket. A change of it makes a new storage integration."""
    region: Input[str] | None = pulumi.property("region", default=None)
    """Region of the bucket."""
    endpoint_url: Input[str] | None = pulumi.property("endpointUrl", default=None)
    """Address of an S3-compatible store; Amazon's when left out."""
    role_arn: Input[str] | None = pulumi.property("roleArn", default=None)
    """Role that the control plane assumes to sign."""
    external_id: Input[str] | None = pulumi.property("externalId", default=None)
    """External id for assuming the role."""
    profile: Input[str] | None = pulumi.property("profile", default=None)
    """Named profile on the control plane's machine; excludes `role_arn`."""


@input_type
class ResourcesArgs:
    """Requests and limits of a container."""

    cpu_request_millicores: Input[int] | None = pulumi.property(
        "cpuRequestMillicores", default=None
    )
    """CPU that is reserved, in thousandths of a core; 200 when left out."""
    cpu_limit_millicores: Input[int] | None = pulumi.property("cpuLimitMillicores", default=None)
    """CPU at most, in thousandths of a core; 500 when left out."""
    memory_request_mib: Input[int] | None = pulumi.property("memoryRequestMib", default=None)
    """Memory that is reserved, MiB; 200 when left out."""
    memory_limit_mib: Input[int] | None = pulumi.property("memoryLimitMib", default=None)
    """Memory at most, MiB; 500 when left out."""
    ephemeral_storage_request_mib: Input[int] | None = pulumi.property(
        "ephemeralStorageRequestMib", default=None
    )
    """Local disk that is reserved, MiB; 1000 when left out."""
    ephemeral_storage_limit_mib: Input[int] | None = pulumi.property(
        "ephemeralStorageLimitMib", default=None
    )
    """Local disk at most, MiB; 2000 when left out."""
    gpu_count: Input[int] | None = pulumi.property("gpuCount", default=None)
    """Whole NVIDIA GPUs; none when left out."""
    gpu_type: Input[str] | None = pulumi.property("gpuType", default=None)
    """Product name of the GPU as the nodes are labelled; needs `gpu_count`."""


@input_type
class PortArgs:
    """A port that the container listens on."""

    port: Input[int] = pulumi.property("port")
    """Port number."""
    name: Input[str] | None = pulumi.property("name", default=None)
    """Name, unique in the service; made of protocol and number when left out."""
    protocol: Input[str] | None = pulumi.property("protocol", default=None)
    """`http`, `grpc` or `tcp`; `http` when left out."""


@input_type
class ProbeArgs:
    """A health check: exactly one of `http_path`, `tcp` and `command`."""

    http_path: Input[str] | None = pulumi.property("httpPath", default=None)
    """Path of a GET that answers 200 to 399 while healthy."""
    tcp: Input[bool] | None = pulumi.property("tcp", default=None)
    """Whether an accepted connection is enough."""
    command: Input[Sequence[Input[str]]] | None = pulumi.property("command", default=None)
    """Command in the container that exits with 0 while healthy."""
    port: Input[int] | None = pulumi.property("port", default=None)
    """Port for `http_path` and `tcp`; the first port of the service when left out."""
    initial_delay_seconds: Input[int] | None = pulumi.property("initialDelaySeconds", default=None)
    """Wait before the first check; none when left out."""
    period_seconds: Input[int] | None = pulumi.property("periodSeconds", default=None)
    """Time between checks; 10 when left out."""
    timeout_seconds: Input[int] | None = pulumi.property("timeoutSeconds", default=None)
    """Longest time that one check may take; 1 when left out."""
    failure_threshold: Input[int] | None = pulumi.property("failureThreshold", default=None)
    """Failures in a row until the check counts as failed; 3 when left out."""


@input_type
class ServiceArgs:
    """A service: keeps copies running and reachable inside the cluster."""

    image: Input[str] = pulumi.property("image")
    """Container image, `REPOSITORY:TAG` or `REPOSITORY@sha256:DIGEST`."""
    command: Input[Sequence[Input[str]]] | None = pulumi.property("command", default=None)
    """Program in place of the image's entry point."""
    args: Input[Sequence[Input[str]]] | None = pulumi.property("args", default=None)
    """Arguments in place of the image's."""
    env: Input[Mapping[str, Input[str]]] | None = pulumi.property("env", default=None)
    """Environment variables; `secret://GROUP/KEY` is a reference, resolved in the cluster."""
    resources: Input[ResourcesArgs] | None = pulumi.property("resources", default=None)
    """Requests and limits."""
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    """Labels of its objects."""
    ports: Input[Sequence[Input[PortArgs]]] | None = pulumi.property("ports", default=None)
    """Ports that it listens on; no Service object is made without any."""
    replicas: Input[int] | None = pulumi.property("replicas", default=None)
    """Number of copies; 1 when left out, 0 pauses it."""
    liveness_probe: Input[ProbeArgs] | None = pulumi.property("livenessProbe", default=None)
    """Restarts the container when it fails."""
    readiness_probe: Input[ProbeArgs] | None = pulumi.property("readinessProbe", default=None)
    """Takes the copy out of the Service while it fails."""
    startup_probe: Input[ProbeArgs] | None = pulumi.property("startupProbe", default=None)
    """Holds the other checks back until it succeeds."""
    progress_deadline_seconds: Input[int] | None = pulumi.property(
        "progressDeadlineSeconds", default=None
    )
    """Time in which a new version must become available; 600 when left out."""


@input_type
class JobArgs:
    """A job: runs to completion once for each version that is deployed."""

    image: Input[str] = pulumi.property("image")
    """Container image, `REPOSITORY:TAG` or `REPOSITORY@sha256:DIGEST`."""
    command: Input[Sequence[Input[str]]] | None = pulumi.property("command", default=None)
    """Program in place of the image's entry point."""
    args: Input[Sequence[Input[str]]] | None = pulumi.property("args", default=None)
    """Arguments in place of the image's."""
    env: Input[Mapping[str, Input[str]]] | None = pulumi.property("env", default=None)
    """Environment variables; `secret://GROUP/KEY` is a reference, resolved in the cluster."""
    resources: Input[ResourcesArgs] | None = pulumi.property("resources", default=None)
    """Requests and limits."""
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    """Labels of its objects."""
    retries: Input[int] | None = pulumi.property("retries", default=None)
    """Runs after a failed one; none when left out."""
    timeout_seconds: Input[int] | None = pulumi.property("timeoutSeconds", default=None)
    """Time after which it is ended and counts as failed; a day when left out."""
    completions: Input[int] | None = pulumi.property("completions", default=None)
    """Successful copies that make it complete; 1 when left out."""
    parallelism: Input[int] | None = pulumi.property("parallelism", default=None)
    """Copies that run at the same time; 1 when left out."""
