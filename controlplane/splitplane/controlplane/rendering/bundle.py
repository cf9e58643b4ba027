"""The bundle of one deployment: its objects, their digest, and the limit on their size."""

from __future__ import annotations

import hashlib
import json

from splitplane.contract import labels
from splitplane.contract.commands import (
    MAX_ARGOCD_BUNDLE_BYTES,
    MAX_BUNDLE_BYTES,
    Bundle,
    encode_spec,
)
from splitplane.controlplane.rendering.context import RenderContext
from splitplane.controlplane.rendering.errors import RenderError
from splitplane.controlplane.rendering.pod import KubernetesObject


def build_bundle(
    objects: list[KubernetesObject],
    context: RenderContext,
    *,
    application_fqn: str,
    workspace_labels: dict[str, str],
) -> Bundle:
    """The spec of the command that delivers the objects.

    Raises:
        RenderError: its JSON text is above 900 KiB (256 KiB with Argo CD), or an object lies
            outside the workspace.
    """
    for item in objects:
        namespace = item["metadata"]["namespace"]
        if namespace != context.workspace:
            raise RenderError(
                f"{item['kind']} {item['metadata']['name']!r} is in namespace {namespace!r}; "
                f"objects of a deployment must be in {context.workspace!r}"
            )
    bundle = Bundle(
        application_id=context.application_id,
        application_fqn=application_fqn,
        workspace=context.workspace,
        namespace=context.workspace,
        namespace_labels=namespace_labels(context.workspace, workspace_labels),
        generation=context.version,
        delivery=context.delivery,
        objects=objects,
    )
    size = len(encode_spec(bundle).encode())
    limit = MAX_ARGOCD_BUNDLE_BYTES if bundle.delivery == "argocd" else MAX_BUNDLE_BYTES
    if size > limit:
        raise RenderError(
            f"the rendered objects of {application_fqn} have {size} bytes, above the limit of "
            f"{limit}; shorten env, args and labels or move data into a file or a secret"
        )
    return bundle


def manifests_digest(objects: list[KubernetesObject]) -> str:
    """Hex SHA-256 of the objects' canonical JSON text."""
    text = json.dumps(objects, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def namespace_labels(workspace: str, own: dict[str, str]) -> dict[str, str]:
    """Labels of the workspace's namespace; ours win over the manifest's own."""
    return {**own, labels.MANAGED_BY: labels.MANAGED_BY_VALUE, labels.WORKSPACE: workspace}
