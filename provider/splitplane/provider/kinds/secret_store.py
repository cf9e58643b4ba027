"""`splitplane:index:SecretStore`: where secret values are, never the values."""

from __future__ import annotations

from splitplane.contract.manifests import (
    AwsParameterStore,
    AwsSecretsManager,
    AzureKeyVault,
    GcpSecretManager,
    HashiCorpVault,
    KubernetesSecrets,
    SecretStoreManifest,
)
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of, variant_of

LAYOUT = Layout(
    resource_type="splitplane:index:SecretStore",
    kind="secret-store",
    description=(
        "A place that holds secret values, and how clusters read there. Exactly one of "
        "`awsSecretsManager`, `awsParameterStore`, `gcpSecretManager`, `azureKeyVault`, `vault` "
        "and `kubernetes`. Values are read inside the cluster, with an identity of the cluster; "
        "the control plane and the state hold none. The id is the object's UUID; import by id or "
        "by `secret-store:NAME`."
    ),
    common=fields_of(SecretStoreManifest, without=TYPE | {"store"}),
    variants=(
        variant_of("awsSecretsManager", AwsSecretsManager, under="store"),
        variant_of("awsParameterStore", AwsParameterStore, under="store"),
        variant_of("gcpSecretManager", GcpSecretManager, under="store"),
        variant_of("azureKeyVault", AzureKeyVault, under="store"),
        variant_of("vault", HashiCorpVault, under="store"),
        variant_of("kubernetes", KubernetesSecrets, under="store"),
    ),
    computed=(FQN_OUTPUT,),
    immutable=frozenset(
        {
            "name",
            "awsSecretsManager.region",
            "awsParameterStore.region",
            "gcpSecretManager.project",
            "azureKeyVault.vaultUrl",
            "vault.address",
        }
    ),
)


class SecretStoreResource(ManifestResource):
    """A secret store."""
