"""Nested inputs of the resources; written by `python -m splitplane.provider.sdk`.

Defaults are the control plane's and are described here; what is left out here is left out there
too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input

from splitplane.resources.package import input_type


@input_type
class AwsParameterStoreArgs:
    """AWS Systems Manager Parameter Store in one region."""

    region: Input[str] = pulumi.property("region")
    """Region of the parameters. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every name that may be read; all names when empty."""
    role_arn: Input[str] | None = pulumi.property("roleArn", default=None)
    """Role that the cluster assumes to read; its own identity when left out."""


@input_type
class AwsSecretsManagerArgs:
    """AWS Secrets Manager in one region."""

    region: Input[str] = pulumi.property("region")
    """Region of the secrets. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every name that may be read; all names when empty."""
    role_arn: Input[str] | None = pulumi.property("roleArn", default=None)
    """Role that the cluster assumes to read; its own identity when left out."""


@input_type
class AzureBlobStorageArgs:
    """A container of an Azure storage account."""

    account: Input[str] = pulumi.property("account")
    """Name of the storage account. A change replaces the resource."""
    container: Input[str] = pulumi.property("container")
    """Name of the container. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Folder in the container, without slashes at its ends. A change replaces the resource."""
    client_id: Input[str] | None = pulumi.property("clientId", default=None)
    """Client id of the managed identity that signs by user delegation.

    The control plane's ambient identity when left out.
    """


@input_type
class AzureContainerRegistryArgs:
    """One Azure container registry."""

    login_server: Input[str] = pulumi.property("loginServer")
    """Host, `NAME.azurecr.io`. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every repository's name."""


@input_type
class AzureKeyVaultArgs:
    """One Azure key vault."""

    vault_url: Input[str] = pulumi.property("vaultUrl")
    """Address of the vault, `https://NAME.vault.azure.net`. A change replaces the resource."""
    tenant_id: Input[str] | None = pulumi.property("tenantId", default=None)
    """Directory (tenant) of the vault; that of the cluster's identity when left out."""


@input_type
class CollaboratorArgs:
    """A role for a subject on the object that the manifest describes."""

    subject: Input[str] = pulumi.property("subject")
    """`user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`."""
    role: Input[str] = pulumi.property("role")
    """A role of the object's kind, such as `viewer`, `editor` or `admin`."""


@input_type
class ElasticContainerRegistryArgs:
    """Amazon ECR of one account and region."""

    account_id: Input[str] = pulumi.property("accountId")
    """Account that owns the repositories. A change replaces the resource."""
    region: Input[str] = pulumi.property("region")
    """Region of the repositories. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every repository's name."""
    role_arn: Input[str] | None = pulumi.property("roleArn", default=None)
    """Role that pushes; the builder's own identity when left out."""


@input_type
class GcpSecretManagerArgs:
    """Google Cloud Secret Manager of one project."""

    project: Input[str] = pulumi.property("project")
    """Id of the project. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every name that may be read; all names when empty."""


@input_type
class GcsStorageArgs:
    """A bucket of Google Cloud Storage."""

    bucket: Input[str] = pulumi.property("bucket")
    """Name of the bucket. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Folder in the bucket, without slashes at its ends. A change replaces the resource."""
    service_account: Input[str] | None = pulumi.property("serviceAccount", default=None)
    """E-mail address of the service account that signs, which the control plane impersonates.

    Its ambient identity when left out.
    """


@input_type
class GoogleArtifactRegistryArgs:
    """One repository of Google Artifact Registry."""

    project: Input[str] = pulumi.property("project")
    """Id of the project. A change replaces the resource."""
    location: Input[str] = pulumi.property("location")
    """Region or multi-region. A change replaces the resource."""
    repository: Input[str] = pulumi.property("repository")
    """Name of the repository. A change replaces the resource."""


