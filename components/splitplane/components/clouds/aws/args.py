"""Arguments of `EksComputePlane` in every language: what each means, and what it is when left out.

All but the environments are plain values, known before anything is made, so that all are checked
first.
"""

# Without `from __future__ import annotations`: the component analyzer of Pulumi reads real types.
from typing import Any, Literal, NotRequired, TypedDict

import pulumi


class EksNetworkArgs(TypedDict):
    """The VPC: created, or an existing one."""

    vpc_id: NotRequired[str]
    """An existing VPC, with `private_subnet_ids` and `control_plane_subnet_ids`; one is created
    when left out."""
    vpc_cidr: NotRequired[str]
    """Range of a created VPC, /16 to /20; 10.0.0.0/16 when left out. A change makes a new VPC."""
    ipv4_ipam_pool_id: NotRequired[str]
    """IPAM pool that has to contain `vpc_cidr`; none when left out."""
    secondary_cidr: NotRequired[str]
    """Second range, such as 100.64.0.0/16, for nodes and pods; they live in the first when left
    out."""
    availability_zones: NotRequired[list[str]]
    """Names of the zones, in this order; chosen when left out. A zone may be added at the end."""
    availability_zone_count: NotRequired[int]
    """How many zones are chosen, 2 to 6; 3 when left out."""
    nat: NotRequired[Literal["single", "per_az", "regional", "none"]]
    """The way out of private subnets; single, in production regional, when left out. `none` makes
    the endpoints that a cluster without internet needs."""
    interface_endpoints: NotRequired[list[str]]
    """Services reached without leaving the VPC, such as ecr.api, beside S3; none when left out,
    with `nat` none those that a cluster needs."""
    has_flow_logs: NotRequired[bool]
    """Whether accepted and refused connections are logged; false when left out."""
    has_public_subnets: NotRequired[bool]
    """Whether there are public subnets; when left out, where NAT or internet-facing load balancers
    need them."""
    public_subnet_ids: NotRequired[list[str]]
    """Subnets of internet-facing load balancers in an existing VPC; none when left out."""
    private_subnet_ids: NotRequired[list[str]]
    """Subnets of nodes and pods in an existing VPC, one for each zone."""
    control_plane_subnet_ids: NotRequired[list[str]]
    """Subnets of the control plane's network interfaces in an existing VPC, in two zones or
    more."""
    is_subnet_tagging_enabled: NotRequired[bool]
    """Whether the tags of load balancers may be put on existing subnets; false when left out, then
    they must be there."""
    peer_cidrs: NotRequired[list[str]]
    """Ranges of other networks that nothing here may overlap; none when left out."""
    ip_family: NotRequired[Literal["ipv4", "ipv6"]]
    """Addresses of pods and Services; ipv4 when left out. A change makes a new cluster."""
    service_ipv4_cidr: NotRequired[str]
    """Range of Services, private, /12 to /24; 10.100.0.0/16 or 172.20.0.0/16 when left out. A
    change makes a new cluster."""
    is_prefix_delegation_enabled: NotRequired[bool]
    """Whether nodes get blocks of 16 addresses, for 110 pods on small machines; true in a created
    VPC when left out."""
    security_group_profile: NotRequired[Literal["cluster", "restricted"]]
    """Nodes use the cluster's security group, or one of their own with the ports that are needed;
    cluster when left out."""


class EksSystemNodesArgs(TypedDict):
    """The first nodes: what runs the controllers."""

    count: NotRequired[int]
    """2 or more; 2, in production 3, when left out."""
    instance_types: NotRequired[list[str]]
    """Machines, the first that there is; m7i.large and alike when left out."""
    image: NotRequired[Literal["al2023", "bottlerocket"]]
    """System of the nodes; al2023 when left out."""


