"""What every compute plane yields beside its name, with the same words on each cloud.

Programs ask for a flag or an id by its name here, and never which cloud it is.
"""

# Without `from __future__ import annotations`: the schema is made from real types.
from typing import TypedDict

from splitplane.platforms.capabilities import NodeScaling


class NetworkIds(TypedDict):
    """Ids of the network that a compute plane is in."""

    network_id: str
    """The network, as its cloud names it."""
    node_subnet_ids: list[str]
    """Subnets of nodes and pods."""
    private_subnet_ids: list[str]
    """Subnets of internal load balancers and databases."""
    public_subnet_ids: list[str]
    """Subnets that the internet reaches; none where there are none."""
    control_plane_subnet_ids: list[str]
    """Subnets of the control plane's own interfaces; none where it has none in the network."""
    security_group_ids: list[str]
    """What nodes are put in, where the cloud has such groups."""


class NodeClass(TypedDict):
    """A kind of node that pods may ask for."""

    name: str
    """Name of the pool or group."""
    labels: dict[str, str]
    """Labels of its nodes that select it."""
    taints: list[str]
    """Taints of its nodes, KEY=VALUE:EFFECT."""
    gpu: str | None
    """Its GPU, as the selector label says it; None without GPUs."""
    capacity: str
    """How its machines are bought: on_demand, spot or reserved."""
    limits: dict[str, str]
    """The most that it grows to; nothing where only the number of nodes is bounded."""


class StorageClasses(TypedDict):
    """Classes of volumes."""

    block: str | None
    """Disks, which go with their claim; the default. None where nothing is known of it."""
    block_retain: str | None
    """Disks that stay when their claim goes; None where there is no such class."""
    shared: str | None
    """Files that many pods share; None without shared storage."""


class StorageLocation(TypedDict):
    """The bucket as a storage integration takes it."""

    bucket: str
    """Its name."""
    region: str
    """Its region."""
    role_arn: str | None
    """Role that the control plane assumes to sign; None where its own identity does."""
    external_id: str | None
    """External id for assuming the role."""


class ComputePlaneCapabilities(TypedDict):
    """What a compute plane can do, and what it forces."""

    node_scaling: NodeScaling
    """Who adds nodes."""
    has_node_autoprovisioning: bool
    """Whether nodes of kinds that no pool had before come by themselves."""
    is_scale_up_slow: bool
    """Whether a new node takes more than some minutes."""
    needs_headroom: bool
    """Whether spare pods have to keep nodes ready."""
    requests_equal_limits: bool
    """Whether limits are made equal to requests."""
    can_burst: bool
    """Whether pods may use more than they request."""
    allows_privileged: bool
    """Whether containers may be privileged."""
    allows_host_path: bool
    """Whether pods may mount folders of nodes."""
    allows_host_network: bool
    """Whether pods may use the network of nodes."""
    allows_node_daemonsets: bool
    """Whether every node may run pods of ours."""
    managed_namespaces: list[str]
    """Namespaces that the cloud keeps for itself."""
    gpu_selector_label: str
    """Node label whose value is the GPU's name."""
    gpu_taint: str | None
    """Taint of GPU nodes, KEY=VALUE:EFFECT; None without."""
    gpu_plugin_owner: str | None
    """Who makes GPUs known to the cluster: image, chart or vendor; mixed where pools differ, None
    without GPUs."""
    spot_selector_label: str | None
    """Label of interruptible nodes, KEY=VALUE; None where there are none."""
    spot_taint: str | None
    """Taint of interruptible nodes, KEY=VALUE:EFFECT; None without."""
    has_load_balancer: bool
    """Whether Services of type LoadBalancer get one."""
    load_balancer_class: str | None
    """What such Services name; None where they name nothing."""
    has_shared_storage: bool
    """Whether many pods can mount the same files."""
    identity_method: str
    """How pods get an identity of the cloud. With pod_identity the credential is injected when the
    pod is made, so the binding comes first."""
    api_token_seconds: int
    """How long a token for the API server lives."""
    is_api_reachable: bool
    """Whether the API server is known to be reached from outside of the network."""
    has_cluster_scope: bool
    """Whether the agent may use every namespace that is not denied."""
    needs_webhook_firewall: bool
    """Whether ports of webhooks have to be opened for the API server."""
