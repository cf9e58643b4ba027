"""Karpenter: what it may do, what tells it of interruptions, its charts, and the pools of nodes.

Only wires. While it is destroyed, pools go first and the controller ends their nodes; so each pool
waits for all that the controller needs for that: release, rights, association and queue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from splitplane.components.addons.addon import Addon, AddonContext, declare_addon
from splitplane.components.addons.charts import CHARTS
from splitplane.components.clouds.aws.cluster.access import AccessEntry, PlannedEntry
from splitplane.components.clouds.aws.cluster.access_entries import declare_entry
from splitplane.components.clouds.aws.cluster.roles import KARPENTER_NODES
from splitplane.components.clouds.aws.identity.documents import pack_documents
from splitplane.components.clouds.aws.identity.service_accounts import declare_identity
from splitplane.components.clouds.aws.karpenter.checks import controller_documents
from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.karpenter.iam import EVENT_PATTERN, build_queue_document
from splitplane.components.clouds.aws.karpenter.node_class import NodeNetwork, build_node_class
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.objects import declare_node_object
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.karpenter.values import (
    ADDON,
    NAMESPACE,
    Values,
    build_values,
    is_isolated,
    queue_name,
)
from splitplane.components.clouds.aws.names import derived_name, global_name
from splitplane.components.clouds.aws.nodes.placement import (
    declare_placement_group,
    placement_name,
)
from splitplane.components.clouds.aws.nodes.role import NodeRoleParts, declare_node_role
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import Plane, child_options, tags_of

_CRDS = "karpenter-crd"
_RETENTION_SECONDS = 300
"""Karpenter's own template: a warning that is five minutes old warns of nothing any more."""