class GpuSharingArgs(TypedDict):
    """How pods share a GPU; exactly one field."""

    time_slicing_replicas: NotRequired[int]
    """Pods on one GPU, one after the other, 2 to 48; memory is not divided."""
    mps_replicas: NotRequired[int]
    """Pods on one GPU at the same time, 2 to 48; its memory is divided evenly. Needs al2023."""
    mig_profile: NotRequired[str]
    """Parts with memory of their own, by NVIDIA's name, such as 1g.10gb."""


class EksNodePoolArgs(TypedDict):
    """A pool of nodes that Karpenter or EKS Auto Mode makes when pods need them."""

    name: str
    """Lower-case letters, digits and hyphens, at most 40."""
    limit_cpu_cores: NotRequired[int]
    """Most cores in the pool; needed unless `static_nodes` is given."""
    limit_memory_gib: NotRequired[int]
    """Most memory in the pool, GiB; needed unless `static_nodes` is given."""
    limit_gpus: NotRequired[int]
    """Most GPUs in the pool; needed with a GPU unless `static_nodes` is given."""
    limit_neurons: NotRequired[int]
    """Most chips of AWS in the pool; needed with them unless `static_nodes` is given."""
    capacity: NotRequired[Literal["on_demand", "spot", "reserved"]]
    """How machines are bought; on_demand when left out."""
    reservation_ids: NotRequired[list[str]]
    """Capacity reservations (cr-…), with `capacity` reserved and only then."""
    gpu_name: NotRequired[str]
    """GPU of its machines, such as a10g or h100; a pool without GPUs when left out."""
    gpu_counts: NotRequired[list[int]]
    """GPUs that a machine may have; every shape when left out."""
    neuron_name: NotRequired[str]
    """Chip of AWS of its machines: inferentia2, trainium or trainium2; none when left out."""
    families: NotRequired[list[str]]
    """Only these instance families, such as g5; every one that fits when left out."""
    architectures: NotRequired[list[Literal["amd64", "arm64"]]]
    """Processors; amd64 when left out."""
    image: NotRequired[Literal["al2023", "bottlerocket"]]
    """System of the nodes; bottlerocket with a GPU and al2023 without when left out. Not with
    `compute_mode` auto_mode, where EKS chooses it."""
    image_version: NotRequired[str]
    """Release of the image; the pinned one when left out. `latest` is refused in production. Not
    with `compute_mode` auto_mode, where EKS renews it."""
    sharing: NotRequired[GpuSharingArgs]
    """How pods share a GPU; one pod a GPU when left out, and always with `compute_mode`
    auto_mode."""
    data_disk_gib: NotRequired[int]
    """Disk for images and scratch, GiB; 100 when left out."""
    node_lifetime_hours: NotRequired[int]
    """Age at which a node is replaced; 720 when left out. With `compute_mode` auto_mode 336 when
    left out, and with the drain at most 504."""
    termination_grace_seconds: NotRequired[int]
    """Longest drain of a node; needed while pods may forbid their disruption, but 86400 when left
    out with `compute_mode` auto_mode."""
    allows_do_not_disrupt: NotRequired[bool]
    """Whether pods may carry `karpenter.sh/do-not-disrupt`; true when left out."""
    consolidate_after_seconds: NotRequired[int]
    """Idle time before a node goes; 60, with a GPU 600, when left out."""
    moves_running_pods: NotRequired[bool]
    """Whether pods that run are moved so that fewer nodes do; true, with a GPU false, when left
    out."""
    disruption_budget_percent: NotRequired[int]
    """Nodes that may be replaced at the same time; 10 when left out."""
    quiet_schedule: NotRequired[str]
    """Start of the time in which none is replaced, as cron in UTC; none when left out."""
    quiet_hours: NotRequired[int]
    """Length of that time, 1 to 168."""
    weight: NotRequired[int]
    """1 to 100, the higher is tried first; none when left out."""
    static_nodes: NotRequired[int]
    """A fixed number of nodes; as many as pods need when left out. Cannot be unset again."""
    has_efa: NotRequired[bool]
    """Whether nodes get all EFA network interfaces, close to each other in the one zone of `zones`,
    or where `reservation_ids` are; false when left out. Not with `compute_mode` auto_mode."""
    zones: NotRequired[list[str]]
    """Only these zones; all of the cluster when left out."""
    is_dedicated: NotRequired[bool]
    """Whether only pods come here that tolerate `splitplane.io/node-pool` with the pool's name;
    false when left out."""


