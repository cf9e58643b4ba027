"""The EC2NodeClass of a pool: image, network, disks and metadata of its machines. Pure.

Checked against karpenter.k8s.aws/v1 of Karpenter 1.14.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.karpenter.user_data import build_user_data
from splitplane.platforms.aws_efa import efa_interfaces

Manifest = dict[str, Any]  # Any: a Kubernetes object

MAX_PODS: Final = 110
"""With prefix delegation the network no longer limits the pods; 110 is Kubernetes' advice for a
node, and neither image computes it (https://github.com/awslabs/amazon-eks-ami/issues/2045)."""


@dataclass(frozen=True)
class NodeNetwork:
    """What machines of every pool share.

    Ids may be outputs of resources: they are passed on as they come.

    Attributes:
        subnet_ids: subnets of nodes and pods, by zone.
        security_group_ids: security groups of nodes.
        role_name: role of the nodes; None where the VPC has no way to IAM.
        instance_profile_name: instance profile in place of the role; exactly one is set.
        has_prefix_delegation: whether the network plugin hands out prefixes.
        kms_key_arn: key of the disks; the service's own when None.
        tags: tags of machines and disks.
    """

    subnet_ids: Mapping[str, object]
    security_group_ids: Sequence[object]
    role_name: str | None = None
    instance_profile_name: str | None = None
    has_prefix_delegation: bool = True
    kms_key_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def build_node_class(
    pool: NodePool, network: NodeNetwork, *, placement_group: str | None = None
) -> Manifest:
    """The manifest; its name is the pool's.

    Args:
        pool: a checked pool.
        network: what machines of every pool share.
        placement_group: name of the group that its machines are put in; anywhere when None.
    """
    zones = pool.zones or tuple(network.subnet_ids)
    spec: Manifest = {
        "amiSelectorTerms": [{"alias": f"{pool.effective_image}@{pool.effective_image_version}"}],
        # By id: tags would also match what other clusters own.
        "subnetSelectorTerms": [{"id": network.subnet_ids[zone]} for zone in zones],
        "securityGroupSelectorTerms": [{"id": item} for item in network.security_group_ids],
        "blockDeviceMappings": _disks(pool, network.kms_key_arn),
        # One hop: pods get no credentials of the node; their own come by Pod Identity.
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "tags": dict(network.tags),
    }
    if network.role_name is not None:
        spec["role"] = network.role_name
    else:
        spec["instanceProfile"] = network.instance_profile_name
    if network.has_prefix_delegation:
        spec["kubelet"] = {"maxPods": MAX_PODS}
    if (user_data := build_user_data(pool)) is not None:
        spec["userData"] = user_data
    if pool.reservation_ids:
        spec["capacityReservationSelectorTerms"] = [{"id": item} for item in pool.reservation_ids]
    if pool.has_efa:
        spec["networkInterfaces"] = _interfaces(pool.efa_machines[0])
    if placement_group is not None:
        spec["placementGroupSelector"] = {"name": placement_group}
    return {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": pool.name},
        "spec": spec,
    }


def _disks(pool: NodePool, kms_key_arn: str | None) -> list[Manifest]:
    def disk(name: str, size_gib: int) -> Manifest:
        ebs: Manifest = {
            "volumeSize": f"{size_gib}Gi",
            "volumeType": "gp3",
            "encrypted": True,
            "deleteOnTermination": True,
        }
        if kms_key_arn is not None:
            ebs["kmsKeyID"] = kms_key_arn
        return {"deviceName": name, "ebs": ebs}

    if pool.effective_image == "bottlerocket":
        # The system's own disk, then the one for images and containers.
        return [disk("/dev/xvda", 4), disk("/dev/xvdb", pool.data_disk_gib)]
    return [disk("/dev/xvda", pool.data_disk_gib)]


def _interfaces(machine: str) -> list[Manifest]:
    """Those of all machines of a checked pool are like those of one."""
    return [
        {
            "networkCardIndex": item.card_index,
            "deviceIndex": item.device_index,
            "interfaceType": item.kind,
        }
        for item in efa_interfaces(machine)
    ]
