"""The program that makes an EKS compute plane, or adopts a cluster, and registers what is on it.

Commented configurations: stacks/eks. From an account to the first service: docs/eks.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, field_validator, model_validator

from splitplane.stacks.registrations import (
    Registrations,
    declare_environments,
    declare_ml_repos,
    declare_workspaces,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from splitplane.components import EksComputePlane, EksComputePlaneArgs
    from splitplane.resources import StorageIntegration


class EksConfig(Registrations):
    """What the program takes; unknown keys are refused."""

    compute_plane: dict[str, Any]
    """Fields of `EksComputePlaneArgs` but `environments`, which are those above."""
    storage_integration: str | None = Field(default=None)
    """Name under which the cluster's bucket is registered; the cluster's own when left out."""

    @field_validator("compute_plane")
    @classmethod
    def _is_a_compute_plane(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Checked here too, so that nothing is registered before a wrong field is named."""
        from splitplane.components.clouds.aws.checks import check_plane
        from splitplane.components.clouds.aws.settings import parse_settings
        from splitplane.components.errors import WrongArgument

        if "environments" in value:
            raise ValueError("environments belong beside compute_plane, not into it")
        try:
            check_plane(parse_settings({**value, "environments": ["any"]}))
        except WrongArgument as error:
            raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _refers_to_what_it_registers(self) -> EksConfig:
        if problems := self.problems():
            raise ValueError("; ".join(problems))
        has_bucket = self.compute_plane.get("platform", {}).get("has_bucket", True)
        if self.ml_repos and not has_bucket:
            raise ValueError(
                "ml_repos need the bucket: leave compute_plane.platform.has_bucket out"
            )
        return self


def deploy(config: EksConfig) -> None:
    """Declares environments, the compute plane, its storage, ML repos and workspaces."""
    import pulumi

    from splitplane.components import EksComputePlane

    environments = declare_environments(config)
    args = cast(
        "EksComputePlaneArgs",
        {**config.compute_plane, "environments": [*environments.values()]},
    )
    plane = EksComputePlane(args["name"], args)
    ml_repos = declare_ml_repos(config, _storage(config, plane)) if config.ml_repos else {}
    declare_workspaces(
        config,
        cluster=plane.cluster_name,
        environments=environments,
        ml_repos=ml_repos,
        plane=plane,
    )
    pulumi.export("cluster", plane.cluster_name)
    pulumi.export("endpoint", plane.endpoint)
    pulumi.export("kubernetes_version", plane.kubernetes_version)
    pulumi.export("kubeconfig", plane.user_kubeconfig)
    pulumi.export("bucket", plane.bucket)
    pulumi.export("share_volumes", plane.share_volumes)
    pulumi.export("bucket_volume", plane.bucket_volume)
    pulumi.export("name_servers", plane.name_servers)


def _storage(config: EksConfig, plane: EksComputePlane) -> StorageIntegration:
    """The bucket as the control plane reaches it: by the platform's role where there is one."""
    import pulumi

    from splitplane.resources import S3StorageArgs, StorageIntegration

    def text(field: str) -> pulumi.Output[str]:
        found: pulumi.Output[str] = plane.storage_location.apply(
            lambda location: cast("Mapping[str, str]", location)[field]
        )
        return found

    platform = config.compute_plane.get("platform", {})
    has_role = bool(platform.get("control_plane_principal_arns"))
    return StorageIntegration(
        "storage",
        name=config.storage_integration or config.compute_plane["name"],
        s3=S3StorageArgs(
            bucket=text("bucket"),
            region=text("region"),
            role_arn=text("role_arn") if has_role else None,
            external_id=text("external_id") if has_role else None,
        ),
    )
