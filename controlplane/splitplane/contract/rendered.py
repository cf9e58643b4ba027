"""What an application would be in its cluster: asked for and answered without storing anything."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from splitplane.contract.base import PeerModel, StrictModel
from splitplane.contract.manifests.cluster import Delivery

UNBORN_ID: Final = "00000000-0000-0000-0000-000000000000"
"""Stands for the id of an application that does not exist yet."""

JsonObject = dict[str, Any]  # Any: JSON


class RenderRequest(StrictModel):
    """A service or a job to render."""

    manifest: JsonObject
    """Manifest of the application, as for creating it."""


class RenderedView(PeerModel):
    """The Kubernetes objects of the next version of an application."""

    fqn: str
    """`CLUSTER:WORKSPACE:APPLICATION`."""
    application_id: str
    """Its id; all zeros while the application does not exist."""
    version: int
    """Number that the version would get; that of the current one when nothing changed."""
    is_current: bool
    """Whether the manifest is that of the current version, so that applying it changes nothing."""
    namespace: str
    """Namespace of all objects."""
    namespace_labels: dict[str, str] = Field(default_factory=dict[str, str])
    """Labels that the namespace has."""
    delivery: Delivery
    """How the objects would reach the cluster."""
    objects: list[JsonObject]
    """The objects, in the order in which they are made."""
    manifests_sha256: str
    """Digest of the objects, as deployments have it."""
    size_bytes: int
    """Size of the bundle that carries them."""
