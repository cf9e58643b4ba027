"""What an EKS compute plane consists of, as checked values. Pure.

`args.py` says what each field means; here they have their defaults, so that everything behind this
module works on values that exist and fit. The fields of both are held equal by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, Final, Literal, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from splitplane.components.clouds.aws.addons.order import ComputeMode
from splitplane.components.clouds.aws.cluster.access import AccessEntry
from splitplane.components.clouds.aws.cluster.versions import SupportType
from splitplane.components.clouds.aws.karpenter.pools import Capacity, Image, NodePool
from splitplane.components.clouds.aws.network.ip_plan import DEFAULT_VPC_CIDR
from splitplane.components.errors import WrongArgument

Profile = Literal["dev", "prod"]
Nat = Literal["single", "per_az", "regional", "none"]
Identity = Literal["pod_identity", "irsa"]
AddonMode = Literal["managed", "adopt", "external", "off"]
Scoring = Literal["default", "least_allocated", "most_allocated"]
Upstream = Literal["docker-hub", "ecr-public", "github", "gitlab", "kubernetes", "quay"]

_SHARING: Final = {
    "time_slicing_replicas": "replicas",
    "mps_replicas": "clients",
    "mig_profile": "profile",
}
"""Field of `GpuSharingArgs` → the only field of what it makes: `TimeSlicing`, `Mps` or `Mig`."""
_STRICT: Final = ConfigDict(extra="forbid")
_UNKNOWN: Final = ("extra_forbidden", "unexpected_keyword_argument")
"""Kinds of the errors of fields that there are not."""


@dataclass(frozen=True)
class NetworkSettings:
    """The VPC; fields as in `EksNetworkArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    vpc_id: str | None = None
    vpc_cidr: str = DEFAULT_VPC_CIDR
    ipv4_ipam_pool_id: str | None = None
    secondary_cidr: str | None = None
    availability_zones: tuple[str, ...] = ()
    availability_zone_count: int = 3
    nat: Nat | None = None
    interface_endpoints: tuple[str, ...] = ()
    has_flow_logs: bool = False
    has_public_subnets: bool | None = None
    public_subnet_ids: tuple[str, ...] = ()
    private_subnet_ids: tuple[str, ...] = ()
    control_plane_subnet_ids: tuple[str, ...] = ()
    is_subnet_tagging_enabled: bool = False
    peer_cidrs: tuple[str, ...] = ()
    ip_family: Literal["ipv4", "ipv6"] = "ipv4"
    service_ipv4_cidr: str | None = None
    is_prefix_delegation_enabled: bool | None = None
    security_group_profile: Literal["cluster", "restricted"] = "cluster"


@dataclass(frozen=True)
class SystemNodesSettings:
    """The first nodes; fields as in `EksSystemNodesArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    count: int | None = None
    instance_types: tuple[str, ...] = ()
    image: Image = "al2023"


@dataclass(frozen=True)
class NodeGroupSettings:
    """A managed node group; fields as in `EksNodeGroupArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    instance_types: tuple[str, ...]
    max_nodes: int
    min_nodes: int = 0
    capacity: Capacity = "on_demand"
    reservation_id: str | None = None
    gpu_name: str | None = None
    neuron_name: str | None = None
    has_efa: bool = False
    zones: tuple[str, ...] = ()
    image: Image | None = None
    data_disk_gib: int = 100


@dataclass(frozen=True)
class ControlPlaneSettings:
    """Programs of the control plane; fields as in `EksControlPlaneArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    event_lifetime_minutes: int | None = None
    node_port_min: int | None = None
    node_port_max: int | None = None
    pod_autoscaler_sync_seconds: int | None = None
    max_terminated_pods: int | None = None


@dataclass(frozen=True)
class ServiceAccountSettings:
    """A service account with rights in AWS; fields as in `EksServiceAccountArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    namespace: str
    name: str
    has_platform_rights: bool = False
    policy_arns: tuple[str, ...] = ()
    target_role_arn: str | None = None


