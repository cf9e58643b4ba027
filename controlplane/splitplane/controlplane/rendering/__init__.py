"""From a manifest to the Kubernetes objects of one deployment: pure functions, no I/O."""

from __future__ import annotations

from splitplane.controlplane.rendering.bundle import (
    build_bundle,
    manifests_digest,
    namespace_labels,
)
from splitplane.controlplane.rendering.errors import RenderError
from splitplane.controlplane.rendering.namespace import render_namespace
from splitplane.controlplane.rendering.render import RenderContext, render

__all__ = [
    "RenderContext",
    "RenderError",
    "build_bundle",
    "manifests_digest",
    "namespace_labels",
    "render",
    "render_namespace",
]
