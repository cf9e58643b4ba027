"""Guard rails that no command can change: what the agent refuses before it asks the cluster.

Pure. The API server refuses the same by RBAC; here the refusal has a clear message and comes before
anything is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from splitplane.agent.errors import Refused, UserError
from splitplane.agent.kube.resources import group_of
from splitplane.contract.bundle_kinds import BUNDLE_KINDS, NAMESPACE_KINDS, BundleKind
from splitplane.contract.names import is_reserved_namespace

REFUSED_KINDS: Final = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RoleBinding",
        "Role",
        "Secret",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }
)
"""Kinds that reach beyond a namespace or give rights, whatever their group. Secrets stay out."""


@dataclass(frozen=True)
class GuardRails:
    """Limits set by the cluster's administrator.

    Attributes:
        own_namespaces: namespaces of the agent and of Argo CD, never for workloads.
        allowed: the only namespaces for bundles; all that are not denied when None.
        denied: namespaces that are never for bundles.
        verbs: commands that may be carried out.
        max_deletes: most objects that one command may delete.
    """

    own_namespaces: frozenset[str]
    allowed: frozenset[str] | None
    denied: frozenset[str]
    verbs: frozenset[str]
    max_deletes: int

    def check_verb(self, kind: str) -> None:
        """Raises Refused when commands of `kind` are not to be carried out."""
        if kind not in self.verbs:
            listed = ", ".join(sorted(self.verbs)) or "none"
            raise Refused(
                f"command {kind!r} is not in the verb list of this agent ({listed}); the cluster's "
                "administrator can add it",
                reason="NotAllowed",
            )

    def check_namespace(self, namespace: str) -> None:
        """Raises Refused when the namespace is not for bundles."""
        if namespace in self.own_namespaces or is_reserved_namespace(namespace):
            raise Refused(
                f"namespace {namespace!r} belongs to the cluster or to an add-on; choose another",
                reason="NotAllowed",
            )
        if namespace in self.denied:
            raise Refused(
                f"namespace {namespace!r} is on the deny list of this agent", reason="NotAllowed"
            )
        if self.allowed is not None and namespace not in self.allowed:
            raise Refused(
                f"namespace {namespace!r} is not on the allow list of this agent "
                f"({', '.join(sorted(self.allowed)) or 'which is empty'})",
                reason="NotAllowed",
            )

    def check_deletes(self, count: int) -> None:
        """Raises Refused when one command would delete more than the limit."""
        if count > self.max_deletes:
            raise Refused(
                f"the command would delete {count} objects, the limit of this agent is "
                f"{self.max_deletes}; raise max_deletes or delete in steps",
                reason="TooManyDeletes",
            )

    def check_objects(self, namespace: str, objects: Sequence[Mapping[str, Any]]) -> None:
        """Raises when an object is not complete, not of an allowed kind or not in `namespace`.

        Raises:
            UserError: an object lacks its kind or name, or two have the same.
            Refused: an object is of another namespace or of a kind that bundles may not contain.
        """
        self._check(namespace, objects, BUNDLE_KINDS)

    def check_limits(self, namespace: str, objects: Sequence[Mapping[str, Any]]) -> None:
        """Raises when an object may not be among the limits of a workspace's namespace.

        Raises:
            UserError: an object lacks its kind or name, or two have the same.
            Refused: an object is of another namespace or no quota, default or network policy.
        """
        self._check(namespace, objects, NAMESPACE_KINDS)

    def _check(
        self,
        namespace: str,
        objects: Sequence[Mapping[str, Any]],
        kinds: Sequence[BundleKind],
    ) -> None:
        self.check_namespace(namespace)
        allowed = {(item.group, item.kind) for item in kinds}
        seen: set[tuple[str, str, str]] = set()
        for index, document in enumerate(objects):
            group, kind, name = _identity(index, document)
            if kind in REFUSED_KINDS or (group, kind) not in allowed:
                raise Refused(
                    f"objects[{index}] is a {kind} of group {group!r}, which a bundle may not "
                    f"contain; allowed are {', '.join(item.kind for item in kinds)}",
                    reason="NotAllowed",
                )
            found = document["metadata"].get("namespace")
            if found != namespace:
                raise Refused(
                    f"objects[{index}] ({kind} {name!r}) is in namespace {found!r}, "
                    f"the bundle's is {namespace!r}",
                    reason="NotAllowed",
                )
            if (group, kind, name) in seen:
                raise UserError(
                    f"objects[{index}]: {kind} {name!r} is in the bundle twice", reason="Invalid"
                )
            seen.add((group, kind, name))


def _identity(index: int, document: Mapping[str, Any]) -> tuple[str, str, str]:
    api_version, kind, metadata = (
        document.get("apiVersion"),
        document.get("kind"),
        document.get("metadata"),
    )
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not (isinstance(api_version, str) and isinstance(kind, str) and isinstance(name, str)):
        raise UserError(
            f"objects[{index}] needs apiVersion, kind and metadata.name", reason="Invalid"
        )
    return group_of(api_version), kind, name