class EksNodeGroupArgs(TypedDict):
    """A managed node group, with `compute_mode` node_groups."""

    name: str
    """Lower-case letters, digits and hyphens, at most 40."""
    instance_types: list[str]
    """Machines of one size; the first that there is."""
    max_nodes: int
    """Most nodes in each zone that has the machines; a group lies in every one of them."""
    min_nodes: NotRequired[int]
    """Fewest nodes in each of these zones; 0 when left out. EKS refuses to raise it above what is
    there."""
    capacity: NotRequired[Literal["on_demand", "spot", "reserved"]]
    """How machines are bought; on_demand when left out."""
    reservation_id: NotRequired[str]
    """On-Demand Capacity Reservation (cr-…) in the one zone of `zones`, with `capacity` reserved,
    and only then; not a capacity block."""
    gpu_name: NotRequired[str]
    """GPU of its machines, such as a10g; none when left out."""
    neuron_name: NotRequired[str]
    """Chip of AWS of its machines: inferentia2, trainium or trainium2; none when left out."""
    has_efa: NotRequired[bool]
    """Whether nodes get all EFA network interfaces, close to each other in the one zone of `zones`;
    false when left out."""
    zones: NotRequired[list[str]]
    """Only these zones; every one of the cluster that has the machines when left out."""
    image: NotRequired[Literal["al2023", "bottlerocket"]]
    """System of the nodes; bottlerocket with a GPU and al2023 without when left out."""
    data_disk_gib: NotRequired[int]
    """Disk for images and scratch, GiB; 100 when left out."""


class EksControlPlaneArgs(TypedDict):
    """Settings of the programs of the control plane.

    EKS keeps what is taken out of a program: to go back, write what holds when left out.
    """

    event_lifetime_minutes: NotRequired[int]
    """How long events are kept, 10 to 60; 60 when left out."""
    node_port_min: NotRequired[int]
    """First port of NodePort Services, 10260 to 32767; 30000 when left out."""
    node_port_max: NotRequired[int]
    """Last port of NodePort Services, 10260 to 32767; 32767 when left out."""
    pod_autoscaler_sync_seconds: NotRequired[int]
    """How often pods are scaled, 10 to 15; 15 when left out. Needs `control_plane_tier` tier-xl or
    higher."""
    max_terminated_pods: NotRequired[int]
    """Ended pods that may be there before the first are deleted, 1 to 12500; 12500 when left
    out."""


class EksServiceAccountArgs(TypedDict):
    """A service account whose pods get rights in AWS."""

    namespace: str
    """Its namespace, which need not exist yet."""
    name: str
    """Its name; it need not exist yet."""
    has_platform_rights: NotRequired[bool]
    """Whether its pods may use bucket, registry prefix and secrets as the platform's role may;
    false when left out."""
    policy_arns: NotRequired[list[str]]
    """Managed policies of its role; none when left out."""
    target_role_arn: NotRequired[str]
    """Role, in another account too, that pods get in the end by way of their own; none when left
    out. Needs pod_identity, and its trust has to name the role of this service account."""


class EksAccessEntryArgs(TypedDict):
    """Who may enter the cluster, beside deployers and nodes."""

    principal_arn: str
    """A role or a user."""
    type: NotRequired[
        Literal["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2"]
    ]
    """STANDARD for people and programs; STANDARD when left out."""
    kubernetes_groups: NotRequired[list[str]]
    """Groups that RBAC may name; none when left out."""
    user_name: NotRequired[str]
    """Name in Kubernetes; EKS makes one when left out."""
    policy_arns: NotRequired[list[str]]
    """Access policies of EKS; none when left out."""
    scope: NotRequired[Literal["cluster", "namespace"]]
    """Where the policies hold; cluster when left out."""
    namespaces: NotRequired[list[str]]
    """With scope namespace: which; `*` stands for any characters."""


