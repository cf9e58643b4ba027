"""What the functions give; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from splitplane.resources.invoking import result_type


@result_type
class NodeTaintResult:
    """A taint that nodes carry."""

    key: str = pulumi.property("key")
    """Label-like key."""
    value: str = pulumi.property("value")
    """Value; clouds differ in it, so that tolerations go by the key alone."""
    effect: str = pulumi.property("effect")
    """What happens to pods that do not tolerate it."""


@result_type
class CollaboratorResult:
    """A role for a subject on the object that the manifest describes."""

    subject: str = pulumi.property("subject")
    """`user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`."""
    role: str = pulumi.property("role")
    """A role of the object's kind, such as `viewer`, `editor` or `admin`."""


@result_type
class QuotaResult:
    """Most that all pods and volume claims of the workspace may have together.

    Every number is a sum over the namespace; one that is left out is not limited, and 0 allows
    none. A pod that would go above it is not made: its application says so and goes on by itself
    once there is room.
    """

    cpu_millicores: int | None = pulumi.property("cpuMillicores", default=None)
    """CPU requests of all pods, in thousandths of a core; not limited when left out."""
    memory_mib: int | None = pulumi.property("memoryMib", default=None)
    """Memory requests of all pods, MiB; not limited when left out."""
    gpu_count: int | None = pulumi.property("gpuCount", default=None)
    """Whole NVIDIA GPUs of all pods; not limited when left out."""
    neuron_count: int | None = pulumi.property("neuronCount", default=None)
    """Whole Inferentia and Trainium chips of all pods; not limited when left out."""
    storage_gib: int | None = pulumi.property("storageGib", default=None)
    """Storage requests of all volume claims, GiB; not limited when left out."""
    pods: int | None = pulumi.property("pods", default=None)
    """Pods that have not ended; not limited when left out."""


@result_type
class NetworkPolicyResult:
    """Whom the pods of the workspace may talk to, and who may talk to them.

    Holds where the cluster's network enforces NetworkPolicies. The node of a pod (probes of the
    kubelet) always reaches it. DNS in `kube-system` and, if its address is given by number, the
    control plane can always be reached.
    """

    ingress_from: str = pulumi.property("ingressFrom")
    """Who may connect to pods here: anybody, or only pods of the workspace."""
    ingress_namespaces: Sequence[str] = pulumi.property("ingressNamespaces")
    """Other namespaces whose pods may connect too.

    Such as that of the ingress gateway (`istio-system`) or of Prometheus; none when left out.
    Needs `ingress_from: workspace`.
    """
    egress_to: str = pulumi.property("egressTo")
    """What pods here may connect to: anything, or only pods of the workspace."""
    egress_namespaces: Sequence[str] = pulumi.property("egressNamespaces")
    """Other namespaces whose pods may be reached too.

    Such as `istio-system` for workloads of the mesh; none when left out. Needs `egress_to:
    workspace`.
    """
    egress_cidrs: Sequence[str] = pulumi.property("egressCidrs")
    """Ranges of addresses that may be reached too.

    Such as those of buckets, databases, the Kubernetes API, or the control plane for workloads
    that use ML repos; none when left out. Needs `egress_to: workspace`.
    """


@result_type
class MlRepoGrantResult:
    """Access of every workload in the workspace to one ML repo."""

    ml_repo: str = pulumi.property("mlRepo")
    """Name of the ML repo."""
    role: str = pulumi.property("role")
    """Role of the workspace's workloads on it."""


@result_type
class GetAgentManifestsResult:
    """What `get_agent_manifests` gives."""

    objects: Sequence[Mapping[str, Any]] = pulumi.property("objects")
    """The objects, in the order of application."""
    namespace: str = pulumi.property("namespace")
    """Namespace of the agent's own objects."""
    join_token_secret: str | None = pulumi.property("joinTokenSecret", default=None)
    """Name of the Secret that the agent reads its join token from, key `token`.

    Absent without `usesJoinToken`.
    """


