"""The Cluster resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, output_of, with_outputs


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


class Cluster(pulumi.CustomResource):
    """A Kubernetes cluster that an agent connects to the control plane.

    Import by id or by `NAME`; an imported cluster has no `join_token` until `join_token_trigger`
    changes.
    """

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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the cluster.

        Args:
            resource_name: its name in the stack.
            name: its name on the control plane; a change makes a new cluster.
            environments: names of the environments that workspaces on it may have.
            display_name: what people see; the name when left out.
            provider_kind: `eks`, `gke`, `aks`, `attached` (when left out) or `local`; a change
                makes a new cluster.
            region: the cloud's region; unknown when left out.
            delivery: `argocd` (when left out) or `direct`: how bundles reach the cluster.
            allowed_namespaces: the only namespaces that workspaces may use; all but the denied
                ones when left out.
            denied_namespaces: namespaces that no workspace may use; none when left out.
            labels: labels to find the cluster by.
            join_token_trigger: any text; a change of it makes a new one-time join token.
            opts: options of the resource.
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
        )
        super().__init__(
            "splitplane:index:Cluster",
            resource_name,
            with_outputs(inputs, "fqn", "join_token"),
            opts,
        )

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Its name on the control plane."""
        return output_of(self, "name")

    @property
    @pulumi.getter
    def environments(self) -> Output[Sequence[str]]:
        """Names of the environments that workspaces on it may have."""
        return output_of(self, "environments")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter(name="providerKind")
    def provider_kind(self) -> Output[str]:
        """`eks`, `gke`, `aks`, `attached` (when left out) or `local`."""
        return output_of(self, "provider_kind")

    @property
    @pulumi.getter
    def region(self) -> Output[str | None]:
        """The cloud's region."""
        return output_of(self, "region")

    @property
    @pulumi.getter
    def delivery(self) -> Output[str]:
        """`argocd` (when left out) or `direct`: how bundles reach the cluster."""
        return output_of(self, "delivery")

    @property
    @pulumi.getter(name="allowedNamespaces")
    def allowed_namespaces(self) -> Output[Sequence[str]]:
        """The only namespaces that workspaces may use."""
        return output_of(self, "allowed_namespaces")

    @property
    @pulumi.getter(name="deniedNamespaces")
    def denied_namespaces(self) -> Output[Sequence[str]]:
        """Namespaces that no workspace may use."""
        return output_of(self, "denied_namespaces")

    @property
    @pulumi.getter
    def labels(self) -> Output[Mapping[str, str]]:
        """Labels to find the cluster by."""
        return output_of(self, "labels")

    @property
    @pulumi.getter(name="joinTokenTrigger")
    def join_token_trigger(self) -> Output[str | None]:
        """Any text."""
        return output_of(self, "join_token_trigger")

    @property
    @pulumi.getter(name="joinToken")
    def join_token(self) -> Output[str | None]:
        """One-time token that the cluster's agent enrols with, secret; None after an import."""
        return output_of(self, "join_token")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