class EksShareArgs(TypedDict):
    """A directory of the shared file system that pods of several namespaces mount."""

    name: str
    """Lower-case letters, digits and hyphens, at most 40."""
    path: NotRequired[str]
    """Its directory; /shares/NAME when left out. A change is another directory."""
    user_id: NotRequired[int]
    """POSIX user whom everything in it belongs to, not root; 1000 when left out."""
    group_id: NotRequired[int]
    """POSIX group of it, not that of root; 1000 when left out."""
    permissions: NotRequired[str]
    """Octal rights of a directory that is made; 0770 when left out."""
    namespaces: NotRequired[list[str]]
    """Namespaces that get a volume of it, which a claim NAME there binds; none when left out."""


class EksStorageArgs(TypedDict):
    """Disks and shared files."""

    has_shared_storage: NotRequired[bool]
    """Whether a shared file system (EFS) with class `efs-sc` is made; true when left out, with an
    adopted cluster false."""
    efs_throughput_mode: NotRequired[Literal["elastic", "bursting", "provisioned"]]
    """How its throughput is billed; elastic when left out."""
    efs_provisioned_mibps: NotRequired[int]
    """Throughput with mode provisioned, MiB a second."""
    kms_key_arn: NotRequired[str]
    """Key of disks, files and the bucket; the services' own when left out. A change makes a new
    file system, which loses its files."""
    shares: NotRequired[list[EksShareArgs]]
    """Directories with a fixed place; none when left out."""
    has_s3_files: NotRequired[bool]
    """Whether pods can mount the platform's bucket as files (S3 Files): by a claim `bucket` in
    `allowed_namespaces`, elsewhere by volumes with the output `bucket_volume`; false when left
    out."""
    has_cluster_scoped_disk_rights: NotRequired[bool]
    """Whether the driver of disks may touch this cluster's alone, by a document of ours, and not
    those of every cluster in the account, as AWS' own policy lets it; false when left out. Needs
    pod_identity."""


class EksIngressArgs(TypedDict):
    """How traffic comes in."""

    scheme: NotRequired[Literal["internal", "internet-facing"]]
    """Who reaches the load balancer; internal when left out."""
    certificate_arn: NotRequired[str]
    """ACM certificate of the load balancer; TLS ends at the gateway when left out."""
    certificate_domains: NotRequired[list[str]]
    """Names of a certificate that is made in ACM and proven in the zones of `dns`, instead of
    `certificate_arn`; none when left out. `*.` starts a name of all below."""


class EksDnsArgs(TypedDict):
    """Names and certificates in Route 53."""

    zone_arns: NotRequired[list[str]]
    """Hosted zones that external-dns and cert-manager may change, beside `zone_names`; neither is
    installed without any."""
    zone_names: NotRequired[list[str]]
    """Names of public hosted zones that are made, such as ml.example.com; none when left out. Who
    keeps the zone above has to delegate them."""
    policy: NotRequired[Literal["upsert-only", "sync"]]
    """Whether external-dns also removes records; upsert-only when left out."""


class EksPullThroughArgs(TypedDict):
    """A registry whose images come through ECR, and stay there."""

    registry: Literal["docker-hub", "ecr-public", "github", "gitlab", "kubernetes", "quay"]
    """Which; its images are below the registry prefix and this name."""
    credential_arn: NotRequired[str]
    """Secret of Secrets Manager, named ecr-pullthroughcache/…, with user and token; needed for
    docker-hub, github and gitlab, and only then."""