@result_type
class GetCapabilitiesResult:
    """What `get_capabilities` gives."""

    cluster_id: str = pulumi.property("clusterId")
    """UUID of the cluster."""
    fqn: str = pulumi.property("fqn")
    """Name of the cluster."""
    provider_kind: str = pulumi.property("providerKind")
    """What kind of cluster it is."""
    delivery: str = pulumi.property("delivery")
    """How bundles reach the cluster."""
    node_scaling: str = pulumi.property("nodeScaling")
    """Who adds nodes."""
    gpu_selector_label: str = pulumi.property("gpuSelectorLabel")
    """Node label whose value is the GPU's product name."""
    is_connected: bool = pulumi.property("isConnected")
    """Whether the agent is connected now."""
    agent_capabilities: Sequence[str] = pulumi.property("agentCapabilities")
    """What the agent said that it can do, such as `delivery:direct`.

    Sorted, empty before it first connected.
    """
    gpu_taint: NodeTaintResult | None = pulumi.property("gpuTaint", default=None)
    """Taint of GPU nodes; null when they have none."""
    spot_selector_label: str | None = pulumi.property("spotSelectorLabel", default=None)
    """Node label of interruptible nodes; null where there are none."""
    spot_selector_value: str | None = pulumi.property("spotSelectorValue", default=None)
    """Value of that label."""
    spot_taint: NodeTaintResult | None = pulumi.property("spotTaint", default=None)
    """Taint of interruptible nodes; null when they have none."""
    agent_version: str | None = pulumi.property("agentVersion", default=None)
    """Version that the agent reported last; null before it first connected."""
    kubernetes_version: str | None = pulumi.property("kubernetesVersion", default=None)
    """Version of the cluster that the agent reported last; null before it first connected."""


@result_type
class GetClusterResult:
    """What `get_cluster` gives."""

    id: str = pulumi.property("id")
    """The object's UUID."""
    fqn: str = pulumi.property("fqn")
    """Fully qualified name; accepted wherever an id is."""
    status: str = pulumi.property("status")
    """Derived from the object's conditions, such as `ready`."""
    name: str = pulumi.property("name")
    """Name; a change replaces the resource. 2 to 35 lower-case letters, digits and hyphens."""
    provider_kind: str = pulumi.property("providerKind")
    """What kind of cluster it is; decides which quirks apply to what is rendered for it.

    A change replaces the resource.
    """
    environments: Sequence[str] = pulumi.property("environments")
    """Names of the environments that workspaces on it may have."""
    delivery: str = pulumi.property("delivery")
    """How bundles reach the cluster: by Argo CD, or applied by the agent itself."""
    allowed_namespaces: Sequence[str] = pulumi.property("allowedNamespaces")
    """The only namespaces that workspaces may use; every one that is not denied when empty."""
    denied_namespaces: Sequence[str] = pulumi.property("deniedNamespaces")
    """Namespaces that no workspace may use; beats the allowed ones."""
    labels: Mapping[str, str] = pulumi.property("labels")
    """Labels to find the cluster by."""
    is_connected: bool = pulumi.property("isConnected")
    """Whether the cluster's agent is connected now."""
    display_name: str | None = pulumi.property("displayName", default=None)
    """What people see; the name when left out."""
    region: str | None = pulumi.property("region", default=None)
    """The cloud's region; unknown when left out."""
    agent_version: str | None = pulumi.property("agentVersion", default=None)
    """Version of the agent that connected last; absent before the first one."""
    kubernetes_version: str | None = pulumi.property("kubernetesVersion", default=None)
    """Version of Kubernetes that the agent reported last; absent before it connected."""


@result_type
class GetEnvironmentResult:
    """What `get_environment` gives."""

    id: str = pulumi.property("id")
    """The object's UUID."""
    fqn: str = pulumi.property("fqn")
    """Fully qualified name; accepted wherever an id is."""
    status: str = pulumi.property("status")
    """Derived from the object's conditions, such as `ready`."""
    name: str = pulumi.property("name")
    """Name; a change replaces the resource. 2 to 32 lower-case letters, digits and hyphens."""
    is_production: bool = pulumi.property("isProduction")
    """Whether production rules hold here."""
    optimize_for: str = pulumi.property("optimizeFor")
    """What placement prefers: `cost` uses spot capacity first, `availability` does not."""
    display_name: str | None = pulumi.property("displayName", default=None)
    """What people see; the name when left out."""
    color: str | None = pulumi.property("color", default=None)
    """Colour of the tag in the user interface, `#rrggbb`; chosen by name when left out."""


