"""`splitplane:index:ContainerRegistry`: where images are pushed to and pulled from."""

from __future__ import annotations

from splitplane.contract.manifests import (
    AzureContainerRegistry,
    ContainerRegistryManifest,
    ElasticContainerRegistry,
    GoogleArtifactRegistry,
    OtherRegistry,
)
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of, variant_of

LAYOUT = Layout(
    resource_type="splitplane:index:ContainerRegistry",
    kind="container-registry",
    description=(
        "A container registry: exactly one of `ecr`, `gar`, `acr` and `other`. Holds no secret: "
        "clouds' registries use the cluster's identity, any other a reference "
        "`secret://GROUP/KEY`. The id is the object's UUID; import by id or by `registry:NAME`."
    ),
    common=fields_of(ContainerRegistryManifest, without=TYPE | {"registry"}),
    variants=(
        variant_of("ecr", ElasticContainerRegistry, under="registry"),
        variant_of("gar", GoogleArtifactRegistry, under="registry"),
        variant_of("acr", AzureContainerRegistry, under="registry"),
        variant_of("other", OtherRegistry, under="registry"),
    ),
    computed=(FQN_OUTPUT,),
    immutable=frozenset(
        {
            "name",
            "ecr.accountId",
            "ecr.region",
            "gar.location",
            "gar.project",
            "gar.repository",
            "acr.loginServer",
            "other.host",
        }
    ),
)


class ContainerRegistryResource(ManifestResource):
    """A container registry."""