class EksPlatformArgs(TypedDict):
    """What the platform owns in the account."""

    control_plane_principal_arns: NotRequired[list[str]]
    """Roles of the control plane that may assume the platform's role; there is none when left
    out."""
    external_id: NotRequired[str]
    """The tenant's external id; needed with principals."""
    assumed_role_seconds: NotRequired[int]
    """Longest session of the role, 3600 to 43200; 3600 when left out."""
    bucket_prefix: NotRequired[str]
    """Start of the bucket's name; from `name` when left out. A change makes a new bucket."""
    registry_prefix: NotRequired[str]
    """Start of the names of ECR repositories; from `name` when left out."""
    secret_store_prefix: NotRequired[str]
    """Path of parameters and secrets without a slash in front; from `name` when left out."""
    cors_origins: NotRequired[list[str]]
    """Origins whose pages may read and write the bucket by signed URLs; none when left out."""
    has_bucket: NotRequired[bool]
    """Whether there is a bucket; true when left out."""
    has_registry: NotRequired[bool]
    """Whether repositories are prepared and may be made; true when left out."""
    has_secret_store: NotRequired[bool]
    """Whether the cluster's secrets may be read; true when left out."""
    pull_through: NotRequired[list[EksPullThroughArgs]]
    """Registries whose images come through ECR, and stay there; none when left out. Their names and
    the registry prefix have 30 characters together."""


class AgentArgs(TypedDict):
    """The agent, which links the cluster to the control plane."""

    image: NotRequired[str]
    """Its image; that of this version when left out."""
    cpu_millicores: NotRequired[int]
    """CPU that is reserved, thousandths of a core; 100 when left out."""
    memory_mib: NotRequired[int]
    """Memory at most, half of it reserved, MiB; 400 when left out."""
    hub_ca_certificates: NotRequired[str]
    """PEM text of the authorities of the control plane's certificate; the public ones when left
    out."""


class AddonArgs(TypedDict):
    """One add-on."""

    mode: NotRequired[Literal["managed", "adopt", "external", "off"]]
    """managed: installed and kept here. adopt: takes over a release that is there. external: there,
    kept by others. off: not there. managed when left out; in an adopted cluster external for the
    add-ons of EKS that no cluster works without."""
    values: NotRequired[dict[str, Any]]
    """Values of its chart over ours; a null removes a key. None when left out."""


