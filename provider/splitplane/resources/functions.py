"""The functions; written by `python -m splitplane.provider.sdk`.

Each exists twice: with plain values it answers at once, and the one that ends in
`_output` takes outputs of resources, waits for them, and gives an output.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import JobArgs, ServiceArgs
from splitplane.resources.invoking import call, call_output
from splitplane.resources.results import (
    GetAgentManifestsResult,
    GetCapabilitiesResult,
    GetClusterResult,
    GetEnvironmentResult,
    GetMlRepoResult,
    GetWorkspaceResult,
    RenderApplicationResult,
)


def get_agent_manifests(
    hub_url: str,
    namespace: str | None = None,
    delivery: str | None = None,
    allowed_namespaces: Sequence[str] | None = None,
    denied_namespaces: Sequence[str] | None = None,
    verbs: Sequence[str] | None = None,
    max_deletes: int | None = None,
    log_level: str | None = None,
    argocd_namespace: str | None = None,
    argocd_destination: str | None = None,
    chart_url: str | None = None,
    uses_join_token: bool | None = None,
    ca_certificates: str | None = None,
    image: str | None = None,
    replicas: int | None = None,
    cpu_request_millicores: int | None = None,
    memory_request_mib: int | None = None,
    memory_limit_mib: int | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> GetAgentManifestsResult:
    """The Kubernetes objects that install the agent.

    For those who apply them by GitOps or `kubectl`. They hold no secret: with `uses_join_token`,
    make a Secret of the name `join_token_secret` in `namespace` whose key `token` is the
    cluster's `joinToken`. Made without asking the control plane; no right is needed.

    Args:
        hub_url: Address of the control plane as the agent's pod reaches it.
        namespace: Namespace of the agent's own objects. Default: `splitplane-agent`.
        delivery: How bundles are delivered; what the control plane says when left out. Allowed:
            `argocd`, `direct`.
        allowed_namespaces: The only namespaces for workloads; they have to exist. All when empty.
        denied_namespaces: Namespaces that are never for workloads.
        verbs: Commands that the agent carries out; all when empty.
        max_deletes: Most objects that one command may delete; the agent's own limit when left
            out.
        log_level: Least severe level that is logged; the agent's default when left out. Allowed:
            `debug`, `info`, `warning`, `error`.
        argocd_namespace: Where Argo CD is; of no account with direct delivery. Default: `argocd`.
        argocd_destination: This cluster as Argo CD knows it; the agent's default when left out.
        chart_url: Chart endpoint as Argo CD reaches it; the Service among the objects when left
            out.
        uses_join_token: Whether the agent still has to enrol: it then reads its token from a
            Secret that you make, see `join_token_secret`. Default: `True`.
        ca_certificates: PEM text of the authorities of the control plane; those of the image when
            left out.
        image: Image of the agent. Default: `ghcr.io/splitplane/agent:0.1.0`.
        replicas: 1, or 0 where the agent runs outside the cluster with this account's rights.
            Default: `1`.
        cpu_request_millicores: CPU that is reserved, in thousandths of a core. Default: `100`.
        memory_request_mib: Memory that is reserved, MiB. Default: `200`.
        memory_limit_mib: Memory at most, MiB. Default: `400`.
        opts: Options of the call.
    """
    arguments = {
        "hubUrl": hub_url,
        "namespace": namespace,
        "delivery": delivery,
        "allowedNamespaces": allowed_namespaces,
        "deniedNamespaces": denied_namespaces,
        "verbs": verbs,
        "maxDeletes": max_deletes,
        "logLevel": log_level,
        "argocdNamespace": argocd_namespace,
        "argocdDestination": argocd_destination,
        "chartUrl": chart_url,
        "usesJoinToken": uses_join_token,
        "caCertificates": ca_certificates,
        "image": image,
        "replicas": replicas,
        "cpuRequestMillicores": cpu_request_millicores,
        "memoryRequestMib": memory_request_mib,
        "memoryLimitMib": memory_limit_mib,
    }
    return call("splitplane:index:getAgentManifests", arguments, GetAgentManifestsResult, opts)


def get_agent_manifests_output(
    hub_url: Input[str],
    namespace: Input[str] | None = None,
    delivery: Input[str] | None = None,
    allowed_namespaces: Input[Sequence[Input[str]]] | None = None,
    denied_namespaces: Input[Sequence[Input[str]]] | None = None,
    verbs: Input[Sequence[Input[str]]] | None = None,
    max_deletes: Input[int] | None = None,
    log_level: Input[str] | None = None,
    argocd_namespace: Input[str] | None = None,
    argocd_destination: Input[str] | None = None,
    chart_url: Input[str] | None = None,
    uses_join_token: Input[bool] | None = None,
    ca_certificates: Input[str] | None = None,
    image: Input[str] | None = None,
    replicas: Input[int] | None = None,
    cpu_request_millicores: Input[int] | None = None,
    memory_request_mib: Input[int] | None = None,
    memory_limit_mib: Input[int] | None = None,
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[GetAgentManifestsResult]:
    """As `get_agent_manifests`, once its arguments are known.

    Args:
        hub_url: Address of the control plane as the agent's pod reaches it.
        namespace: Namespace of the agent's own objects. Default: `splitplane-agent`.
        delivery: How bundles are delivered; what the control plane says when left out. Allowed:
            `argocd`, `direct`.
        allowed_namespaces: The only namespaces for workloads; they have to exist. All when empty.
        denied_namespaces: Namespaces that are never for workloads.
        verbs: Commands that the agent carries out; all when empty.
        max_deletes: Most objects that one command may delete; the agent's own limit when left
            out.
        log_level: Least severe level that is logged; the agent's default when left out. Allowed:
            `debug`, `info`, `warning`, `error`.
        argocd_namespace: Where Argo CD is; of no account with direct delivery. Default: `argocd`.
        argocd_destination: This cluster as Argo CD knows it; the agent's default when left out.
        chart_url: Chart endpoint as Argo CD reaches it; the Service among the objects when left
            out.
        uses_join_token: Whether the agent still has to enrol: it then reads its token from a
            Secret that you make, see `join_token_secret`. Default: `True`.
        ca_certificates: PEM text of the authorities of the control plane; those of the image when
            left out.
        image: Image of the agent. Default: `ghcr.io/splitplane/agent:0.1.0`.
        replicas: 1, or 0 where the agent runs outside the cluster with this account's rights.
            Default: `1`.
        cpu_request_millicores: CPU that is reserved, in thousandths of a core. Default: `100`.
        memory_request_mib: Memory that is reserved, MiB. Default: `200`.
        memory_limit_mib: Memory at most, MiB. Default: `400`.
        opts: Options of the call.
    """
    arguments = {
        "hubUrl": hub_url,
        "namespace": namespace,
        "delivery": delivery,
        "allowedNamespaces": allowed_namespaces,
        "deniedNamespaces": denied_namespaces,
        "verbs": verbs,
        "maxDeletes": max_deletes,
        "logLevel": log_level,
        "argocdNamespace": argocd_namespace,
        "argocdDestination": argocd_destination,
        "chartUrl": chart_url,
        "usesJoinToken": uses_join_token,
        "caCertificates": ca_certificates,
        "image": image,
        "replicas": replicas,
        "cpuRequestMillicores": cpu_request_millicores,
        "memoryRequestMib": memory_request_mib,
        "memoryLimitMib": memory_limit_mib,
    }
    return call_output(
        "splitplane:index:getAgentManifests", arguments, GetAgentManifestsResult, opts
    )


def get_capabilities(
    cluster: str,
    opts: pulumi.InvokeOptions | None = None,
) -> GetCapabilitiesResult:
    """What a cluster can do: facts about its kind, and what its agent reported last.

    Reads only; needs the right to read the cluster.

    Args:
        cluster: Which cluster: `NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "cluster": cluster,
    }
    return call("splitplane:index:getCapabilities", arguments, GetCapabilitiesResult, opts)


def get_capabilities_output(
    cluster: Input[str],
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[GetCapabilitiesResult]:
    """As `get_capabilities`, once its arguments are known.

    Args:
        cluster: Which cluster: `NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "cluster": cluster,
    }
    return call_output("splitplane:index:getCapabilities", arguments, GetCapabilitiesResult, opts)


