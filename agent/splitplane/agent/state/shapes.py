"""The fields of live objects that status needs, as msgspec reads them."""

from __future__ import annotations

import msgspec

from splitplane.agent.kube.objects import Meta


class ConditionShape(msgspec.Struct, gc=False):
    """A condition of any kind."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class StateDetail(msgspec.Struct, gc=False, rename="camel"):
    """Why a container waits or ended."""

    reason: str = ""
    message: str = ""
    exit_code: int | None = None


class Running(msgspec.Struct, gc=False):
    """A container runs; since when does not matter here."""


class ContainerState(msgspec.Struct, gc=False):
    """Exactly one of these is set."""

    waiting: StateDetail | None = None
    running: Running | None = None
    terminated: StateDetail | None = None


class ContainerStatus(msgspec.Struct, gc=False, rename="camel"):
    """One container of a pod."""

    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = msgspec.field(default_factory=ContainerState)


class PodSpec(msgspec.Struct, gc=False, rename="camel"):
    """Where a pod runs."""

    node_name: str | None = None


class PodStatus(msgspec.Struct, gc=False, rename="camel"):
    """How a pod does."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[ConditionShape] = msgspec.field(default_factory=list[ConditionShape])
    container_statuses: list[ContainerStatus] = msgspec.field(default_factory=list[ContainerStatus])


class PodShape(msgspec.Struct, gc=False):
    """A pod."""

    metadata: Meta
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class DeploymentSpec(msgspec.Struct, gc=False):
    """What a Deployment should have."""

    replicas: int = 1


class DeploymentStatus(msgspec.Struct, gc=False, rename="camel"):
    """What a Deployment has."""

    observed_generation: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: list[ConditionShape] = msgspec.field(default_factory=list[ConditionShape])


class GenerationMeta(Meta, gc=False, rename="camel"):
    """`metadata` with the generation of the spec."""

    generation: int = 0


class DeploymentShape(msgspec.Struct, gc=False):
    """A Deployment."""

    metadata: GenerationMeta
    spec: DeploymentSpec = msgspec.field(default_factory=DeploymentSpec)
    status: DeploymentStatus = msgspec.field(default_factory=DeploymentStatus)


class JobSpec(msgspec.Struct, gc=False):
    """What a Job should reach."""

    completions: int | None = None


class JobStatus(msgspec.Struct, gc=False):
    """What a Job has reached."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    conditions: list[ConditionShape] = msgspec.field(default_factory=list[ConditionShape])


class JobShape(msgspec.Struct, gc=False):
    """A Job."""

    metadata: Meta
    spec: JobSpec = msgspec.field(default_factory=JobSpec)
    status: JobStatus = msgspec.field(default_factory=JobStatus)


class QuotaStatus(msgspec.Struct, gc=False):
    """What a quota allows and what is used of it, as the cluster counts."""

    hard: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    used: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class QuotaShape(msgspec.Struct, gc=False):
    """A quota of a namespace."""

    metadata: Meta
    status: QuotaStatus = msgspec.field(default_factory=QuotaStatus)


class Involved(msgspec.Struct, gc=False):
    """The object that an event is about."""

    kind: str = ""
    name: str = ""


class EventShape(msgspec.Struct, gc=False, rename="camel"):
    """An event."""

    metadata: Meta
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    involved_object: Involved = msgspec.field(default_factory=Involved)
    last_timestamp: str | None = None
    event_time: str | None = None


class BundleValues(msgspec.Struct, gc=False):
    """What the agent put into the values, without the objects."""

    version: str = ""


class HelmSource(msgspec.Struct, gc=False, rename="camel"):
    """Values of the chart."""

    values_object: BundleValues = msgspec.field(default_factory=BundleValues)


class Source(msgspec.Struct, gc=False, rename="camel"):
    """Where an Application's manifests come from."""

    target_revision: str = ""
    helm: HelmSource = msgspec.field(default_factory=HelmSource)


class Compared(msgspec.Struct, gc=False):
    """What a comparison or a sync was about."""

    source: Source = msgspec.field(default_factory=Source)


class SyncStatus(msgspec.Struct, gc=False, rename="camel"):
    """Argo CD's comparison of desired and live state."""

    status: str = ""
    compared_to: Compared = msgspec.field(default_factory=Compared)


class HealthStatus(msgspec.Struct, gc=False):
    """Argo CD's view of the live state."""

    status: str = ""
    message: str = ""


class ApplicationCondition(msgspec.Struct, gc=False):
    """A condition of Argo CD, without status."""

    type: str = ""
    message: str = ""


class OperationState(msgspec.Struct, gc=False, rename="camel"):
    """Argo CD's last sync."""

    phase: str = ""
    message: str = ""
    sync_result: Compared | None = None


class ApplicationStatus(msgspec.Struct, gc=False, rename="camel"):
    """Status of an Argo CD Application."""

    sync: SyncStatus = msgspec.field(default_factory=SyncStatus)
    health: HealthStatus = msgspec.field(default_factory=HealthStatus)
    operation_state: OperationState | None = None
    conditions: list[ApplicationCondition] = msgspec.field(
        default_factory=list[ApplicationCondition]
    )


class ApplicationShape(msgspec.Struct, gc=False):
    """An Argo CD Application."""

    metadata: Meta
    spec: Compared = msgspec.field(default_factory=Compared)
    status: ApplicationStatus = msgspec.field(default_factory=ApplicationStatus)
