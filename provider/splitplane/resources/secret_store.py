"""The SecretStore resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import (
    AwsParameterStoreArgs,
    AwsSecretsManagerArgs,
    AzureKeyVaultArgs,
    GcpSecretManagerArgs,
    HashiCorpVaultArgs,
    KubernetesSecretsArgs,
)
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _SecretStoreInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    aws_secrets_manager: Input[AwsSecretsManagerArgs] | None = pulumi.property(
        "awsSecretsManager", default=None
    )
    aws_parameter_store: Input[AwsParameterStoreArgs] | None = pulumi.property(
        "awsParameterStore", default=None
    )
    gcp_secret_manager: Input[GcpSecretManagerArgs] | None = pulumi.property(
        "gcpSecretManager", default=None
    )
    azure_key_vault: Input[AzureKeyVaultArgs] | None = pulumi.property(
        "azureKeyVault", default=None
    )
    vault: Input[HashiCorpVaultArgs] | None = pulumi.property("vault", default=None)
    kubernetes: Input[KubernetesSecretsArgs] | None = pulumi.property("kubernetes", default=None)


class SecretStore(pulumi.CustomResource):
    """A place that holds secret values, and how clusters read there.

    Exactly one of `aws_secrets_manager`, `aws_parameter_store`, `gcp_secret_manager`,
    `azure_key_vault`, `vault` and `kubernetes`. Values are read inside the cluster, with an
    identity of the cluster; the control plane and the state hold none. The id is the object's
    UUID; import by id or by `secret-store:NAME`.
    """

    pulumi_type: Final = "splitplane:index:SecretStore"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        aws_secrets_manager: Input[AwsSecretsManagerArgs] | None = None,
        aws_parameter_store: Input[AwsParameterStoreArgs] | None = None,
        gcp_secret_manager: Input[GcpSecretManagerArgs] | None = None,
        azure_key_vault: Input[AzureKeyVaultArgs] | None = None,
        vault: Input[HashiCorpVaultArgs] | None = None,
        kubernetes: Input[KubernetesSecretsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the secret store.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            display_name: What people see; the name when left out.
            aws_secrets_manager: AWS Secrets Manager in one region.
            aws_parameter_store: AWS Systems Manager Parameter Store in one region.
            gcp_secret_manager: Google Cloud Secret Manager of one project.
            azure_key_vault: One Azure key vault.
            vault: A key-value engine of HashiCorp Vault or OpenBao; the cluster signs in by
                Kubernetes auth.
            kubernetes: Secrets that somebody makes in the workspace's own namespace.
            opts: Options of the resource.
        """
        inputs = _SecretStoreInputs(
            name=name,
            display_name=display_name,
            aws_secrets_manager=aws_secrets_manager,
            aws_parameter_store=aws_parameter_store,
            gcp_secret_manager=gcp_secret_manager,
            azure_key_vault=azure_key_vault,
            vault=vault,
            kubernetes=kubernetes,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(SecretStore.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> SecretStore:
        """The secret store that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(SecretStore, _SecretStoreInputs, resource_name, id, opts)

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
    @pulumi.getter(name="awsSecretsManager")
    def aws_secrets_manager(self) -> Output[Any]:
        """AWS Secrets Manager in one region."""
        return output_of(self, "aws_secrets_manager")

    @property
    @pulumi.getter(name="awsParameterStore")
    def aws_parameter_store(self) -> Output[Any]:
        """AWS Systems Manager Parameter Store in one region."""
        return output_of(self, "aws_parameter_store")

    @property
    @pulumi.getter(name="gcpSecretManager")
    def gcp_secret_manager(self) -> Output[Any]:
        """Google Cloud Secret Manager of one project."""
        return output_of(self, "gcp_secret_manager")

    @property
    @pulumi.getter(name="azureKeyVault")
    def azure_key_vault(self) -> Output[Any]:
        """One Azure key vault."""
        return output_of(self, "azure_key_vault")

    @property
    @pulumi.getter
    def vault(self) -> Output[Any]:
        """A key-value engine of HashiCorp Vault or OpenBao.

        The cluster signs in by Kubernetes auth.
        """
        return output_of(self, "vault")

    @property
    @pulumi.getter
    def kubernetes(self) -> Output[Any]:
        """Secrets that somebody makes in the workspace's own namespace."""
        return output_of(self, "kubernetes")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
