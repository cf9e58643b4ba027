"""What services and jobs share: image, environment variables, resources, probes, ports."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from splitplane.contract.base import StrictModel

SECRET_PREFIX = "secret://"  # noqa: S105 - a scheme, not a secret
_SECRET_REFERENCE = re.compile(
    r"^secret://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)/([A-Za-z0-9._-]{1,253})$"
)
_ENV_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# Repository with optional registry and port, then tag, digest or both (OCI reference grammar).
_IMAGE = re.compile(
    r"^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$"
)


def parse_secret_reference(value: str) -> tuple[str, str] | None:
    """(group, key) when `value` is a reference `secret://group/key`, else None.

    Raises:
        ValueError: the value starts like a reference but is none.
    """
    if not value.startswith(SECRET_PREFIX):
        return None
    match = _SECRET_REFERENCE.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not a secret reference: write secret://GROUP/KEY")
    return match.group(1), match.group(3)


def _check_env(env: dict[str, str]) -> dict[str, str]:
    for name, value in env.items():
        if _ENV_NAME.fullmatch(name) is None:
            raise ValueError(
                f"variable name {name!r} is not allowed: "
                "use letters, digits and _, not starting with a digit"
            )
        if name.startswith("SPLITPLANE_"):
            raise ValueError(
                f"variable {name!r} is reserved: "
                "names starting with SPLITPLANE_ are set by the platform"
            )
        parse_secret_reference(value)
    return env


def _check_image(image: str) -> str:
    if _IMAGE.fullmatch(image) is None:
        raise ValueError(
            f"image {image!r} is not an image reference: "
            "use REPOSITORY:TAG or REPOSITORY@sha256:DIGEST"
        )
    return image


Image = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_check_image)]
Env = Annotated[dict[str, str], Field(max_length=500), AfterValidator(_check_env)]


class Resources(StrictModel):
    """Requests and limits of the container; small by default, so that a first deploy fits."""

    cpu_request_millicores: Annotated[int, Field(ge=1, le=256_000)] = 200
    """CPU that is reserved, in thousandths of a core."""
    cpu_limit_millicores: Annotated[int, Field(ge=1, le=256_000)] = 500
    """CPU at most, in thousandths of a core."""
    memory_request_mib: Annotated[int, Field(ge=1, le=16_000_000)] = 200
    """Memory that is reserved, MiB."""
    memory_limit_mib: Annotated[int, Field(ge=1, le=16_000_000)] = 500
    """Memory at most, MiB; above it the container is killed."""
    ephemeral_storage_request_mib: Annotated[int, Field(ge=1, le=16_000_000)] = 1000
    """Local disk that is reserved, MiB."""
    ephemeral_storage_limit_mib: Annotated[int, Field(ge=1, le=16_000_000)] = 2000
    """Local disk at most, MiB."""
    gpu_count: Annotated[int, Field(ge=0, le=16)] = 0
    """Whole NVIDIA GPUs."""
    gpu_type: (
        Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
        | None
    ) = None
    """Product name of the GPU as the nodes are labelled; any when left out. Needs `gpu_count`."""
    neuron_count: Annotated[int, Field(ge=0, le=16)] = 0
    """Whole Inferentia or Trainium chips, which EKS has nodes with. Not with `gpu_count`."""

    @model_validator(mode="after")
    def _check_pairs(self) -> Self:
        for name in ("cpu_{}_millicores", "memory_{}_mib", "ephemeral_storage_{}_mib"):
            request, limit = name.format("request"), name.format("limit")
            if getattr(self, request) > getattr(self, limit):
                raise ValueError(
                    f"{request} {getattr(self, request)} is above {limit} {getattr(self, limit)}; "
                    f"raise {limit} or lower {request}"
                )
        if self.gpu_type is not None and self.gpu_count == 0:
            raise ValueError(
                f"gpu_type {self.gpu_type!r} needs gpu_count of at least 1; "
                "set gpu_count or remove gpu_type"
            )
        if self.gpu_count and self.neuron_count:
            raise ValueError(
                f"gpu_count {self.gpu_count} and neuron_count {self.neuron_count} are on no node "
                "together; remove one"
            )
        return self


class Port(StrictModel):
    """A port that the container listens on and the Service offers under the same number."""

    port: Annotated[int, Field(ge=1, le=65535)]
    """Port number."""
    name: Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$")] | None = None
    """Name of the port, unique in the service; made of protocol and number when left out."""
    protocol: Literal["http", "grpc", "tcp"] = "http"
    """Application protocol; tells the mesh and the gateway how to treat it."""


class Probe(StrictModel):
    """A health check: exactly one of `http_path`, `tcp` and `command`."""

    http_path: Annotated[str, Field(pattern=r"^/[^\s]*$", max_length=1024)] | None = None
    """Path of a GET that answers 200 to 399 while healthy."""
    tcp: bool = False
    """Whether an accepted connection is enough."""
    command: Annotated[list[str], Field(min_length=1)] | None = None
    """Command in the container that exits with 0 while healthy."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port for `http_path` and `tcp`; the first port of the service when left out."""
    initial_delay_seconds: Annotated[int, Field(ge=0, le=36_000)] = 0
    """Wait before the first check."""
    period_seconds: Annotated[int, Field(ge=1, le=36_000)] = 10
    """Time between checks."""
    timeout_seconds: Annotated[int, Field(ge=1, le=36_000)] = 1
    """Longest time that one check may take."""
    failure_threshold: Annotated[int, Field(ge=1, le=1000)] = 3
    """Failures in a row until the check counts as failed."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        given = [
            n
            for n, v in (
                ("http_path", self.http_path),
                ("tcp", self.tcp),
                ("command", self.command),
            )
            if v
        ]
        if len(given) != 1:
            raise ValueError(
                "a probe needs exactly one of http_path, tcp and command, "
                f"got {', '.join(given) or 'none'}"
            )
        if self.command is not None and self.port is not None:
            raise ValueError(f"port {self.port} has no meaning with command; remove one of them")
        return self


class Workload(StrictModel):
    """Fields that every application has."""

    image: Image
    """Container image, `REPOSITORY:TAG` or `REPOSITORY@sha256:DIGEST`."""
    command: Annotated[list[str], Field(max_length=100)] = Field(default_factory=list[str])
    """Program in place of the image's entry point."""
    args: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list[str])
    """Arguments in place of the image's."""
    env: Env = Field(default_factory=dict[str, str])
    """Environment variables. A value `secret://GROUP/KEY` is a reference, resolved in the
    cluster."""
    resources: Resources = Field(default_factory=Resources)
    """Requests and limits."""
