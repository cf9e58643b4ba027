"""`type: service` and `type: job`: the applications that can be deployed into a workspace."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from splitplane.contract.fqn import parse_fqn_of
from splitplane.contract.manifests.shared import ApplicationName, Labels
from splitplane.contract.manifests.workload import Port, Probe, Workload


def _check_workspace(value: str) -> str:
    return str(parse_fqn_of("workspace", value))


WorkspaceFqn = Annotated[str, AfterValidator(_check_workspace)]


class Application(Workload):
    """Name and place of an application, and what it runs."""

    name: ApplicationName
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    workspace: WorkspaceFqn
    """Workspace that it runs in, `CLUSTER:WORKSPACE`. Never changes."""
    labels: Labels = Field(default_factory=dict[str, str])
    """Labels of its objects."""


class ServiceManifest(Application):
    """A service: keeps `replicas` copies running and reachable inside the cluster."""

    type: Literal["service"] = "service"
    ports: Annotated[list[Port], Field(max_length=20)] = Field(default_factory=list[Port])
    """Ports that it listens on; no Service object is made without any."""
    replicas: Annotated[int, Field(ge=0, le=500)] = 1
    """Number of copies; 0 pauses it."""
    liveness_probe: Probe | None = None
    """Restarts the container when it fails; no check when left out."""
    readiness_probe: Probe | None = None
    """Takes the copy out of the Service while it fails; no check when left out."""
    startup_probe: Probe | None = None
    """Holds the other checks back until it succeeds; no check when left out."""
    progress_deadline_seconds: Annotated[int, Field(ge=10, le=36_000)] = 600
    """Time in which a new version must become available before it counts as failed."""

    @model_validator(mode="after")
    def _check_ports(self) -> Self:
        numbers = [port.port for port in self.ports]
        if len(set(numbers)) != len(numbers):
            raise ValueError(f"ports {numbers!r} name one port twice; name each once")
        names = [port.name for port in self.ports if port.name]
        if len(set(names)) != len(names):
            raise ValueError(f"port names {names!r} are not unique; rename one")
        probes = {
            n: getattr(self, n) for n in ("liveness_probe", "readiness_probe", "startup_probe")
        }
        for name, probe in probes.items():
            if (
                probe is not None
                and probe.command is None
                and probe.port is None
                and not self.ports
            ):
                raise ValueError(
                    f"{name} needs a port: set {name}.port or name a port of the service"
                )
        return self


class JobManifest(Application):
    """A job: runs to completion once for each version that is deployed."""

    type: Literal["job"] = "job"
    retries: Annotated[int, Field(ge=0, le=10)] = 0
    """Runs after a failed one."""
    timeout_seconds: Annotated[int, Field(ge=1, le=432_000)] = 86_400
    """Time after which it is ended and counts as failed; at most five days."""
    completions: Annotated[int, Field(ge=1, le=1000)] = 1
    """Successful copies that make it complete."""
    parallelism: Annotated[int, Field(ge=1, le=1000)] = 1
    """Copies that run at the same time."""