@result_type
class GetMlRepoResult:
    """What `get_ml_repo` gives."""

    id: str = pulumi.property("id")
    """The object's UUID."""
    fqn: str = pulumi.property("fqn")
    """Fully qualified name; accepted wherever an id is."""
    status: str = pulumi.property("status")
    """Derived from the object's conditions, such as `ready`."""
    name: str = pulumi.property("name")
    """Name; a change replaces the resource. 2 to 40 lower-case letters, digits and hyphens."""
    storage_integration: str = pulumi.property("storageIntegration")
    """Name of the storage integration that holds its bytes. A change replaces the resource."""
    description: str = pulumi.property("description")
    """What it is for."""
    collaborators: Sequence[CollaboratorResult] = pulumi.property("collaborators")
    """Who may do what here: roles `admin`, `editor`, `viewer`."""
    display_name: str | None = pulumi.property("displayName", default=None)
    """What people see; the name when left out."""


@result_type
class GetWorkspaceResult:
    """What `get_workspace` gives."""

    id: str = pulumi.property("id")
    """The object's UUID."""
    fqn: str = pulumi.property("fqn")
    """Fully qualified name; accepted wherever an id is."""
    status: str = pulumi.property("status")
    """Derived from the object's conditions, such as `ready`."""
    name: str = pulumi.property("name")
    """Name; a change replaces the resource, and the name of the namespace.

    2 to 32 lower-case letters, digits and hyphens.
    """
    cluster: str = pulumi.property("cluster")
    """Name of the cluster. A change replaces the resource."""
    environment: str = pulumi.property("environment")
    """Name of the environment; the cluster must carry it."""
    labels: Mapping[str, str] = pulumi.property("labels")
    """Labels of the namespace."""
    ml_repos: Sequence[MlRepoGrantResult] = pulumi.property("mlRepos")
    """ML repos that workloads here may use, each at most once."""
    collaborators: Sequence[CollaboratorResult] = pulumi.property("collaborators")
    """Who may do what here: roles `admin`, `editor`, `deployer`, `viewer`."""
    display_name: str | None = pulumi.property("displayName", default=None)
    """What people see; the name when left out."""
    quota: QuotaResult | None = pulumi.property("quota", default=None)
    """Most that everything in the workspace may request; no limit when left out."""
    network_policy: NetworkPolicyResult | None = pulumi.property("networkPolicy", default=None)
    """Whom pods may talk to; everything is allowed when left out."""


@result_type
class RenderApplicationResult:
    """What `render_application` gives."""

    fqn: str = pulumi.property("fqn")
    """`CLUSTER:WORKSPACE:APPLICATION`."""
    application_id: str = pulumi.property("applicationId")
    """Its id; all zeros while the application does not exist."""
    version: int = pulumi.property("version")
    """Number that the version would get; that of the current one when nothing changed."""
    is_current: bool = pulumi.property("isCurrent")
    """Whether the manifest is that of the current version.

    So that applying it changes nothing.
    """
    namespace: str = pulumi.property("namespace")
    """Namespace of all objects."""
    namespace_labels: Mapping[str, str] = pulumi.property("namespaceLabels")
    """Labels that the namespace has."""
    delivery: str = pulumi.property("delivery")
    """How the objects would reach the cluster."""
    manifests_sha256: str = pulumi.property("manifestsSha256")
    """Digest of the objects, as deployments have it."""
    size_bytes: int = pulumi.property("sizeBytes")
    """Size of the bundle that carries them."""
    objects: Sequence[Mapping[str, Any]] = pulumi.property("objects")
    """The objects, in the order in which they are made."""