class Karpenter(pulumi.ComponentResource):
    """Karpenter on a cluster, with a NodePool and an EC2NodeClass for each pool."""

    node_pools: list[pulumi.Resource]
    """The NodePools: what needs nodes beyond the system's waits for them."""
    needs_device_plugin: bool
    """Whether there are nodes whose GPUs only a device plugin of its own makes known: AL2023, since
    Bottlerocket brings one."""

    def __init__(
        self,
        name: str,
        plane: Plane,
        context: AddonContext,
        opts: pulumi.ResourceOptions | None = None,
        *,
        security: NodeSecurity,
        startup_taints: tuple[str, ...],
        depends_on: Sequence[pulumi.Resource],
    ) -> None:
        """Pods that fit nowhere get nodes from then on.

        Args:
            name: its name in the stack.
            plane: the compute plane, with checked settings.
            context: what all add-ons share.
            opts: options of the component.
            security: security groups of the nodes.
            startup_taints: keys of taints that add-ons remove from a new node; only of add-ons that
                are installed.
            depends_on: what the controller needs to run and to reach AWS: system nodes, ways out,
                the agent of Pod Identity.
        """
        settings = plane.settings
        pools = effective_pools(settings)
        super().__init__("splitplane:aws:Karpenter", name, None, opts)
        self._plane = plane
        identity = declare_identity(
            self,
            plane,
            ADDON,
            namespace=NAMESPACE,
            service_account=ADDON,
            documents=pack_documents(controller_documents(settings, plane.scope)),
        )
        interruptions = self._declare_interruptions()
        charts = self._declare_charts(
            context,
            _values(plane, context, pools, identity.annotations),
            [*identity.ready, *interruptions, *depends_on],
        )
        role = declare_node_role(self, plane, KARPENTER_NODES)
        network, entry = self._declare_entry(role, security)
        self.needs_device_plugin = any(
            pool.gpu_name is not None and pool.effective_image == "al2023" for pool in pools
        )
        needed = [*charts, *identity.ready, *interruptions, *role.ready, *entry, *security.ready]
        self.node_pools = [
            self._declare_pool(pool, network, startup_taints, [*needed, *depends_on])
            for pool in pools
        ]
        self.register_outputs({})

    def _declare_interruptions(self) -> list[pulumi.Resource]:
        """The queue with its policy, and the rule that sends events to it."""
        settings, scope = self._plane.settings, self._plane.scope
        label = f"{settings.name}-interruptions"
        queue_arn = scope.arn("sqs", queue_name(settings))
        queue = aws.sqs.Queue(
            label,
            name=queue_name(settings),
            message_retention_seconds=_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=tags_of(settings),
            opts=child_options(self),
        )
        policy = aws.sqs.QueuePolicy(
            label,
            queue_url=queue.url,
            policy=build_queue_document(queue_arn),
            opts=child_options(self),
        )
        rule = aws.cloudwatch.EventRule(
            label,
            name=derived_name("event_rule", settings.eks_name, "interruptions"),
            description=f"Interruptions of machines, for Karpenter on {settings.eks_name}",
            event_pattern=json.dumps(EVENT_PATTERN, separators=(",", ":")),
            tags=tags_of(settings),
            opts=child_options(self),
        )
        target = aws.cloudwatch.EventTarget(
            label,
            rule=rule.name,
            arn=queue_arn,
            target_id="queue",
            opts=child_options(self, depends_on=[policy]),
        )
        return [queue, policy, rule, target]

    def _declare_charts(
        self, context: AddonContext, values: Values, needed: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        """The definitions from their own chart, if it is wanted, then the controller."""
        definitions = declare_addon(self, context, Addon(_CRDS, NAMESPACE, CHARTS[_CRDS], {}))
        before = [*needed, *([definitions] if definitions else [])]
        release = declare_addon(
            self,
            context,
            Addon(
                ADDON,
                NAMESPACE,
                CHARTS[ADDON],
                values,
                # The controller's chart has them too, and only one Application may own them.
                skips_definitions=context.choice(_CRDS).mode != "off",
            ),
            depends_on=before,
        )
        return [item for item in (definitions, release) if item is not None]

    def _declare_entry(
        self, role: NodeRoleParts, security: NodeSecurity
    ) -> tuple[NodeNetwork, list[pulumi.Resource]]:
        """What all classes share, and what lets machines start and join."""
        plane, settings = self._plane, self._plane.settings
        entry = declare_entry(
            self,
            settings.name,
            cluster_name=plane.cluster.name,
            planned=PlannedEntry(KARPENTER_NODES, AccessEntry(role.arn, type="EC2_LINUX")),
            tags=tags_of(settings),
            depends_on=[*plane.cluster.ready, *role.ready],
        )
        profile_name = None
        if is_isolated(settings):
            profile_name = global_name(
                "instance_profile",
                settings.eks_name,
                KARPENTER_NODES,
                region=plane.scope.region,
            )
            profile = aws.iam.InstanceProfile(
                f"{settings.name}-{KARPENTER_NODES}",
                name=profile_name,
                role=role.name,
                tags=tags_of(settings),
                opts=child_options(self, depends_on=role.ready),
            )
            entry = [*entry, profile]
        network = NodeNetwork(
            subnet_ids=plane.network.node_subnet_ids,
            security_group_ids=security.group_ids,
            role_name=None if profile_name else role.name,
            instance_profile_name=profile_name,
            has_prefix_delegation=settings.has_prefix_delegation,
            kms_key_arn=settings.storage.kms_key_arn,
            tags=tags_of(settings),
        )
        return network, entry

    def _declare_pool(
        self,
        pool: NodePool,
        network: NodeNetwork,
        startup_taints: tuple[str, ...],
        needed: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        """The class and the pool; deleting the pool drains its nodes and waits for their end."""
        name, before = None, [*needed]
        if pool.has_placement_group:
            name = placement_name(self._plane, pool.name)
            before.append(declare_placement_group(self, self._plane, pool.name))
        described = build_node_class(pool, network, placement_group=name)
        node_class = declare_node_object(self, self._plane, described, "class", before)
        manifest = build_node_pool(pool, startup_taints=startup_taints)
        return declare_node_object(self, self._plane, manifest, "pool", [*needed, node_class])


def _values(
    plane: Plane,
    context: AddonContext,
    pools: Sequence[NodePool],
    annotations: Mapping[str, object],
) -> Values:
    settings = plane.settings
    return build_values(
        pools,
        cluster_name=plane.cluster.name,
        cluster_endpoint=plane.cluster.endpoint,
        queue_name=queue_name(settings),
        is_isolated=is_isolated(settings),
        has_zonal_shift=settings.is_zonal_shift_enabled,
        tolerations=context.tolerations,
        annotations=annotations,
    )
