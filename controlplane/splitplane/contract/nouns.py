"""The table of nouns that drives routes, client, command line and Pulumi resources.

A noun that is added here appears everywhere or a test fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from splitplane.contract.fqn import Fqn, FqnKind
from splitplane.contract.manifests import MANIFEST_MODELS, Manifest, ServiceAccountTokenManifest
from splitplane.contract.manifests.application import Application
from splitplane.contract.manifests.workspace import WorkspaceManifest

Kind = Literal[
    "environment",
    "user",
    "service-account",
    "team",
    "role",
    "cluster",
    "storage-integration",
    "secret-store",
    "secret-group",
    "container-registry",
    "ml-repo",
    "workspace",
    "application",
    "service-account-token",
    "role-binding",
]


@dataclass(frozen=True)
class Noun:
    """One kind of object.

    Attributes:
        kind: its name in URLs of errors and in `get KIND`.
        plural: the path segment under `/api/v1/`, and the other word that the command line takes.
        types: values of a manifest's `type` that describe it.
        fqn_kind: kind of its fully qualified names.
        parent_kind: kind of what contains it; None when it lies in the tenant.
        immutable: fields that never change, beside `type` and `name`; dotted for nested ones.
        has_resource: whether a Pulumi resource manages it.
    """

    kind: Kind
    plural: str
    types: tuple[str, ...]
    fqn_kind: FqnKind
    parent_kind: Kind | None = None
    immutable: tuple[str, ...] = ()
    has_resource: bool = False

    @property
    def manifest_models(self) -> tuple[type[Manifest], ...]:
        """The manifest models of the noun, in the order of `types`."""
        return tuple(MANIFEST_MODELS[name] for name in self.types)


NOUNS: Final[tuple[Noun, ...]] = (
    Noun("environment", "environments", ("environment",), "environment", has_resource=True),
    # No resource: people come from the identity provider, and a stack that is destroyed must not
    # take them away.
    Noun("user", "users", ("user",), "user"),
    Noun(
        "service-account",
        "service-accounts",
        ("service-account",),
        "service-account",
        has_resource=True,
    ),
    Noun("team", "teams", ("team",), "team", has_resource=True),
    Noun("role", "roles", ("role",), "role", immutable=("scope",), has_resource=True),
    Noun(
        "cluster",
        "clusters",
        ("cluster",),
        "cluster",
        immutable=("provider_kind",),
        has_resource=True,
    ),
    Noun(
        "storage-integration",
        "storage-integrations",
        ("storage-integration",),
        "storage-integration",
        immutable=(
            "storage.kind",
            "storage.path",
            "storage.bucket",
            "storage.account",
            "storage.container",
            "storage.prefix",
        ),
        has_resource=True,
    ),
    Noun(
        "secret-store",
        "secret-stores",
        ("secret-store",),
        "secret-store",
        immutable=(
            "store.kind",
            "store.region",
            "store.project",
            "store.vault_url",
            "store.address",
        ),
        has_resource=True,
    ),
    Noun(
        "secret-group",
        "secret-groups",
        ("secret-group",),
        "secret-group",
        immutable=("secret_store",),
        has_resource=True,
    ),
    Noun(
        "container-registry",
        "container-registries",
        ("container-registry",),
        "container-registry",
        immutable=(
            "registry.kind",
            "registry.account_id",
            "registry.region",
            "registry.location",
            "registry.project",
            "registry.repository",
            "registry.login_server",
            "registry.host",
        ),
        has_resource=True,
    ),
    Noun(
        "ml-repo",
        "ml-repos",
        ("ml-repo",),
        "ml-repo",
        immutable=("storage_integration",),
        has_resource=True,
    ),
    Noun(
        "workspace",
        "workspaces",
        ("workspace",),
        "workspace",
        "cluster",
        ("cluster",),
        has_resource=True,
    ),
    Noun(
        "application",
        "applications",
        ("service", "job"),
        "application",
        "workspace",
        ("type", "workspace"),
        has_resource=True,
    ),
    Noun(
        "service-account-token",
        "service-account-tokens",
        ("service-account-token",),
        "service-account-token",
        "service-account",
        ("service_account",),
        has_resource=True,
    ),
    Noun(
        "role-binding",
        "role-bindings",
        ("role-binding",),
        "role-binding",
        immutable=("subject", "object"),
        has_resource=True,
    ),
)
"""In the order in which a set of manifests is applied: what is referred to comes first."""

_BY_KIND: Final = {noun.kind: noun for noun in NOUNS}
_BY_TYPE: Final = {name: noun for noun in NOUNS for name in noun.types}
_BY_WORD: Final = {word: noun for noun in NOUNS for word in (noun.kind, noun.plural)}


def noun_for_kind(kind: Kind) -> Noun:
    """The noun of that kind."""
    return _BY_KIND[kind]


def noun_for_type(manifest_type: str) -> Noun:
    """The noun that manifests of this `type` describe; KeyError when there is none."""
    return _BY_TYPE[manifest_type]


def noun_for_word(word: str) -> Noun:
    """The noun that a person means by its kind or its plural.

    Raises:
        ValueError: there is none; the message lists them.
    """
    noun = _BY_WORD.get(word)
    if noun is None:
        raise ValueError(
            f"kind {word!r} is not known: use one of {', '.join(n.plural for n in NOUNS)}"
        )
    return noun


def fqn_of(manifest: Manifest) -> Fqn:
    """The fully qualified name of the object that the manifest describes."""
    noun = noun_for_type(manifest.type)
    if isinstance(manifest, WorkspaceManifest):
        return Fqn(noun.fqn_kind, (manifest.cluster, manifest.name))
    if isinstance(manifest, Application):
        return Fqn(noun.fqn_kind, (*manifest.workspace.split(":"), manifest.name))
    if isinstance(manifest, ServiceAccountTokenManifest):
        return Fqn(noun.fqn_kind, (manifest.service_account, manifest.name))
    return Fqn(noun.fqn_kind, (manifest.name,))
