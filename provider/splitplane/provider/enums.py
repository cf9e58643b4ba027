"""Enumerations of the schema: names and descriptions for the contract's closed sets of texts.

The contract has only the values. A set that is not described here gets a name made of its owner
and a test fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Value:
    """One text of an enumeration.

    Attributes:
        name: its name in languages that have enumerations.
        value: the text.
        description: what it means, in Markdown; empty when nobody has described it.
    """

    name: str
    value: str
    description: str = ""


@dataclass(frozen=True)
class Enumeration:
    """A closed set of texts.

    Attributes:
        name: name of the type.
        description: what is chosen with it, in Markdown.
        values: the texts, in the contract's order.
    """

    name: str
    description: str
    values: tuple[Value, ...]


_ENUMERATIONS: Final = (
    Enumeration(
        "OptimizeFor",
        "What placement prefers.",
        (
            Value("Cost", "cost", "Spot capacity first."),
            Value("Availability", "availability", "No spot capacity."),
        ),
    ),
    Enumeration(
        "ProviderKind",
        "What kind of cluster it is; decides which quirks apply to what is rendered for it.",
        (
            Value("Eks", "eks", "Amazon EKS."),
            Value("Gke", "gke", "Google Kubernetes Engine."),
            Value("Aks", "aks", "Azure Kubernetes Service."),
            Value("Attached", "attached", "Any other conformant cluster."),
            Value("Local", "local", "A cluster on one machine, for trying things out."),
        ),
    ),
    Enumeration(
        "Delivery",
        "How bundles reach the cluster.",
        (
            Value("ArgoCd", "argocd", "By Argo CD, which the cluster must have."),
            Value("Direct", "direct", "Applied by the agent itself, by server-side apply."),
        ),
    ),
    Enumeration(
        "MlRepoRole",
        "Role of a workspace's workloads on an ML repo.",
        (
            Value("Viewer", "viewer", "Reads models, artifacts and runs."),
            Value("Editor", "editor", "Writes them too."),
            Value("Admin", "admin", "Changes, deletes and grants the ML repo too."),
        ),
    ),
    Enumeration(
        "PortProtocol",
        "Application protocol of a port; tells the mesh and the gateway how to treat it.",
        (
            Value("Http", "http", "HTTP/1.1 or HTTP/2."),
            Value("Grpc", "grpc", "gRPC over HTTP/2."),
            Value("Tcp", "tcp", "Anything else over TCP."),
        ),
    ),
    Enumeration(
        "WaitFor",
        "What create and update of an application wait for.",
        (
            Value("Available", "available", "Until it runs; a job until it has started."),
            Value("Delivered", "delivered", "Until the cluster has its objects."),
            Value("None", "none", "Not at all."),
        ),
    ),
    Enumeration(
        "TenantRole",
        "Role on the whole tenant.",
        (
            Value("Admin", "admin", "May do everything."),
            Value("Member", "member", "Sees what there is to work with; the rest is granted."),
            Value("Auditor", "auditor", "Reads everything and the audit log, changes nothing."),
        ),
    ),
    Enumeration(
        "Traffic",
        "Who is on the other side of connections that are allowed.",
        (
            Value("Anywhere", "anywhere", "Everybody."),
            Value("Workspace", "workspace", "Pods of the workspace, and what is listed beside."),
        ),
    ),
    Enumeration(
        "NodeScaling",
        "Who adds nodes to a cluster.",
        (
            Value("Karpenter", "karpenter", "Karpenter, by what pods ask for."),
            Value("ClusterAutoscaler", "cluster_autoscaler", "The cluster autoscaler, by pool."),
            Value("VendorManaged", "vendor_managed", "The cloud itself."),
            Value("External", "external", "Whoever runs the cluster."),
            Value("None", "none", "Nobody: what does not fit waits."),
        ),
    ),
    Enumeration(
        "TaintEffect",
        "What happens to pods that do not tolerate a taint.",
        (
            Value("NoSchedule", "NoSchedule", "They are not placed there."),
            Value("NoExecute", "NoExecute", "They are not placed there, and leave."),
            Value("PreferNoSchedule", "PreferNoSchedule", "They are placed elsewhere if possible."),
        ),
    ),
    Enumeration(
        "LogLevel",
        "Least severe level that the agent logs.",
        (
            Value("Debug", "debug", "Everything."),
            Value("Info", "info", "What it does."),
            Value("Warning", "warning", "What it works around."),
            Value("Error", "error", "What it cannot do."),
        ),
    ),
    Enumeration(
        "CommandKind",
        "A command that the control plane gives to an agent.",
        (
            Value("ApplyBundle", "apply-bundle", "Deliver the objects of a deployment."),
            Value("DeleteBundle", "delete-bundle", "Remove the objects of an application."),
            Value(
                "ApplyNamespace", "apply-namespace", "Make or change the namespace of a workspace."
            ),
            Value("DeleteNamespace", "delete-namespace", "Remove the namespace of a workspace."),
        ),
    ),
    Enumeration(
        "ComputePlaneProfile",
        "How much a compute plane withstands, and costs.",
        (
            Value("Dev", "dev", "For trying things out: small, and nothing is protected."),
            Value("Prod", "prod", "What holds data is protected, and a zone may fail."),
        ),
    ),
    Enumeration(
        "AddonMode",
        "Who installs an add-on.",
        (
            Value("Managed", "managed", "It is installed and kept here."),
            Value("Adopt", "adopt", "A release that is there is taken over."),
            Value("External", "external", "It is there, and kept by others."),
            Value("Off", "off", "It is not there."),
        ),
    ),
    Enumeration(
        "EksComputeMode",
        "Who makes the nodes of an EKS cluster.",
        (
            Value("Karpenter", "karpenter", "Karpenter, beside a small group of system nodes."),
            Value("AutoMode", "auto_mode", "EKS itself, without sharing of GPUs and own images."),
            Value("NodeGroups", "node_groups", "Managed node groups and the cluster autoscaler."),
        ),
    ),
    Enumeration(
        "EksSupportType",
        "What EKS does at the end of a Kubernetes version's standard support.",
        (
            Value("Standard", "STANDARD", "It upgrades the cluster."),
            Value("Extended", "EXTENDED", "It charges more, for twelve months."),
        ),
    ),
    Enumeration(
        "EksWorkloadIdentity",
        "How pods of an EKS cluster get roles.",
        (
            Value("PodIdentity", "pod_identity", "By EKS Pod Identity."),
            Value("Irsa", "irsa", "By the cluster's OIDC provider, which IAM has to know."),
        ),
    ),
    Enumeration(
        "EksEgressMode",
        "How the control plane of an EKS cluster reaches what lies outside of it.",
        (
            Value("AwsManaged", "AWS_MANAGED", "Through a network of AWS."),
            Value("CustomerRouted", "CUSTOMER_ROUTED", "Through the VPC and its routes."),
        ),
    ),
    Enumeration(
        "SchedulerScoring",
        "Which node a pod is put on when several fit.",
        (
            Value("Default", "default", "What the cluster has; the emptiest in one that is made."),
            Value("LeastAllocated", "least_allocated", "The emptiest."),
            Value("MostAllocated", "most_allocated", "The fullest, so that others become empty."),
        ),
    ),
    Enumeration(
        "EksAccessEntryType",
        "What enters an EKS cluster.",
        (
            Value("Standard", "STANDARD", "People and programs."),
            Value("Ec2Linux", "EC2_LINUX", "Linux nodes of our own."),
            Value("Ec2Windows", "EC2_WINDOWS", "Windows nodes of our own."),
            Value("FargateLinux", "FARGATE_LINUX", "Fargate."),
            Value("HybridLinux", "HYBRID_LINUX", "Nodes outside of AWS."),
            Value("Ec2", "EC2", "Nodes of Auto Mode."),
        ),
    ),
    Enumeration(
        "AccessScope",
        "Where access policies hold.",
        (
            Value("Cluster", "cluster", "In the whole cluster."),
            Value("Namespace", "namespace", "In the listed namespaces."),
        ),
    ),
    Enumeration(
        "NatGateways",
        "The way out of private subnets.",
        (
            Value("Single", "single", "One gateway, whose zone may fail."),
            Value("PerAz", "per_az", "One in each zone."),
            Value("Regional", "regional", "One that spans all zones."),
            Value("None", "none", "None: endpoints lead to the services of AWS alone."),
        ),
    ),
    Enumeration(
        "IpFamily",
        "Addresses of pods and Services.",
        (Value("Ipv4", "ipv4", "IPv4."), Value("Ipv6", "ipv6", "IPv6.")),
    ),
    Enumeration(
        "SecurityGroupProfile",
        "Which security group nodes have.",
        (
            Value("Cluster", "cluster", "The one that EKS makes."),
            Value("Restricted", "restricted", "One of their own, with the ports that are needed."),
        ),
    ),
    Enumeration(
        "EksNodeImage",
        "System of nodes.",
        (
            Value("Al2023", "al2023", "Amazon Linux 2023."),
            Value("Bottlerocket", "bottlerocket", "Bottlerocket, with the GPU plugin in it."),
        ),
    ),
    Enumeration(
        "EksCapacity",
        "How machines are bought.",
        (
            Value("OnDemand", "on_demand", "By the second."),
            Value("Spot", "spot", "Cheaper, and taken back with two minutes' notice."),
            Value("Reserved", "reserved", "From capacity reservations."),
        ),
    ),
    Enumeration(
        "UpstreamRegistry",
        "A public registry whose images come through ECR.",
        (
            Value("DockerHub", "docker-hub", "Docker Hub, with an account there."),
            Value("EcrPublic", "ecr-public", "Amazon ECR Public."),
            Value("GitHub", "github", "GitHub's registry, with an account there."),
            Value("GitLab", "gitlab", "GitLab's registry, with an account there."),
            Value("Kubernetes", "kubernetes", "The registry of Kubernetes."),
            Value("Quay", "quay", "Quay."),
        ),
    ),
    Enumeration(
        "Architecture",
        "Instruction set of processors.",
        (
            Value("Amd64", "amd64", "Intel and AMD."),
            Value("Arm64", "arm64", "Graviton and other Arm processors."),
        ),
    ),
    Enumeration(
        "EfsThroughputMode",
        "How the throughput of a file system is billed.",
        (
            Value("Elastic", "elastic", "By what is read and written."),
            Value("Bursting", "bursting", "With the size, with credits."),
            Value("Provisioned", "provisioned", "By what is set."),
        ),
    ),
    Enumeration(
        "LoadBalancerScheme",
        "Who reaches a load balancer.",
        (
            Value("Internal", "internal", "The VPC and networks that are connected to it."),
            Value("InternetFacing", "internet-facing", "The internet."),
        ),
    ),
    Enumeration(
        "DnsPolicy",
        "What external-dns may do with records.",
        (
            Value("UpsertOnly", "upsert-only", "Make and change them."),
            Value("Sync", "sync", "Remove its own too."),
        ),
    ),
)
_BY_VALUES: Final = {frozenset(v.value for v in found.values): found for found in _ENUMERATIONS}


def enum_of(allowed: tuple[str, ...]) -> Enumeration | None:
    """The enumeration that has exactly these texts; None when nobody has described it."""
    return _BY_VALUES.get(frozenset(allowed))


def enum_named(place: str, allowed: tuple[str, ...]) -> Enumeration:
    """An undescribed enumeration for the texts of a field, `Owner_field_name`."""
    values = tuple(Value(_pascal(value), value) for value in allowed)
    return Enumeration(_pascal(place), "", values)


def _pascal(text: str) -> str:
    parts = text.replace("-", "_").split("_")
    return "".join(part[:1].upper() + part[1:] for part in parts)