def get_cluster(
    ref: str,
    opts: pulumi.InvokeOptions | None = None,
) -> GetClusterResult:
    """An existing cluster, with the properties that its resource has and its status.

    Reads only; needs the right to read it.

    Args:
        ref: Which cluster: `NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call("splitplane:index:getCluster", arguments, GetClusterResult, opts)


def get_cluster_output(
    ref: Input[str],
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[GetClusterResult]:
    """As `get_cluster`, once its arguments are known.

    Args:
        ref: Which cluster: `NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call_output("splitplane:index:getCluster", arguments, GetClusterResult, opts)


def get_environment(
    ref: str,
    opts: pulumi.InvokeOptions | None = None,
) -> GetEnvironmentResult:
    """An existing environment, with the properties that its resource has and its status.

    Reads only; needs the right to read it.

    Args:
        ref: Which environment: `NAME`, `environment:NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call("splitplane:index:getEnvironment", arguments, GetEnvironmentResult, opts)


def get_environment_output(
    ref: Input[str],
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[GetEnvironmentResult]:
    """As `get_environment`, once its arguments are known.

    Args:
        ref: Which environment: `NAME`, `environment:NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call_output("splitplane:index:getEnvironment", arguments, GetEnvironmentResult, opts)


def get_ml_repo(
    ref: str,
    opts: pulumi.InvokeOptions | None = None,
) -> GetMlRepoResult:
    """An existing ML repo, with the properties that its resource has and its status.

    Reads only; needs the right to read it.

    Args:
        ref: Which ML repo: `NAME`, `mlrepo:NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call("splitplane:index:getMlRepo", arguments, GetMlRepoResult, opts)


def get_ml_repo_output(
    ref: Input[str],
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[GetMlRepoResult]:
    """As `get_ml_repo`, once its arguments are known.

    Args:
        ref: Which ML repo: `NAME`, `mlrepo:NAME` or id.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call_output("splitplane:index:getMlRepo", arguments, GetMlRepoResult, opts)


def get_workspace(
    ref: str,
    opts: pulumi.InvokeOptions | None = None,
) -> GetWorkspaceResult:
    """An existing workspace, with the properties that its resource has and its status.

    Reads only; needs the right to read it.

    Args:
        ref: Which workspace: `CLUSTER:NAME`, id, or `NAME` where only one cluster has a workspace
            of that name.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call("splitplane:index:getWorkspace", arguments, GetWorkspaceResult, opts)


def get_workspace_output(
    ref: Input[str],
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[GetWorkspaceResult]:
    """As `get_workspace`, once its arguments are known.

    Args:
        ref: Which workspace: `CLUSTER:NAME`, id, or `NAME` where only one cluster has a workspace
            of that name.
        opts: Options of the call.
    """
    arguments = {
        "ref": ref,
    }
    return call_output("splitplane:index:getWorkspace", arguments, GetWorkspaceResult, opts)


def render_application(
    name: str,
    workspace: str,
    service: ServiceArgs | None = None,
    job: JobArgs | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> RenderApplicationResult:
    """The Kubernetes objects that an application would be in its cluster.

    Without storing anything: for reviews and policy packs. Takes what the resource `Application`
    takes. Variables that are given in plain text are plain in the result. Needs the right to read
    the workspace's applications.

    Args:
        name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
            hyphens.
        workspace: Workspace that it runs in, `CLUSTER:WORKSPACE`. A change replaces the resource.
        service: A service: keeps copies running and reachable inside the cluster.
        job: A job: runs to completion once for each version that is deployed.
        opts: Options of the call.
    """
    arguments = {
        "name": name,
        "workspace": workspace,
        "service": service,
        "job": job,
    }
    return call("splitplane:index:renderApplication", arguments, RenderApplicationResult, opts)


def render_application_output(
    name: Input[str],
    workspace: Input[str],
    service: Input[ServiceArgs] | None = None,
    job: Input[JobArgs] | None = None,
    opts: pulumi.InvokeOutputOptions | None = None,
) -> Output[RenderApplicationResult]:
    """As `render_application`, once its arguments are known.

    Args:
        name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
            hyphens.
        workspace: Workspace that it runs in, `CLUSTER:WORKSPACE`. A change replaces the resource.
        service: A service: keeps copies running and reachable inside the cluster.
        job: A job: runs to completion once for each version that is deployed.
        opts: Options of the call.
    """
    arguments = {
        "name": name,
        "workspace": workspace,
        "service": service,
        "job": job,
    }
    return call_output(
        "splitplane:index:renderApplication", arguments, RenderApplicationResult, opts
    )
