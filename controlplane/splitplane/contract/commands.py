"""Orders of the control plane to an agent, and the bytes that their signature covers.

The spec travels as the exact JSON text that was signed, so that no peer has to reproduce a
canonical form: `spec_sha256` is the digest of that text.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import Field

from splitplane.contract.base import PeerModel
from splitplane.contract.manifests.cluster import Delivery

CommandKind = Literal["apply-bundle", "delete-bundle", "apply-namespace", "delete-namespace"]

APPLY_NAMESPACE: Final = "command:apply-namespace"
"""Capability in `hello` of an agent that carries out `apply-namespace`; others never get it."""

MAX_BUNDLE_BYTES: Final = 900 * 1024
"""Largest rendered bundle: an object of the Kubernetes API may have 1.5 MiB (etcd's default request
cap)."""

MAX_ARGOCD_BUNDLE_BYTES: Final = 256 * 1024
"""Largest rendered bundle with delivery `argocd`: while it syncs, an Application holds the source
five times (spec, operation, its state and result, comparison), measured with Argo CD 3.2.6. One
that outgrows 1.5 MiB can neither be synced nor be deleted."""

ResultPhase = Literal["succeeded", "failed", "refused"]
"""`failed` may be tried again with the same bundle, `refused` never (guard rail or bad
signature)."""


class Bundle(PeerModel):
    """The rendered objects of one deployment: spec of `apply-bundle`."""

    application_id: str
    application_fqn: str
    workspace: str
    """Name of the workspace."""
    namespace: str
    """Namespace that every object must be in."""
    namespace_labels: dict[str, str] = Field(default_factory=dict[str, str])
    """Labels that the namespace gets when the agent makes or updates it."""
    generation: int
    """Number of the deployment; an older one than the cluster holds is not applied."""
    delivery: Delivery
    objects: list[dict[str, Any]]  # Any: Kubernetes objects
    """Complete objects with apiVersion, kind, metadata.name and metadata.namespace."""


class BundleRemoval(PeerModel):
    """Spec of `delete-bundle`: every object of the application goes, then its ApplySet."""

    application_id: str
    application_fqn: str
    workspace: str
    namespace: str
    delivery: Delivery


class NamespaceBundle(PeerModel):
    """Spec of `apply-namespace`: the namespace of a workspace with its limits.

    It is the whole wanted state: labels and objects that an earlier one had and this one lacks are
    removed.
    """

    workspace_id: str
    workspace: str
    """Name of the workspace."""
    namespace: str
    labels: dict[str, str]
    """Labels of the namespace."""
    generation: int
    """Number of the state; an older one of the same workspace than the cluster holds is not
    applied."""
    objects: list[dict[str, Any]]  # Any: Kubernetes objects
    """Complete objects of `bundle_kinds.NAMESPACE_KINDS` in the namespace."""


class NamespaceRemoval(PeerModel):
    """Spec of `delete-namespace`: it goes if the agent made it and nothing of ours is left."""

    workspace: str
    namespace: str
    delivery: Delivery


class SignedCommand(PeerModel):
    """An order with its signature (Ed25519, base64) over `signed_bytes`."""

    id: str
    """UUIDv7; results are stored by it, so that a repeated command is not carried out twice."""
    cluster_uid: str
    """UID of the namespace kube-system of the cluster that it is for."""
    seq: int
    """Dense number within the cluster, from 1."""
    kind: CommandKind
    spec: str
    """JSON text of the spec."""
    spec_sha256: str
    """Hex SHA-256 of `spec` in UTF-8."""
    not_before: datetime
    expires_at: datetime
    actor: str
    """Subject on whose behalf it is given."""
    key_id: str
    """First 16 hex digits of the SHA-256 of the public key that signed."""
    signature: str


class CommandResult(PeerModel):
    """What became of a command."""

    command_id: str
    seq: int
    phase: ResultPhase
    reason: str
    """One CamelCase word: `Applied`, `Unchanged`, `Deleted`, `Superseded`, `Invalid`,
    `NotAllowed`, …"""
    message: str = ""
    """What happened, for people; at most 4,096 characters."""
    applied: int = 0
    """Objects that were applied."""
    pruned: int = 0
    """Objects that were deleted."""


CommandSpec = Bundle | BundleRemoval | NamespaceBundle | NamespaceRemoval

SPEC_KINDS: Final[dict[type[CommandSpec], CommandKind]] = {
    Bundle: "apply-bundle",
    BundleRemoval: "delete-bundle",
    NamespaceBundle: "apply-namespace",
    NamespaceRemoval: "delete-namespace",
}
"""Model of a spec → kind of the command that carries it."""


def encode_spec(spec: CommandSpec) -> str:
    """The spec as compact JSON text with sorted keys: the same input gives the same text."""
    return json.dumps(
        spec.model_dump(mode="json"), separators=(",", ":"), sort_keys=True, ensure_ascii=False
    )


def spec_digest(spec: str) -> str:
    """Hex SHA-256 of the spec's text."""
    return hashlib.sha256(spec.encode()).hexdigest()


def key_id(public_key: bytes) -> str:
    """Short name of a raw Ed25519 public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def signed_bytes(command: SignedCommand) -> bytes:
    """The signed bytes: every field but the signature, the spec by its digest."""
    fields = {
        "actor": command.actor,
        "cluster_uid": command.cluster_uid,
        "expires_at": _time(command.expires_at),
        "id": command.id,
        "key_id": command.key_id,
        "kind": command.kind,
        "not_before": _time(command.not_before),
        "seq": command.seq,
        "spec_sha256": command.spec_sha256,
    }
    text = json.dumps(fields, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return b"splitplane-command-v1\n" + text.encode()


def _time(moment: datetime) -> str:
    """Whole milliseconds since the epoch: free of formats and zones."""
    return str(round(moment.timestamp() * 1000))
