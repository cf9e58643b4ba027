"""What AWS bills for an EKS compute plane, part by part.

What is billed and by what is AWS' own to say: https://aws.amazon.com/eks/pricing/,
https://aws.amazon.com/vpc/pricing/, https://aws.amazon.com/cloudwatch/pricing/,
https://aws.amazon.com/efs/pricing/, https://aws.amazon.com/ebs/pricing/,
https://aws.amazon.com/elasticloadbalancing/pricing/, https://aws.amazon.com/route53/pricing/,
https://aws.amazon.com/certificate-manager/pricing/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from splitplane.components.costs import Cost

COSTS: Final[Mapping[str, tuple[Cost, ...]]] = {
    "Network": (
        Cost(
            "NAT gateways",
            "each hour of each gateway in each zone that it works in, and each GB; with `single` "
            "the other zones pay for the way to its zone too",
            ("network.nat", "network.availability_zone_count"),
            ("aws:ec2/natGateway:NatGateway",),
        ),
        Cost(
            "public addresses",
            "each hour of each address: those of NAT gateways, and of load balancers that face the "
            "internet",
            ("network.nat", "ingress.scheme"),
            ("aws:ec2/eip:Eip",),
        ),
        Cost(
            "interface endpoints",
            "each hour of each endpoint in each zone, and each GB; S3 has one that is free",
            ("network.interface_endpoints", "network.nat", "network.availability_zone_count"),
            ("aws:ec2/vpcEndpoint:VpcEndpoint",),
        ),
        Cost(
            "flow logs",
            "each GB that is written, and each GB that is kept",
            ("network.has_flow_logs", "log_retention_days"),
            ("aws:ec2/flowLog:FlowLog", "aws:cloudwatch/logGroup:LogGroup"),
        ),
        Cost(
            "traffic between zones",
            "each GB, in both directions",
            ("network.availability_zone_count",),
        ),
    ),
    "EksCluster": (
        Cost(
            "control plane",
            "each hour; more in extended support, and for a tier above standard",
            ("kubernetes_version", "support_type", "control_plane_tier"),
            ("aws:eks/cluster:Cluster",),
        ),
        Cost(
            "Auto Mode",
            "each machine that it manages, beside the machine itself",
            ("compute_mode",),
            ("aws:eks/cluster:Cluster",),
        ),
        Cost(
            "logs of the control plane",
            "each GB that is written, and each GB that is kept",
            ("log_types", "log_retention_days"),
            ("aws:cloudwatch/logGroup:LogGroup",),
        ),
        Cost(
            "key of the API server's objects",
            "each month of a key that is created, and each call",
            ("secrets_kms_key",),
            ("aws:kms/key:Key",),
        ),
    ),
    "Karpenter": (
        Cost(
            "machines of pools",
            "each second of each machine, up to the limits of its pool; none while no pod needs "
            "one, but for pools of a fixed number. A reservation is billed whether used or not",
            ("pools",),
            ("kubernetes:karpenter.sh/v1:NodePool",),
        ),
        Cost(
            "disks of nodes",
            "each GB while the machine is there",
            ("pools.data_disk_gib",),
            ("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",),
        ),
        Cost(
            "queue of interruptions",
            "each request, beyond those that are free each month",
            ("compute_mode",),
            ("aws:sqs/queue:Queue",),
        ),
    ),
    "EksComputePlane": (
        Cost(
            "system nodes and node groups",
            "each second of each machine, and each GB of its disk; system nodes always run",
            ("system_nodes.count", "system_nodes.instance_types", "node_groups"),
            ("aws:eks/nodeGroup:NodeGroup",),
        ),
        Cost(
            "shared files",
            "each GB that is kept, and by the mode each GB that is read and written or each MiB a "
            "second; in production each GB of the daily backups too",
            (
                "storage.has_shared_storage",
                "storage.efs_throughput_mode",
                "storage.efs_provisioned_mibps",
                "profile",
            ),
            ("aws:efs/fileSystem:FileSystem", "aws:efs/backupPolicy:BackupPolicy"),
        ),
        Cost(
            "volumes",
            "each GB that a claim asks for, used or not, and each GB of a snapshot; those of "
            "`gp3-retain` stay when their claim goes",
            (),
            ("kubernetes:storage.k8s.io/v1:StorageClass",),
        ),
        Cost(
            "bucket",
            "each GB that is kept, overwritten versions for a month longer, and each request",
            ("platform.has_bucket",),
            ("aws:s3/bucket:Bucket",),
        ),
        Cost(
            "bucket as files",
            "each GB that was read or written of late and is kept at hand, and each GB that is "
            "read and written through it, beside the bucket's own",
            ("storage.has_s3_files",),
            ("aws:s3/filesFileSystem:FilesFileSystem",),
        ),
        Cost(
            "images",
            "each GB in repositories below the prefix; untagged images go after two weeks, all "
            "that have a tag stay, those of other registries too",
            ("platform.has_registry", "platform.pull_through"),
            ("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",),
        ),
        Cost(
            "hosted zones",
            "each month of each zone that is created, and each question that it answers; "
            "certificates are free",
            ("dns.zone_names",),
            ("aws:route53/zone:Zone",),
        ),
        Cost(
            "load balancers",
            "each hour, and by connections and traffic, once a Service or an Ingress asks for one",
            (),
        ),
        Cost(
            "calls of keys that are named",
            "each call, and each month of the key, which is made elsewhere",
            ("secrets_kms_key", "storage.kms_key_arn"),
        ),
    ),
}
"""Component → what is billed for it; `EksComputePlane` has what none of its parts has."""
