"""`EksComputePlane`: an account becomes a compute plane on EKS.

Only wires: what is refused is in `settings_checks.py`, the order of the parts in `composition.py`,
what is said of the plane in `outputs.py`.
"""

# Without `from __future__ import annotations`: the component analyzer of Pulumi reads real types.
from collections.abc import Mapping
from datetime import UTC, date, datetime
from inspect import get_annotations
from typing import Any, cast

import pulumi

from splitplane.components.clouds.aws.addons.load_balancer import gateway_annotations
from splitplane.components.clouds.aws.args import EksComputePlaneArgs
from splitplane.components.clouds.aws.checks import check_plane
from splitplane.components.clouds.aws.cluster.kubeconfig import build_user_kubeconfig
from splitplane.components.clouds.aws.cluster.running import check_running_cluster
from splitplane.components.clouds.aws.composition import Composed, compose
from splitplane.components.clouds.aws.outputs import (
    build_capabilities,
    build_node_classes,
    build_pull_through_prefixes,
    build_queue_name,
    build_role_arns,
    build_storage_classes,
)
from splitplane.components.clouds.aws.parts import Place, Text
from splitplane.components.clouds.aws.reading import read_place
from splitplane.components.clouds.aws.registration import (
    declare_agent,
    delivery_of,
    register_cluster,
)
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings
from splitplane.components.clouds.aws.settings_checks import (
    check_against_account,
    warnings_of,
)
from splitplane.components.plane_outputs import (
    ComputePlaneCapabilities,
    NetworkIds,
    NodeClass,
    StorageClasses,
    StorageLocation,
)
from splitplane.resources import Cluster


