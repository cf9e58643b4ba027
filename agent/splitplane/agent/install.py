"""Applies the agent's manifests to a cluster, for those who do not use Pulumi or kubectl."""

from __future__ import annotations

import os
from pathlib import Path

from splitplane.agent.errors import UserError
from splitplane.agent.kube import KubeClient, ref_of
from splitplane.agent.kube.people import load_persons_access
from splitplane.agent.kube.resources import NAMESPACE
from splitplane.agent.manifests import InstallSettings, build_manifests


async def install(
    kubeconfig: Path | None, context: str | None, settings: InstallSettings
) -> list[str]:
    """The agent's objects are in the cluster as the settings say; their names are returned.

    Idempotent: server-side apply of each object.

    Raises:
        UserError: an allowed namespace does not exist, or the API server calls an object invalid.
        Refused: the kubeconfig's user may not make one of the objects.
    """
    async with KubeClient(load_persons_access(kubeconfig, context, os.environ)) as client:
        missing = [
            name
            for name in settings.agent.allowed_namespaces
            if await client.find(NAMESPACE, None, name) is None
        ]
        if missing:
            raise UserError(
                f"allowed_namespaces: {', '.join(map(repr, missing))} do not exist in the cluster; "
                "create them, the agent gets its rights inside them"
            )
        done: list[str] = []
        for document in build_manifests(settings):
            resource = await client.resource(document["apiVersion"], document["kind"])
            await client.apply(resource, document)
            ref = ref_of(document)
            done.append(f"{ref.kind} {ref.namespace}/{ref.name}".replace(" /", " "))
        return done
