"""The ContainerRegistry resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import (
    AzureContainerRegistryArgs,
    ElasticContainerRegistryArgs,
    GoogleArtifactRegistryArgs,
    OtherRegistryArgs,
)
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _ContainerRegistryInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    ecr: Input[ElasticContainerRegistryArgs] | None = pulumi.property("ecr", default=None)
    gar: Input[GoogleArtifactRegistryArgs] | None = pulumi.property("gar", default=None)
    acr: Input[AzureContainerRegistryArgs] | None = pulumi.property("acr", default=None)
    other: Input[OtherRegistryArgs] | None = pulumi.property("other", default=None)


class ContainerRegistry(pulumi.CustomResource):
    """A container registry: exactly one of `ecr`, `gar`, `acr` and `other`.

    Holds no secret: clouds' registries use the cluster's identity, any other a reference
    `secret://GROUP/KEY`. The id is the object's UUID; import by id or by `registry:NAME`.
    """

    pulumi_type: Final = "splitplane:index:ContainerRegistry"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        ecr: Input[ElasticContainerRegistryArgs] | None = None,
        gar: Input[GoogleArtifactRegistryArgs] | None = None,
        acr: Input[AzureContainerRegistryArgs] | None = None,
        other: Input[OtherRegistryArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the container registry.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            display_name: What people see; the name when left out.
            ecr: Amazon ECR of one account and region.
            gar: One repository of Google Artifact Registry.
            acr: One Azure container registry.
            other: Any registry that speaks the distribution protocol.
            opts: Options of the resource.
        """
        inputs = _ContainerRegistryInputs(
            name=name,
            display_name=display_name,
            ecr=ecr,
            gar=gar,
            acr=acr,
            other=other,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(ContainerRegistry.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> ContainerRegistry:
        """The container registry that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(ContainerRegistry, _ContainerRegistryInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 40 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def ecr(self) -> Output[Any]:
        """Amazon ECR of one account and region."""
        return output_of(self, "ecr")

    @property
    @pulumi.getter
    def gar(self) -> Output[Any]:
        """One repository of Google Artifact Registry."""
        return output_of(self, "gar")

    @property
    @pulumi.getter
    def acr(self) -> Output[Any]:
        """One Azure container registry."""
        return output_of(self, "acr")

    @property
    @pulumi.getter
    def other(self) -> Output[Any]:
        """Any registry that speaks the distribution protocol."""
        return output_of(self, "other")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