@input_type
class HashiCorpVaultArgs:
    """A key-value engine of HashiCorp Vault or OpenBao.

    The cluster signs in by Kubernetes auth.
    """

    address: Input[str] = pulumi.property("address")
    """Address as the cluster reaches it, https. A change replaces the resource."""
    role: Input[str] = pulumi.property("role")
    """Role that the cluster signs in as."""
    mount: Input[str] | None = pulumi.property("mount", default=None)
    """Path of the key-value engine. Default: `"secret"`."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every path that may be read; all paths when empty."""
    namespace: Input[str] | None = pulumi.property("namespace", default=None)
    """Namespace of Vault Enterprise; none when left out."""
    auth_mount: Input[str] | None = pulumi.property("authMount", default=None)
    """Path of the Kubernetes auth method. Default: `"kubernetes"`."""


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
    """Environment variables.

    A value `secret://GROUP/KEY` is a reference, resolved in the cluster.
    """
    resources: Input[ResourcesArgs] | None = pulumi.property("resources", default=None)
    """Requests and limits."""
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    """Labels of its objects."""
    retries: Input[int] | None = pulumi.property("retries", default=None)
    """Runs after a failed one. Default: `0`."""
    timeout_seconds: Input[int] | None = pulumi.property("timeoutSeconds", default=None)
    """Time after which it is ended and counts as failed; at most five days. Default: `86400`."""
    completions: Input[int] | None = pulumi.property("completions", default=None)
    """Successful copies that make it complete. Default: `1`."""
    parallelism: Input[int] | None = pulumi.property("parallelism", default=None)
    """Copies that run at the same time. Default: `1`."""


@input_type
class KubernetesSecretsArgs:
    """Secrets that somebody makes in the workspace's own namespace."""


@input_type
class LocalStorageArgs:
    """A directory on the control plane's machine, for a first run."""

    path: Input[str] = pulumi.property("path")
    """Absolute path of a directory that the control plane may write.

    A change replaces the resource.
    """


@input_type
class MlRepoGrantArgs:
    """Access of every workload in the workspace to one ML repo."""

    ml_repo: Input[str] = pulumi.property("mlRepo")
    """Name of the ML repo."""
    role: Input[str] | None = pulumi.property("role", default=None)
    """Role of the workspace's workloads on it.

    Allowed: `viewer`, `editor`, `admin`. Default: `"viewer"`.
    """


@input_type
class NetworkPolicyArgs:
    """Whom the pods of the workspace may talk to, and who may talk to them.

    Holds where the cluster's network enforces NetworkPolicies. The node of a pod (probes of the
    kubelet) always reaches it. DNS in `kube-system` and, if its address is given by number, the
    control plane can always be reached.
    """

    ingress_from: Input[str] | None = pulumi.property("ingressFrom", default=None)
    """Who may connect to pods here: anybody, or only pods of the workspace.

    Allowed: `anywhere`, `workspace`. Default: `"anywhere"`.
    """
    ingress_namespaces: Input[Sequence[Input[str]]] | None = pulumi.property(
        "ingressNamespaces", default=None
    )
    """Other namespaces whose pods may connect too.

    Such as that of the ingress gateway (`istio-system`) or of Prometheus; none when left out.
    Needs `ingress_from: workspace`.
    """
    egress_to: Input[str] | None = pulumi.property("egressTo", default=None)
    """What pods here may connect to: anything, or only pods of the workspace.

    Allowed: `anywhere`, `workspace`. Default: `"anywhere"`.
    """
    egress_namespaces: Input[Sequence[Input[str]]] | None = pulumi.property(
        "egressNamespaces", default=None
    )
    """Other namespaces whose pods may be reached too.

    Such as `istio-system` for workloads of the mesh; none when left out. Needs `egress_to:
    workspace`.
    """
    egress_cidrs: Input[Sequence[Input[str]]] | None = pulumi.property("egressCidrs", default=None)
    """Ranges of addresses that may be reached too, such as those of buckets, databases.

    The Kubernetes API, or the control plane for workloads that use ML repos; none when left out.
    Needs `egress_to: workspace`.
    """


@input_type
class OtherRegistryArgs:
    """Any registry that speaks the distribution protocol."""

    host: Input[str] = pulumi.property("host")
    """Host and port. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Start of every repository's name."""
    password: Input[str] | None = pulumi.property("password", default=None)
    """Reference to the password, `secret://GROUP/KEY`; needs `username`."""
    username: Input[str] | None = pulumi.property("username", default=None)
    """User that signs in; anonymous when left out."""


