"""`EksCluster`: the control plane with its role, key, log group and the entries of who may enter.

Only wires: which entries there are is decided in `cluster/roles.py`, what may be asked for in
`settings_checks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.addons.controller_iam import build_volume_key_document
from splitplane.components.clouds.aws.cluster.access_entries import declare_entry
from splitplane.components.clouds.aws.cluster.control_plane import (
    api_server_config,
    controller_manager_config,
    scheduler_config,
)
from splitplane.components.clouds.aws.cluster.iam import (
    AUTO_MODE_POLICIES,
    AUTO_NODE_POLICIES,
    CLUSTER_POLICY,
    build_auto_mode_tags_document,
    build_secrets_key_document,
)
from splitplane.components.clouds.aws.cluster.roles import (
    AUTO_NODE_POOLS,
    AUTO_NODES,
    CLUSTER,
    KARPENTER_NODES,
    plan_entries,
    role_arn_of,
    role_name_of,
)
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.identity.service_accounts import declare_role_policies
from splitplane.components.clouds.aws.identity.trust import build_service_trust
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.parts import (
    ClusterParts,
    NetworkParts,
    Place,
    Text,
    child_options,
    tags_of,
)
from splitplane.components.clouds.aws.platform.pull_through import node_documents
from splitplane.components.clouds.aws.settings import EksSettings

KEY_DELETION_DAYS: Final = 30
"""The longest that KMS takes: what was encrypted with the key is lost once it is gone.
https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"""
_AT_CREATION: Final = (
    "bootstrapSelfManagedAddons",
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
)
"""Read by EKS when a cluster is created and never again: a cluster that was imported would be
replaced for them."""


class EksCluster(pulumi.ComponentResource):
    """A cluster whose API server admits only those who have an access entry."""

    parts: ClusterParts
    """What the other parts need of it."""
    auto_node_role_name: str | None
    """Role of Auto Mode's nodes, for node classes too; None in the other modes."""

    def __init__(
        self,
        name: str,
        settings: EksSettings,
        place: Place,
        network: NetworkParts,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declares the cluster; nodes and add-ons wait for `parts.ready`.

        Args:
            name: its name in the stack.
            settings: checked ones, of a cluster that is created.
            place: account and region.
            network: where its interfaces go; its ways out outlive it, since controllers call AWS
                while they are taken down.
            opts: options of the component.

        Raises:
            WrongArgument: an access entry is wrong; nothing is registered then.
        """
        entries = plan_entries(settings, place.scope)
        super().__init__("splitplane:aws:EksCluster", name, None, opts)
        self._name, self._settings, self._scope = name, settings, place.scope
        self.auto_node_role_name = None
        key_arn = self._declare_key()
        needed = [*self._declare_role(key_arn), *self._declare_logs()]
        if settings.compute_mode == "auto_mode":
            self.auto_node_role_name = self._role_name(AUTO_NODES)
            needed += self._declare_auto_node_role()
        cluster = self._declare_cluster(network, key_arn, [*needed, *network.ways_out])
        self.cluster = cluster
        ready: list[pulumi.Resource] = [cluster]
        for planned in entries:
            # That of nodes is declared with their role.
            if planned.key != KARPENTER_NODES:
                made = declare_entry(
                    self,
                    name,
                    cluster_name=settings.eks_name,
                    planned=planned,
                    tags=tags_of(settings),
                    depends_on=[cluster],
                )
                if planned.entry.principal_arn in settings.deployer_principal_arns:
                    ready += made
        self.parts = self._parts(cluster, ready)
        self.register_outputs({})

    def _parts(self, cluster: aws.eks.Cluster, ready: Sequence[pulumi.Resource]) -> ClusterParts:
        issuer = cluster.identities[0].oidcs[0].issuer.apply(_text)
        return ClusterParts(
            name=self._settings.eks_name,
            arn=self._scope.cluster_arn(self._settings.eks_name),
            version=cluster.version,
            endpoint=cluster.endpoint,
            ca_certificate=cluster.certificate_authority.data.apply(_text),
            oidc_issuer_url=issuer,
            security_group_id=cluster.vpc_config.cluster_security_group_id.apply(_text),
            oidc_provider_arn=self._declare_oidc(issuer),
            ready=ready,
            resource=cluster,
        )

    def _role_name(self, purpose: str) -> str:
        return role_name_of(self._settings, self._scope, purpose)

    def _declare_one_role(
        self, purpose: str, service: str, description: str, policies: Sequence[str]
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        role = aws.iam.Role(
            f"{self._name}-{purpose}",
            name=self._role_name(purpose),
            description=description,
            assume_role_policy=build_service_trust(service),
            permissions_boundary=self._settings.permissions_boundary_arn,
            tags=tags_of(self._settings),
            opts=child_options(self),
        )
        attachments: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}-{purpose}-{policy}",
                role=role.name,
                policy_arn=f"arn:{self._scope.partition}:iam::aws:policy/{policy}",
                opts=child_options(self, depends_on=[role]),
            )
            for policy in policies
        ]
        return role, attachments

    def _declare_role(self, key_arn: Text | str | None) -> list[pulumi.Resource]:
        """The cluster's role: EKS needs its policies until the cluster's own objects are gone."""
        settings = self._settings
        is_auto = settings.compute_mode == "auto_mode"
        policies = [CLUSTER_POLICY, *(AUTO_MODE_POLICIES if is_auto else ())]
        what = f"Control plane of the EKS cluster {settings.eks_name}"
        role, made = self._declare_one_role(CLUSTER, "eks.amazonaws.com", what, policies)
        documents: dict[str, pulumi.Input[str]] = {}
        if is_auto:
            documents["tags"] = build_auto_mode_tags_document(self._scope, settings.eks_name)
            # Auto Mode makes disks with the cluster's role:
            # https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
            if settings.storage.kms_key_arn is not None:
                documents["volume-key"] = build_volume_key_document(settings.storage.kms_key_arn)
        if key_arn is not None:
            documents["secrets-key"] = (
                build_secrets_key_document(key_arn)
                if isinstance(key_arn, str)
                else key_arn.apply(build_secrets_key_document)
            )
        made += [
            aws.iam.RolePolicy(
                f"{self._name}-cluster-{purpose}",
                name=purpose,
                role=role.name,
                policy=document,
                opts=child_options(self, depends_on=[role]),
            )
            for purpose, document in documents.items()
        ]
        return [role, *made]

    def _declare_auto_node_role(self) -> list[pulumi.Resource]:
        what = f"Nodes of the EKS cluster {self._settings.eks_name}"
        role, made = self._declare_one_role(
            AUTO_NODES, "ec2.amazonaws.com", what, AUTO_NODE_POLICIES
        )
        made += declare_role_policies(
            self,
            f"{self._name}-{AUTO_NODES}",
            role=role,
            scope=self._scope,
            documents=node_documents(self._settings, self._scope),
        )
        return [role, *made]

    def _declare_key(self) -> Text | str | None:
        """ARN of the key of the API server's objects; None when EKS has its own.

        The alias is deleted before its key is scheduled for deletion, so that its name is free for
        the next cluster of that name at once, while the key can be had back for a month.
        """
        settings = self._settings
        if settings.secrets_kms_key == "aws_owned":
            return None
        if settings.secrets_kms_key != "created":
            return settings.secrets_kms_key
        protect = True if settings.is_production else None
        options = child_options(self, protect=protect)
        keep = pulumi.ResourceOptions(retain_on_delete=True if settings.is_production else None)
        key = aws.kms.Key(
            f"{self._name}-secrets",
            description=f"Objects of the API server of the EKS cluster {settings.eks_name}",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            tags=tags_of(settings),
            opts=pulumi.ResourceOptions.merge(options, keep),
        )
        aws.kms.Alias(
            f"{self._name}-secrets",
            name=f"alias/{derived_name('key_alias', settings.eks_name, 'secrets')}",
            target_key_id=key.key_id,
            opts=child_options(self, depends_on=[key]),
        )
        return key.arn

    def _declare_logs(self) -> list[pulumi.Resource]:
        """The group that EKS would make without an end of retention, and leave behind."""
        settings = self._settings
        if not settings.log_types:
            return []
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-logs",
                name=f"/aws/eks/{settings.eks_name}/cluster",
                retention_in_days=settings.log_retention_days,
                tags=tags_of(settings),
                opts=child_options(self),
            )
        ]

    def _declare_cluster(
        self,
        network: NetworkParts,
        key_arn: Text | str | None,
        depends_on: Sequence[pulumi.Resource],
    ) -> aws.eks.Cluster:
        settings = self._settings
        is_auto = settings.compute_mode == "auto_mode"
        return aws.eks.Cluster(
            self._name,
            name=settings.eks_name,
            version=settings.kubernetes_version,
            role_arn=role_arn_of(settings, self._scope, CLUSTER),
            bootstrap_self_managed_addons=False,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=_vpc_config(settings, network),
            kubernetes_network_config=_network_config(settings),
            compute_config=_compute_config(settings, self._scope),
            storage_config=aws.eks.ClusterStorageConfigArgs(
                block_storage=aws.eks.ClusterStorageConfigBlockStorageArgs(enabled=is_auto)
            ),
            encryption_config=_encryption_config(key_arn),
            enabled_cluster_log_types=sorted(settings.log_types),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=settings.support_type),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(
                enabled=settings.is_zonal_shift_enabled
            ),
            control_plane_scaling_config=aws.eks.ClusterControlPlaneScalingConfigArgs(
                tier=settings.control_plane_tier or "standard"
            ),
            kube_api_server_config=api_server_config(settings.control_plane),
            kube_controller_manager_config=controller_manager_config(settings.control_plane),
            kube_scheduler_config=scheduler_config(settings.scheduler_scoring),
            deletion_protection=settings.protects_deletion,
            tags=tags_of(settings),
            opts=child_options(
                self,
                depends_on=depends_on,
                delete_minutes=settings.delete_timeout_minutes,
                protect=True if settings.is_production else None,
                ignore_changes=_AT_CREATION,
            ),
        )

    def _declare_oidc(self, issuer: Text) -> Text | None:
        """The provider that IRSA needs; AWS checks the issuer's certificate itself."""
        if self._settings.workload_identity != "irsa":
            return None
        return aws.iam.OpenIdConnectProvider(
            f"{self._name}-oidc",
            url=issuer,
            client_id_lists=["sts.amazonaws.com"],
            tags=tags_of(self._settings),
            opts=child_options(self, depends_on=[self.cluster]),
        ).arn


def _vpc_config(settings: EksSettings, network: NetworkParts) -> aws.eks.ClusterVpcConfigArgs:
    cidrs = list(settings.public_access_cidrs)
    return aws.eks.ClusterVpcConfigArgs(
        subnet_ids=list(network.control_plane_subnet_ids),
        # Nodes inside the VPC would go out to the public endpoint otherwise, and be refused there.
        endpoint_private_access=True,
        endpoint_public_access=bool(cidrs),
        public_access_cidrs=cidrs or None,
        control_plane_egress_mode=settings.control_plane_egress_mode,
    )


def _network_config(settings: EksSettings) -> aws.eks.ClusterKubernetesNetworkConfigArgs:
    return aws.eks.ClusterKubernetesNetworkConfigArgs(
        ip_family=settings.network.ip_family,
        service_ipv4_cidr=settings.network.service_ipv4_cidr,
        elastic_load_balancing=aws.eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(
            enabled=settings.compute_mode == "auto_mode"
        ),
    )


def _compute_config(settings: EksSettings, scope: Scope) -> aws.eks.ClusterComputeConfigArgs:
    """EKS wants this flag and those of disks and load balancers to be equal; so all are said."""
    if settings.compute_mode != "auto_mode":
        return aws.eks.ClusterComputeConfigArgs(enabled=False)
    return aws.eks.ClusterComputeConfigArgs(
        enabled=True,
        node_pools=list(AUTO_NODE_POOLS),
        node_role_arn=role_arn_of(settings, scope, AUTO_NODES),
    )


def _encryption_config(
    key_arn: Text | str | None,
) -> aws.eks.ClusterEncryptionConfigArgs | None:
    if key_arn is None:
        return None
    provider = aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key_arn)
    return aws.eks.ClusterEncryptionConfigArgs(provider=provider, resources=["secrets"])


def _text(value: str | None) -> str:
    """Of an output that the SDK calls optional, and that a cluster always has."""
    return value or ""
