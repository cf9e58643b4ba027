"""Trimmed shapes of Kubernetes objects that the agent streams: what the status needs, and no more.

Secrets never appear here, nor environment variables or annotations other than our own.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from pydantic import Field

from splitplane.contract.base import PeerModel

LIVE_KINDS: Final = ("Application", "Deployment", "Event", "Job", "Pod", "ResourceQuota")
"""Kinds that are streamed; `Application` is Argo CD's, `ResourceQuota` those of workspaces."""


class LiveObject(PeerModel):
    """One object as the agent saw it.

    `doc` by kind:

    - Deployment: `{replicas, generation, observed_generation, updated_replicas, ready_replicas,
      available_replicas, conditions: [{type, status, reason, message}]}`
    - Job: `{active, succeeded, failed, completions, conditions}`
    - Pod: `{phase, reason, message, node, ready, restarts,
      containers: [{name, ready, restarts, state, reason, message}]}`
    - Event (warnings only): `{type, reason, message, count, involved: {kind, name}, last_seen}`
    - ResourceQuota: `{hard, used}`, each resource → quantity, as the cluster enforces it
    - Application: `{sync, health, operation_phase, operation_message, target_revision, message}`

    Counts are 0 when the cluster leaves them out. All also carry `version`: the value of the label
    `splitplane.io/version`, null when absent.
    """

    kind: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    application_id: str | None = None
    """Value of the label `splitplane.io/application-id`."""
    doc: dict[str, Any] = Field(default_factory=dict[str, Any])  # Any: JSON by kind


class KindDigest(PeerModel):
    """What a peer holds of one kind, to see cheaply whether a resync is needed."""

    count: int
    """Number of objects."""
    digest: str
    """Exclusive or of the 64-bit hashes of all objects, 16 hex digits; see `object_hash`."""


EMPTY_DIGEST: Final = "0" * 16


def object_key(namespace: str, name: str) -> str:
    """Key of an object within its kind."""
    return f"{namespace}/{name}"


def object_hash(namespace: str, name: str, resource_version: str) -> int:
    """64-bit hash of one object's identity and state, equal on both ends."""
    text = f"{namespace}/{name}\0{resource_version}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