class EksComputePlaneArgs(TypedDict):
    """A compute plane on EKS."""

    name: str
    """Name of the cluster on the control plane, and in EKS when it is created. Never changes."""
    environments: pulumi.Input[list[pulumi.Input[str]]]
    """Names of the environments that workspaces on it may have; at least one."""
    hub_url: str
    """Address of the control plane as pods of the cluster reach it, https://HOST[:PORT]."""
    kubernetes_version: NotRequired[str]
    """Minor version, such as 1.35; needed unless a cluster is adopted. One step up at a time."""
    cluster_name: NotRequired[str]
    """An existing cluster in EKS that is adopted: then only add-ons, agent and registration are
    done; one is created when left out."""
    profile: NotRequired[Literal["dev", "prod"]]
    """prod protects what holds data, runs three system nodes and regional NAT; dev when left
    out."""
    deployer_principal_arns: NotRequired[list[str]]
    """Roles that administer the cluster; needed unless a cluster is adopted. Never taken from who
    runs the program."""
    deployer_role_arn: NotRequired[str]
    """Role that this program assumes to reach the cluster; its own credentials when left out."""
    labels: NotRequired[dict[str, str]]
    """Labels to find the cluster by on the control plane; none when left out."""
    allowed_namespaces: NotRequired[list[str]]
    """The only namespaces for workloads; all but the denied when left out."""
    denied_namespaces: NotRequired[list[str]]
    """Namespaces that no workload may use; only the reserved ones when left out."""
    support_type: NotRequired[Literal["STANDARD", "EXTENDED"]]
    """What EKS does at the end of standard support: upgrades by itself, or charges more; STANDARD
    when left out."""
    access_entries: NotRequired[list[EksAccessEntryArgs]]
    """Who else may enter; nobody when left out."""
    workload_identity: NotRequired[Literal["pod_identity", "irsa"]]
    """How pods get roles; pod_identity when left out."""
    public_access_cidrs: NotRequired[list[str]]
    """Ranges that reach the API server from the internet; none when left out, then only the VPC
    does."""
    allows_public_access_from_anywhere: NotRequired[bool]
    """Whether 0.0.0.0/0 is meant; false when left out."""
    control_plane_egress_mode: NotRequired[Literal["AWS_MANAGED", "CUSTOMER_ROUTED"]]
    """How the control plane gets out; AWS_MANAGED when left out, and going back to it makes a new
    cluster."""
    secrets_kms_key: NotRequired[str]
    """Key of Kubernetes secrets: aws_owned, created, or an ARN; aws_owned when left out."""
    log_types: NotRequired[list[str]]
    """Logs of the control plane that are kept; api, audit and authenticator when left out."""
    log_retention_days: NotRequired[int]
    """Days that they are kept; 30 when left out."""
    is_deletion_protected: NotRequired[bool]
    """Whether EKS refuses to delete the cluster; true in production when left out."""
    is_zonal_shift_enabled: NotRequired[bool]
    """Whether traffic may be shifted from a broken zone; true when left out."""
    control_plane_tier: NotRequired[str]
    """Provisioned control plane: standard, tier-xl, tier-2xl, tier-4xl or tier-8xl; standard when
    left out."""
    scheduler_scoring: NotRequired[Literal["default", "least_allocated", "most_allocated"]]
    """most_allocated fills nodes one after the other, least_allocated spreads pods over them; with
    default, which it is when left out, a cluster keeps what it has, which is least_allocated in one
    that is made. To go back from most_allocated, write least_allocated."""
    control_plane: NotRequired[EksControlPlaneArgs]
    """Settings of API server and controllers; those of EKS when left out."""
    is_cluster_gone: NotRequired[bool]
    """Whether the cluster was deleted by others: refresh and destroy then forget what was in it,
    instead of failing; false when left out. Refused while EKS has the cluster, and with
    `cluster_name`."""
    permissions_boundary_arn: NotRequired[str]
    """Boundary of every role that is created; none when left out."""
    tags: NotRequired[dict[str, str]]
    """Tags of everything that is created, beside ours."""
    delete_timeout_minutes: NotRequired[int]
    """How long the deletion of cluster, subnets and security groups may take; 45 when left out."""
    compute_mode: NotRequired[Literal["karpenter", "auto_mode", "node_groups"]]
    """Who makes nodes; karpenter when left out."""
    network: NotRequired[EksNetworkArgs]
    """The VPC; a new one when left out."""
    system_nodes: NotRequired[EksSystemNodesArgs]
    """The first nodes."""
    pools: NotRequired[list[EksNodePoolArgs]]
    """Pools of Karpenter; when left out one on demand, one of spot machines and a dedicated one for
    what must not be moved. With `compute_mode` auto_mode they come beside those of EKS."""
    node_groups: NotRequired[list[EksNodeGroupArgs]]
    """Managed node groups, with `compute_mode` node_groups; none when left out."""
    makes_spot_service_role: NotRequired[bool]
    """Whether the role by which EC2 buys spot machines, one of the account, is made here; false
    when left out, then it has to be there. It outlives the stack."""
    service_accounts: NotRequired[list[EksServiceAccountArgs]]
    """Service accounts with rights in AWS; none beside those of add-ons when left out."""
    storage: NotRequired[EksStorageArgs]
    """Disks and shared files."""
    ingress: NotRequired[EksIngressArgs]
    """How traffic comes in."""
    dns: NotRequired[EksDnsArgs]
    """Names and certificates."""
    platform: NotRequired[EksPlatformArgs]
    """What the platform owns in the account."""
    agent: NotRequired[AgentArgs]
    """The agent."""
    addons: NotRequired[dict[str, AddonArgs]]
    """Name of an add-on → what is asked for of it; all are managed when left out."""