@dataclass(frozen=True)
class ShareSettings:
    """A directory of the shared file system; fields as in `EksShareArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    path: str | None = None
    user_id: int = 1000
    group_id: int = 1000
    permissions: str = "0770"
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class StorageSettings:
    """Disks and shared files; fields as in `EksStorageArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    has_shared_storage: bool | None = None
    efs_throughput_mode: Literal["elastic", "bursting", "provisioned"] = "elastic"
    efs_provisioned_mibps: int | None = None
    kms_key_arn: str | None = None
    shares: tuple[ShareSettings, ...] = ()
    has_s3_files: bool = False
    has_cluster_scoped_disk_rights: bool = False


@dataclass(frozen=True)
class IngressSettings:
    """How traffic comes in; fields as in `EksIngressArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    scheme: Literal["internal", "internet-facing"] = "internal"
    certificate_arn: str | None = None
    certificate_domains: tuple[str, ...] = ()

    @property
    def has_certificate(self) -> bool:
        """Whether TLS ends at the load balancer, by a certificate of ACM."""
        return self.certificate_arn is not None or bool(self.certificate_domains)


@dataclass(frozen=True)
class DnsSettings:
    """Names; fields as in `EksDnsArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    zone_arns: tuple[str, ...] = ()
    zone_names: tuple[str, ...] = ()
    policy: Literal["upsert-only", "sync"] = "upsert-only"

    @property
    def has_zones(self) -> bool:
        """Whether there are zones to put names into, made here or not."""
        return bool(self.zone_arns or self.zone_names)


@dataclass(frozen=True)
class PullThroughSettings:
    """A registry whose images come through ECR; fields as in `EksPullThroughArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    registry: Upstream
    credential_arn: str | None = None


@dataclass(frozen=True)
class PlatformSettings:
    """What the platform owns in the account; fields as in `EksPlatformArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    control_plane_principal_arns: tuple[str, ...] = ()
    external_id: str | None = None
    assumed_role_seconds: int = 3600
    bucket_prefix: str | None = None
    registry_prefix: str | None = None
    secret_store_prefix: str | None = None
    cors_origins: tuple[str, ...] = ()
    has_bucket: bool = True
    has_registry: bool = True
    has_secret_store: bool = True
    pull_through: tuple[PullThroughSettings, ...] = ()


@dataclass(frozen=True)
class AgentSettings:
    """The agent; fields as in `AgentArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    image: str | None = None
    cpu_millicores: int | None = None
    memory_mib: int | None = None
    hub_ca_certificates: str | None = None


@dataclass(frozen=True)
class AddonSettings:
    """One add-on; fields as in `AddonArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    mode: AddonMode = "managed"
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])  # Any: values of a chart


@dataclass(frozen=True)
class EksSettings:
    """A whole compute plane; fields as in `EksComputePlaneArgs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    environments: Any  # Any: texts or outputs, handed on as they are
    hub_url: str
    kubernetes_version: str | None = None
    cluster_name: str | None = None
    profile: Profile = "dev"
    deployer_principal_arns: tuple[str, ...] = ()
    deployer_role_arn: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    allowed_namespaces: tuple[str, ...] = ()
    denied_namespaces: tuple[str, ...] = ()
    support_type: SupportType = "STANDARD"
    access_entries: tuple[AccessEntry, ...] = ()
    workload_identity: Identity = "pod_identity"
    public_access_cidrs: tuple[str, ...] = ()
    allows_public_access_from_anywhere: bool = False
    control_plane_egress_mode: Literal["AWS_MANAGED", "CUSTOMER_ROUTED"] = "AWS_MANAGED"
    secrets_kms_key: str = "aws_owned"
    log_types: tuple[str, ...] = ("api", "audit", "authenticator")
    log_retention_days: int = 30
    is_deletion_protected: bool | None = None
    is_zonal_shift_enabled: bool = True
    control_plane_tier: str | None = None
    scheduler_scoring: Scoring = "default"
    control_plane: ControlPlaneSettings = ControlPlaneSettings()
    is_cluster_gone: bool = False
    permissions_boundary_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    delete_timeout_minutes: int = 45
    compute_mode: ComputeMode = "karpenter"
    network: NetworkSettings = NetworkSettings()
    system_nodes: SystemNodesSettings = SystemNodesSettings()
    pools: tuple[NodePool, ...] | None = None
    node_groups: tuple[NodeGroupSettings, ...] = ()
    makes_spot_service_role: bool = False
    service_accounts: tuple[ServiceAccountSettings, ...] = ()
    storage: StorageSettings = StorageSettings()
    ingress: IngressSettings = IngressSettings()
    dns: DnsSettings = DnsSettings()
    platform: PlatformSettings = PlatformSettings()
    agent: AgentSettings = AgentSettings()
    addons: Mapping[str, AddonSettings] = field(default_factory=dict[str, AddonSettings])

    @property
    def is_production(self) -> bool:
        """Whether what holds data is protected."""
        return self.profile == "prod"

    @property
    def is_adopted(self) -> bool:
        """Whether the cluster exists already and only what runs in it is made."""
        return self.cluster_name is not None

    @property
    def eks_name(self) -> str:
        """Name of the cluster in EKS."""
        return self.cluster_name or self.name

    @property
    def effective_nat(self) -> Nat:
        """The way out of a created VPC; regional falls back to per_az where a region has none."""
        return self.network.nat or ("regional" if self.is_production else "single")

    @property
    def has_prefix_delegation(self) -> bool:
        """Whether nodes get prefixes: only a created VPC is known to have contiguous space."""
        chosen = self.network.is_prefix_delegation_enabled
        return self.network.vpc_id is None if chosen is None else chosen

    @property
    def protects_deletion(self) -> bool:
        """Whether EKS itself refuses the cluster's deletion."""
        chosen = self.is_deletion_protected
        return self.is_production if chosen is None else chosen

    @property
    def has_shared_storage(self) -> bool:
        """Whether a shared file system is made: in an adopted cluster only when asked for."""
        chosen = self.storage.has_shared_storage
        return not self.is_adopted if chosen is None else chosen

    @property
    def system_node_count(self) -> int:
        """Nodes of the system group."""
        chosen = self.system_nodes.count
        return (3 if self.is_production else 2) if chosen is None else chosen

    @property
    def makes_certificates(self) -> bool:
        """Whether certificates are made in the cluster: there are zones, and none is from ACM."""
        return self.dns.has_zones and not self.ingress.has_certificate

    def addon(self, name: str) -> AddonSettings:
        """What is asked for of one add-on."""
        return self.addons.get(name, AddonSettings())