class EksComputePlane(pulumi.ComponentResource):
    """A compute plane on EKS, from the network to the agent, registered with the control plane."""

    cluster_name: pulumi.Output[str]
    """Name of the cluster on the control plane."""
    provider_kind: pulumi.Output[str]
    """Always `eks`."""
    region: pulumi.Output[str]
    """Its region."""
    kubernetes_version: pulumi.Output[str]
    """Minor version of the cluster."""
    endpoint: pulumi.Output[str]
    """URL of the API server."""
    ca_certificate: pulumi.Output[str]
    """Authority of the API server, base64."""
    deployer_kubeconfig: pulumi.Output[str]
    """Kubeconfig of who deploys, secret; signs in by `splitplane aws token`."""
    user_kubeconfig: pulumi.Output[str]
    """Kubeconfig without credentials: each user brings an AWS identity that has an access entry."""
    oidc_issuer_url: pulumi.Output[str]
    """Issuer of the tokens of service accounts."""
    network_ids: pulumi.Output[NetworkIds]
    """VPC, subnets and security groups."""
    node_classes: pulumi.Output[list[NodeClass]]
    """Kinds of nodes that pods may ask for; none where the cluster is adopted."""
    storage_classes: pulumi.Output[StorageClasses]
    """Classes of volumes."""
    identity_bindings: pulumi.Output[dict[str, str]]
    """NAMESPACE/NAME of a service account → ARN of its role here, by which its pods also get to a
    target role."""
    bucket: pulumi.Output[str | None]
    """Name of the bucket for ML repos; None without."""
    platform_role_arn: pulumi.Output[str | None]
    """Role that the control plane assumes; None where nobody may."""
    storage_location: pulumi.Output[StorageLocation | None]
    """The bucket as a storage integration takes it; None without."""
    registry_prefix: pulumi.Output[str | None]
    """What the names of images start with, from the registry's host on; None without."""
    pull_through_prefixes: pulumi.Output[dict[str, str]]
    """Registry of `platform.pull_through` → what stands for its host in the name of an image."""
    secret_store_prefix: pulumi.Output[str | None]
    """Path of parameters and secrets; None without."""
    name_servers: pulumi.Output[dict[str, list[str]]]
    """Name of a hosted zone that is made → what the zone above has to delegate it to."""
    certificate_arn: pulumi.Output[str | None]
    """ACM certificate of the load balancer, given or made and proven; None without."""
    gateway_annotations: pulumi.Output[dict[str, str]]
    """Annotations of a gateway's Service, for a load balancer before its pods."""
    capabilities: pulumi.Output[ComputePlaneCapabilities]
    """What the plane can do, and what it forces."""
    delivery: pulumi.Output[str]
    """How bundles reach the cluster."""
    cluster_arn: pulumi.Output[str]
    """ARN of the cluster in EKS."""
    role_arns: pulumi.Output[dict[str, str]]
    """Purpose of a role → its ARN, of roles that no pod has."""
    file_system_id: pulumi.Output[str | None]
    """Id of the shared file system (EFS); None without."""
    share_volumes: pulumi.Output[dict[str, str]]
    """Name of a share → volume handle for the driver of EFS, `fs-…::fsap-…`."""
    bucket_volume: pulumi.Output[str | None]
    """Volume handle of the bucket as files, `s3files:fs-…`; None without `storage.has_s3_files`."""
    karpenter_queue_name: pulumi.Output[str | None]
    """Queue that tells Karpenter of interruptions; None without Karpenter."""
    join_token: pulumi.Output[str | None]
    """One-time token that the agent enrolled with, secret."""

    def __init__(
        self,
        name: str,
        args: EksComputePlaneArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Checks everything, first without and then with a look at the account, and declares it.

        Args:
            name: its name in the stack.
            args: what is made, and how.
            opts: options of the component; providers of `aws` and `splitplane` are passed on.

        Raises:
            WrongArgument: arguments are wrong, alone, together, or in this account and region;
                names everything.
        """
        settings = parse_settings(args)
        check_plane(settings)
        inputs: dict[str, Any] = {**args}  # Any: inputs
        super().__init__("splitplane:index:EksComputePlane", name, inputs, opts)
        for warning in warnings_of(settings, _today()):
            pulumi.log.warn(f"cluster {settings.name}: {warning}", resource=self)
        place = read_place(self)
        check_against_account(settings, place)
        if not settings.is_adopted:
            check_running_cluster(self, settings)
        composed = compose(self, name, settings, place)
        # The engine hands down everything else that holds for children too. What AWS makes has
        # times of its own, `delete_timeout_minutes` among them.
        timeouts = opts.custom_timeouts if opts else None
        cluster = register_cluster(
            self, name, settings, region=place.scope.region, custom_timeouts=timeouts
        )
        declare_agent(
            self,
            name,
            settings,
            cluster=cluster,
            provider=composed.plane.kubernetes,
            depends_on=composed.ready,
            custom_timeouts=timeouts,
        )
        self._set_outputs(settings, place, composed, cluster)

    def _set_outputs(
        self, settings: EksSettings, place: Place, composed: Composed, cluster: Cluster
    ) -> None:
        parts = composed.plane.cluster
        region = place.scope.region
        self.cluster_name = cluster.name
        self.provider_kind = pulumi.Output.from_input("eks")
        self.region = pulumi.Output.from_input(region)
        self.kubernetes_version = parts.version
        self.endpoint = parts.endpoint
        self.ca_certificate = parts.ca_certificate
        self.deployer_kubeconfig = composed.kubeconfig
        self.user_kubeconfig = _user_kubeconfig(settings, region, composed)
        self.oidc_issuer_url = parts.oidc_issuer_url
        self.network_ids = _network_ids(composed)
        self.node_classes = pulumi.Output.from_input(build_node_classes(settings))
        self.storage_classes = pulumi.Output.from_input(build_storage_classes(settings))
        self.identity_bindings = pulumi.Output.from_input(
            {
                f"{item.namespace}/{item.service_account}": item.role_arn
                for item in composed.plane.bindings
            }
        )
        self.bucket = _optional(composed.platform.bucket)
        self.platform_role_arn = pulumi.Output.from_input(composed.platform.role_arn)
        self.storage_location = _storage_location(settings, region, composed)
        self.registry_prefix = pulumi.Output.from_input(composed.platform.registry_prefix)
        self.pull_through_prefixes = pulumi.Output.from_input(
            build_pull_through_prefixes(settings, place.scope)
        )
        self.secret_store_prefix = pulumi.Output.from_input(composed.platform.secret_store_prefix)
        self.name_servers = _name_servers(composed)
        self.certificate_arn = _optional(composed.certificate_arn)
        self.gateway_annotations = pulumi.Output.all(
            **gateway_annotations(
                settings, composed.plane.network, certificate_arn=composed.certificate_arn
            )
        )
        self.capabilities = pulumi.Output.from_input(build_capabilities(settings))
        self.delivery = pulumi.Output.from_input(str(delivery_of(settings)))
        self.cluster_arn = pulumi.Output.from_input(parts.arn)
        self.role_arns = pulumi.Output.from_input(
            build_role_arns(settings, place.scope, platform=composed.platform.role_arn)
        )
        shared = composed.shared
        self.file_system_id = _optional(shared.file_system_id if shared else None)
        volumes = composed.volumes
        self.share_volumes = _share_volumes(volumes.shares)
        self.bucket_volume = _optional(volumes.bucket)
        self.karpenter_queue_name = pulumi.Output.from_input(build_queue_name(settings))
        self.join_token = pulumi.Output.secret(cluster.join_token)
        self.register_outputs(
            {_wire_name(name): getattr(self, name) for name in get_annotations(EksComputePlane)}
        )


def _user_kubeconfig(settings: EksSettings, region: str, composed: Composed) -> Text:
    parts = composed.plane.cluster
    found: Text = pulumi.Output.all(parts.endpoint, parts.ca_certificate).apply(
        lambda values: build_user_kubeconfig(
            cluster=settings.eks_name, region=region, server=values[0], ca_certificate=values[1]
        )
    )
    return found


def _network_ids(composed: Composed) -> pulumi.Output[NetworkIds]:
    network = composed.plane.network
    found: pulumi.Output[Any] = pulumi.Output.all(  # Any: ids and lists of them
        network_id=network.vpc_id,
        node_subnet_ids=list(network.node_subnet_ids.values()),
        private_subnet_ids=list(network.private_subnet_ids.values()),
        public_subnet_ids=list(network.public_subnet_ids.values()),
        control_plane_subnet_ids=list(network.control_plane_subnet_ids),
        security_group_ids=list(composed.security.group_ids),
    )
    return cast("pulumi.Output[NetworkIds]", found)


def _name_servers(composed: Composed) -> pulumi.Output[dict[str, list[str]]]:
    zones = composed.plane.zones
    if not zones:
        return pulumi.Output.from_input({})
    found: pulumi.Output[Any] = pulumi.Output.all(  # Any: lists
        **{name: zone.name_servers for name, zone in zones.items()}
    )
    return cast("pulumi.Output[dict[str, list[str]]]", found)


def _storage_location(
    settings: EksSettings, region: str, composed: Composed
) -> pulumi.Output[StorageLocation | None]:
    platform = composed.platform
    if platform.bucket is None:
        return pulumi.Output.from_input(None)
    found: pulumi.Output[StorageLocation | None] = platform.bucket.apply(
        lambda bucket: StorageLocation(
            bucket=bucket,
            region=region,
            role_arn=platform.role_arn,
            external_id=settings.platform.external_id,
        )
    )
    return found


def _share_volumes(shares: Mapping[str, Text]) -> pulumi.Output[dict[str, str]]:
    # Without any, `all` makes a list.
    return pulumi.Output.all(**shares) if shares else pulumi.Output.from_input({})


def _today() -> date:
    return datetime.now(UTC).date()


def _optional(value: Text | None) -> pulumi.Output[str | None]:
    return pulumi.Output.from_input(cast("pulumi.Input[str | None]", value))


def _wire_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
