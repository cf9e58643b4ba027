"""`AttachedComputePlane`: an existing cluster becomes a compute plane.

Only wires: what is decided, is decided in `decide.py`; what the agent consists of, in the contract.
"""

# Without `from __future__ import annotations`: the component analyzer of Pulumi reads real types.
import pulumi

from splitplane.components.attached.access import read_kubeconfig
from splitplane.components.attached.args import (
    AttachedComputePlaneArgs,
    KnownArgs,
    WorkspaceNamespace,
    WorkspaceNamespaceArgs,
    check_args,
)
from splitplane.components.attached.decide import (
    CLUSTER_RIGHTS,
    Plan,
    check_workspace,
    decide,
)
from splitplane.components.attached.objects import declare_objects, declare_provider
from splitplane.components.attached.probe import Report, read_report
from splitplane.contract.agent_manifests import AgentInstall, build_manifests
from splitplane.resources import Cluster


class AttachedComputePlane(pulumi.ComponentResource):
    """A cluster that exists already, registered with the control plane, with its agent."""

    cluster_name: pulumi.Output[str]
    """Name of the cluster on the control plane."""
    provider_kind: pulumi.Output[str]
    """Always `attached`."""
    distribution: pulumi.Output[str]
    """Who made the cluster: vanilla, aks, eks, gke, openshift, k3s, rke2 or kind."""
    kubernetes_version: pulumi.Output[str]
    """Version of the API server."""
    endpoint: pulumi.Output[str]
    """URL of the API server."""
    delivery: pulumi.Output[str]
    """How bundles reach the cluster."""
    scope: pulumi.Output[str]
    """`cluster`, or `namespace` when only allowed namespaces may be used."""
    allowed_namespaces: pulumi.Output[list[str]]
    """The only namespaces for workloads; all but the denied when empty."""
    denied_namespaces: pulumi.Output[list[str]]
    """Namespaces that no workload may use, beside the reserved ones."""
    storage_class: pulumi.Output[str | None]
    """The default class for disks; None when the cluster has no single one."""
    join_token: pulumi.Output[str | None]
    """One-time token that the agent enrolled with, secret."""

    def __init__(
        self,
        name: str,
        args: AttachedComputePlaneArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Probes the cluster, registers it and installs the agent.

        The cluster is only read until the plan is made, also in a preview.

        Args:
            name: its name in the stack.
            args: what is attached, and how.
            opts: options of the component; providers of `splitplane` and timeouts are passed on.

        Raises:
            WrongArgument: an argument is wrong.
            ClusterUnreachable: no API server answers.
            ClusterRefused: the cluster must be changed first; everything is listed.
        """
        known = check_args(args)
        secret_kubeconfig = pulumi.Output.secret(known.kubeconfig)
        super().__init__(
            "splitplane:index:AttachedComputePlane",
            name,
            {**args, "kubeconfig": secret_kubeconfig},
            opts,
        )
        access = read_kubeconfig(known.kubeconfig, known.context)
        report = read_report(access, CLUSTER_RIGHTS, known.allowed_namespaces)
        plan = decide(report, delivery=known.delivery, allowed_namespaces=known.allowed_namespaces)
        for warning in plan.warnings:
            pulumi.log.warn(f"cluster {known.name}: {warning}", resource=self)
        # The engine hands down everything else that holds for children too.
        timeouts = opts.custom_timeouts if opts else None
        cluster = Cluster(
            name,
            name=known.name,
            provider_kind="attached",
            region=args.get("region"),
            environments=args["environments"],
            delivery=plan.delivery,
            allowed_namespaces=list(known.allowed_namespaces) or None,
            denied_namespaces=list(known.denied_namespaces) or None,
            labels=args.get("labels"),
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=timeouts),
        )
        provider = declare_provider(
            self,
            name,
            kubeconfig=secret_kubeconfig,
            context=access.context,
            cluster_identifier=f"{known.name}:{pulumi.get_project()}:{pulumi.get_stack()}",
        )
        declare_objects(
            self,
            name,
            build_manifests(_agent(known, plan, cluster)),
            provider=provider,
            custom_timeouts=timeouts,
        )
        self._set_outputs(known, report, plan, cluster)

    def workspace_namespace(self, args: WorkspaceNamespaceArgs) -> WorkspaceNamespace:
        """The namespace that a workspace has on this cluster, and its fully qualified name.

        For objects that belong beside its workloads, such as secrets. Refused, in a preview too,
        when no workload may use the namespace.

        Args:
            args: which workspace.

        Raises:
            WrongArgument: in the outputs, when the name is not one or the namespace is not for
                workloads.
        """
        namespace: pulumi.Output[str] = pulumi.Output.all(
            args["workspace"], self.allowed_namespaces, self.denied_namespaces
        ).apply(lambda found: check_workspace(*found))
        return {
            "namespace": namespace,
            "fqn": pulumi.Output.format("{0}:{1}", self.cluster_name, namespace),
        }

    def _set_outputs(self, known: KnownArgs, report: Report, plan: Plan, cluster: Cluster) -> None:
        self.cluster_name = cluster.name
        self.provider_kind = pulumi.Output.from_input("attached")
        self.distribution = pulumi.Output.from_input(report.distribution)
        self.kubernetes_version = pulumi.Output.from_input(report.version)
        self.endpoint = pulumi.Output.from_input(report.server)
        self.delivery = pulumi.Output.from_input(str(plan.delivery))
        self.scope = pulumi.Output.from_input(str(plan.scope))
        self.allowed_namespaces = pulumi.Output.from_input(list(known.allowed_namespaces))
        self.denied_namespaces = pulumi.Output.from_input(list(known.denied_namespaces))
        self.storage_class = pulumi.Output.from_input(plan.storage_class)
        self.join_token = pulumi.Output.secret(cluster.join_token)
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "providerKind": self.provider_kind,
                "distribution": self.distribution,
                "kubernetesVersion": self.kubernetes_version,
                "endpoint": self.endpoint,
                "delivery": self.delivery,
                "scope": self.scope,
                "allowedNamespaces": self.allowed_namespaces,
                "deniedNamespaces": self.denied_namespaces,
                "storageClass": self.storage_class,
                "joinToken": self.join_token,
            }
        )


def _agent(known: KnownArgs, plan: Plan, cluster: Cluster) -> AgentInstall:
    # An imported cluster has no token; its agent is enrolled.
    token: pulumi.Output[str] = cluster.join_token.apply(lambda token: token or "")
    secret_token: pulumi.Output[str] = pulumi.Output.secret(token)
    return AgentInstall(
        hub_url=known.hub_url,
        delivery=plan.delivery,
        allowed_namespaces=known.allowed_namespaces,
        denied_namespaces=known.denied_namespaces,
        join_token=secret_token,
        ca_certificates=known.hub_ca_certificates,
        image=known.agent_image,
        cpu_request_millicores=known.agent_cpu_millicores,
        memory_request_mib=known.agent_memory_mib // 2,
        memory_limit_mib=known.agent_memory_mib,
    )