@input_type
class PortArgs:
    """A port that the container listens on and the Service offers under the same number."""

    port: Input[int] = pulumi.property("port")
    """Port number."""
    name: Input[str] | None = pulumi.property("name", default=None)
    """Name of the port, unique in the service; made of protocol and number when left out."""
    protocol: Input[str] | None = pulumi.property("protocol", default=None)
    """Application protocol; tells the mesh and the gateway how to treat it.

    Allowed: `http`, `grpc`, `tcp`. Default: `"http"`.
    """


@input_type
class ProbeArgs:
    """A health check: exactly one of `http_path`, `tcp` and `command`."""

    http_path: Input[str] | None = pulumi.property("httpPath", default=None)
    """Path of a GET that answers 200 to 399 while healthy."""
    tcp: Input[bool] | None = pulumi.property("tcp", default=None)
    """Whether an accepted connection is enough. Default: `False`."""
    command: Input[Sequence[Input[str]]] | None = pulumi.property("command", default=None)
    """Command in the container that exits with 0 while healthy."""
    port: Input[int] | None = pulumi.property("port", default=None)
    """Port for `http_path` and `tcp`; the first port of the service when left out."""
    initial_delay_seconds: Input[int] | None = pulumi.property("initialDelaySeconds", default=None)
    """Wait before the first check. Default: `0`."""
    period_seconds: Input[int] | None = pulumi.property("periodSeconds", default=None)
    """Time between checks. Default: `10`."""
    timeout_seconds: Input[int] | None = pulumi.property("timeoutSeconds", default=None)
    """Longest time that one check may take. Default: `1`."""
    failure_threshold: Input[int] | None = pulumi.property("failureThreshold", default=None)
    """Failures in a row until the check counts as failed. Default: `3`."""


@input_type
class QuotaArgs:
    """Most that all pods and volume claims of the workspace may have together.

    Every number is a sum over the namespace; one that is left out is not limited, and 0 allows
    none. A pod that would go above it is not made: its application says so and goes on by itself
    once there is room.
    """

    cpu_millicores: Input[int] | None = pulumi.property("cpuMillicores", default=None)
    """CPU requests of all pods, in thousandths of a core; not limited when left out."""
    memory_mib: Input[int] | None = pulumi.property("memoryMib", default=None)
    """Memory requests of all pods, MiB; not limited when left out."""
    gpu_count: Input[int] | None = pulumi.property("gpuCount", default=None)
    """Whole NVIDIA GPUs of all pods; not limited when left out."""
    neuron_count: Input[int] | None = pulumi.property("neuronCount", default=None)
    """Whole Inferentia and Trainium chips of all pods; not limited when left out."""
    storage_gib: Input[int] | None = pulumi.property("storageGib", default=None)
    """Storage requests of all volume claims, GiB; not limited when left out."""
    pods: Input[int] | None = pulumi.property("pods", default=None)
    """Pods that have not ended; not limited when left out."""


@input_type
class ResourcesArgs:
    """Requests and limits of the container; small by default, so that a first deploy fits."""

    cpu_request_millicores: Input[int] | None = pulumi.property(
        "cpuRequestMillicores", default=None
    )
    """CPU that is reserved, in thousandths of a core. Default: `200`."""
    cpu_limit_millicores: Input[int] | None = pulumi.property("cpuLimitMillicores", default=None)
    """CPU at most, in thousandths of a core. Default: `500`."""
    memory_request_mib: Input[int] | None = pulumi.property("memoryRequestMib", default=None)
    """Memory that is reserved, MiB. Default: `200`."""
    memory_limit_mib: Input[int] | None = pulumi.property("memoryLimitMib", default=None)
    """Memory at most, MiB; above it the container is killed. Default: `500`."""
    ephemeral_storage_request_mib: Input[int] | None = pulumi.property(
        "ephemeralStorageRequestMib", default=None
    )
    """Local disk that is reserved, MiB. Default: `1000`."""
    ephemeral_storage_limit_mib: Input[int] | None = pulumi.property(
        "ephemeralStorageLimitMib", default=None
    )
    """Local disk at most, MiB. Default: `2000`."""
    gpu_count: Input[int] | None = pulumi.property("gpuCount", default=None)
    """Whole NVIDIA GPUs. Default: `0`."""
    gpu_type: Input[str] | None = pulumi.property("gpuType", default=None)
    """Product name of the GPU as the nodes are labelled; any when left out. Needs `gpu_count`."""
    neuron_count: Input[int] | None = pulumi.property("neuronCount", default=None)
    """Whole Inferentia or Trainium chips, which EKS has nodes with.

    Not with `gpu_count`. Default: `0`.
    """


