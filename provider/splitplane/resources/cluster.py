"""The Cluster resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _ClusterInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    environments: Input[Sequence[Input[str]]] = pulumi.property("environments")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    provider_kind: Input[str] | None = pulumi.property("providerKind", default=None)
    region: Input[str] | None = pulumi.property("region", default=None)
    delivery: Input[str] | None = pulumi.property("delivery", default=None)
    allowed_namespaces: Input[Sequence[Input[str]]] | None = pulumi.property(
        "allowedNamespaces", default=None
    )
    denied_namespaces: Input[Sequence[Input[str]]] | None = pulumi.property(
        "deniedNamespaces", default=None
    )
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    join_token_trigger: Input[str] | None = pulumi.property("joinTokenTrigger", default=None)
    wait_until_connected: Input[bool] | None = pulumi.property("waitUntilConnected", default=None)


class Cluster(pulumi.CustomResource):
    """A Kubernetes cluster that an agent connects to the control plane.

    The id is the object's UUID; import by id or by `NAME`. An imported cluster has no
    `join_token` until `join_token_trigger` changes.
    """

    pulumi_type: Final = "splitplane:index:Cluster"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        environments: Input[Sequence[Input[str]]],
        display_name: Input[str] | None = None,
        provider_kind: Input[str] | None = None,
        region: Input[str] | None = None,
        delivery: Input[str] | None = None,
        allowed_namespaces: Input[Sequence[Input[str]]] | None = None,
        denied_namespaces: Input[Sequence[Input[str]]] | None = None,
        labels: Input[Mapping[str, Input[str]]] | None = None,
        join_token_trigger: Input[str] | None = None,
        wait_until_connected: Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the cluster.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 35 lower-case letters, digits and
                hyphens.
            environments: Names of the environments that workspaces on it may have.
            display_name: What people see; the name when left out.
            provider_kind: What kind of cluster it is; decides which quirks apply to what is
                rendered for it. A change replaces the resource. Allowed: `eks`, `gke`, `aks`,
                `attached`, `local`. Default: `"attached"`.
            region: The cloud's region; unknown when left out.
            delivery: How bundles reach the cluster: by Argo CD, or applied by the agent itself.
                Allowed: `argocd`, `direct`. Default: `"argocd"`.
            allowed_namespaces: The only namespaces that workspaces may use; every one that is not
                denied when empty.
            denied_namespaces: Namespaces that no workspace may use; beats the allowed ones.
            labels: Labels to find the cluster by.
            join_token_trigger: Any text; a change of it makes a new one-time join token and ends
                the old one. An agent that is enrolled needs none.
            wait_until_connected: Whether create and update wait until the cluster's agent is
                connected. The longest wait is the resource's timeout for create or update, 10
                minutes by default. A cluster that is not connected by then is kept, with its
                `join_token`, and tried again by the next update. Leave it false where resources
                that need the `join_token` install the agent: they start after this one is ready.
                Default: `False`.
            opts: Options of the resource.
        """
        inputs = _ClusterInputs(
            name=name,
            environments=environments,
            display_name=display_name,
            provider_kind=provider_kind,
            region=region,
            delivery=delivery,
            allowed_namespaces=allowed_namespaces,
            denied_namespaces=denied_namespaces,
            labels=labels,
            join_token_trigger=join_token_trigger,
            wait_until_connected=wait_until_connected,
        )
        outputs = with_outputs(inputs, "fqn", "join_token", "join_token_expires_at")
        super().__init__(Cluster.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Cluster:
        """The cluster that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Cluster, _ClusterInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 35 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter
    def environments(self) -> Output[Sequence[str]]:
        """Names of the environments that workspaces on it may have."""
        return output_of(self, "environments")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter(name="providerKind")
    def provider_kind(self) -> Output[str]:
        """What kind of cluster it is; decides which quirks apply to what is rendered for it.

        A change replaces the resource. Allowed: `eks`, `gke`, `aks`, `attached`, `local`.
        Default: `"attached"`.
        """
        return output_of(self, "provider_kind")

    @property
    @pulumi.getter
    def region(self) -> Output[str | None]:
        """The cloud's region; unknown when left out."""
        return output_of(self, "region")

    @property
    @pulumi.getter
    def delivery(self) -> Output[str]:
        """How bundles reach the cluster: by Argo CD, or applied by the agent itself.

        Allowed: `argocd`, `direct`. Default: `"argocd"`.
        """
        return output_of(self, "delivery")

    @property
    @pulumi.getter(name="allowedNamespaces")
    def allowed_namespaces(self) -> Output[Sequence[str]]:
        """The only namespaces that workspaces may use.

        Every one that is not denied when empty.
        """
        return output_of(self, "allowed_namespaces")

    @property
    @pulumi.getter(name="deniedNamespaces")
    def denied_namespaces(self) -> Output[Sequence[str]]:
        """Namespaces that no workspace may use; beats the allowed ones."""
        return output_of(self, "denied_namespaces")

    @property
    @pulumi.getter
    def labels(self) -> Output[Mapping[str, str]]:
        """Labels to find the cluster by."""
        return output_of(self, "labels")

    @property
    @pulumi.getter(name="joinTokenTrigger")
    def join_token_trigger(self) -> Output[str | None]:
        """Any text; a change of it makes a new one-time join token and ends the old one.

        An agent that is enrolled needs none.
        """
        return output_of(self, "join_token_trigger")

    @property
    @pulumi.getter(name="waitUntilConnected")
    def wait_until_connected(self) -> Output[bool]:
        """Whether create and update wait until the cluster's agent is connected.

        The longest wait is the resource's timeout for create or update, 10 minutes by default. A
        cluster that is not connected by then is kept, with its `join_token`, and tried again by
        the next update. Leave it false where resources that need the `join_token` install the
        agent: they start after this one is ready. Default: `False`.
        """
        return output_of(self, "wait_until_connected")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")

    @property
    @pulumi.getter(name="joinToken")
    def join_token(self) -> Output[str | None]:
        """One-time token that the cluster's agent enrols with, secret.

        Kept as it was made; it works once and until `join_token_expires_at`. A refresh drops one
        that has ended before any agent used it, and the next `pulumi up` makes another.
        """
        return output_of(self, "join_token")

    @property
    @pulumi.getter(name="joinTokenExpiresAt")
    def join_token_expires_at(self) -> Output[str | None]:
        """Time at which the `join_token` ends unless it is used, RFC 3339."""
        return output_of(self, "join_token_expires_at")