def parse_settings(args: Mapping[str, Any]) -> EksSettings:  # Any: programs may pass anything
    """The arguments as settings, with defaults; each by itself is of the right type.

    A None counts as left out. What fields say together is checked by `settings_checks`.

    Raises:
        WrongArgument: names every field that is unknown, missing or of the wrong type, its value
            and what is allowed.
    """
    try:
        return _ADAPTER.validate_python(_given(args))
    except ValidationError as error:
        problems = [
            _problem(item["loc"], item["type"], item["msg"], item["input"])
            for item in error.errors(include_url=False)
        ]
        raise WrongArgument("; ".join(problems)) from error


def _given(value: Any) -> Any:  # Any: programs may pass anything
    if isinstance(value, Mapping):
        return {
            # In values of a chart a null has a meaning: it removes a key.
            key: item if key == "values" else _sharing(item) if key == "sharing" else _given(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        return [_given(item) for item in value]
    return value


def _sharing(value: Any) -> Any:  # Any: programs may pass anything
    """A schema knows no choice between two objects, so both are fields of one there."""
    if not isinstance(value, Mapping):
        return value
    given = {key: item for key, item in value.items() if item is not None}
    if len(given) != 1 or not given.keys() <= _SHARING.keys():
        raise WrongArgument(
            f"pools: sharing {dict(value)!r} is not allowed: give one of {', '.join(_SHARING)}"
        )
    ((name, item),) = given.items()
    return {_SHARING[name]: item}


def _problem(location: tuple[int | str, ...], kind: str, message: str, value: object) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in ("TimeSlicing", "Mps", "Mig"):
            path += f".{part}" if path else part
    if kind == "missing":
        return f"{path} is missing"
    if kind in _UNKNOWN:
        return f"{path} is unknown: {_hint(location)}"
    return f"{path} {value!r}: {message[0].lower()}{message[1:]}"


def _hint(location: tuple[int | str, ...]) -> str:
    """The fields that are meant, those that there are when none is alike."""
    known = [item.name for item in fields(_model_at(location[:-1]))]
    alike = get_close_matches(str(location[-1]), known)
    return f"did you mean {' or '.join(alike)}" if alike else f"known are {', '.join(known)}"


def _model_at(location: tuple[int | str, ...]) -> type[Any]:
    """The class of the settings at a place, which is a field, an index or a key of a mapping."""
    found: type[Any] = EksSettings
    for part in location:
        if isinstance(part, str) and part in (hints := get_type_hints(found)):
            models = (item for item in _classes(hints[part]) if is_dataclass(item))
            found = next((item for item in models if isinstance(item, type)), found)
    return found


def _classes(hint: Any) -> list[Any]:  # Any: a type
    parts = get_args(hint)
    return [hint] if not parts else [item for part in parts for item in _classes(part)]


_ADAPTER: Final = TypeAdapter(EksSettings)