@input_type
class S3StorageArgs:
    """A bucket of Amazon S3 or of a store that speaks its protocol."""

    bucket: Input[str] = pulumi.property("bucket")
    """Name of the bucket. A change replaces the resource."""
    prefix: Input[str] | None = pulumi.property("prefix", default=None)
    """Folder in the bucket, without slashes at its ends. A change replaces the resource."""
    region: Input[str] | None = pulumi.property("region", default=None)
    """Region of the bucket; the SDK's default when left out."""
    endpoint_url: Input[str] | None = pulumi.property("endpointUrl", default=None)
    """Address of an S3-compatible store; Amazon's when left out."""
    role_arn: Input[str] | None = pulumi.property("roleArn", default=None)
    """Role that the control plane assumes to sign; its ambient identity when left out."""
    external_id: Input[str] | None = pulumi.property("externalId", default=None)
    """External id for assuming the role; needs `role_arn`."""
    profile: Input[str] | None = pulumi.property("profile", default=None)
    """Named profile in the control plane's shared credentials file; excludes `role_arn`."""


@input_type
class SecretReferenceArgs:
    """Where one value is in the store."""

    path: Input[str] = pulumi.property("path")
    """Name or path of the secret in the store, without the store's prefix."""
    field: Input[str] | None = pulumi.property("field", default=None)
    """Field of a secret that holds several; the whole secret when left out."""
    version: Input[str] | None = pulumi.property("version", default=None)
    """Version in the store; the newest when left out."""


@input_type
class ServiceArgs:
    """A service: keeps `replicas` copies running and reachable inside the cluster."""

    image: Input[str] = pulumi.property("image")
    """Container image, `REPOSITORY:TAG` or `REPOSITORY@sha256:DIGEST`."""
    command: Input[Sequence[Input[str]]] | None = pulumi.property("command", default=None)
    """Program in place of the image's entry point."""
    args: Input[Sequence[Input[str]]] | None = pulumi.property("args", default=None)
    """Arguments in place of the image's."""
    env: Input[Mapping[str, Input[str]]] | None = pulumi.property("env", default=None)
    """Environment variables.

    A value `secret://GROUP/KEY` is a reference, resolved in the cluster.
    """
    resources: Input[ResourcesArgs] | None = pulumi.property("resources", default=None)
    """Requests and limits."""
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    """Labels of its objects."""
    ports: Input[Sequence[Input[PortArgs]]] | None = pulumi.property("ports", default=None)
    """Ports that it listens on; no Service object is made without any."""
    replicas: Input[int] | None = pulumi.property("replicas", default=None)
    """Number of copies; 0 pauses it. Default: `1`."""
    liveness_probe: Input[ProbeArgs] | None = pulumi.property("livenessProbe", default=None)
    """Restarts the container when it fails; no check when left out."""
    readiness_probe: Input[ProbeArgs] | None = pulumi.property("readinessProbe", default=None)
    """Takes the copy out of the Service while it fails; no check when left out."""
    startup_probe: Input[ProbeArgs] | None = pulumi.property("startupProbe", default=None)
    """Holds the other checks back until it succeeds; no check when left out."""
    progress_deadline_seconds: Input[int] | None = pulumi.property(
        "progressDeadlineSeconds", default=None
    )
    """Time in which a new version must become available before it counts as failed.

    Default: `600`.
    """
