"""Delivery by Argo CD: the agent writes what is wanted, Argo CD makes it so and keeps it so.

An Application in the workspace's namespace holds the rendered objects as values of the fixed chart,
in an AppProject that allows nothing but that namespace and the kinds of bundles. So everything that
is wanted lies in the cluster, and drift is healed while the agent is away.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from splitplane.agent.delivery.base import Outcome
from splitplane.agent.delivery.chart import CHART_NAME, CHART_VERSION
from splitplane.agent.delivery.direct import current_resource
from splitplane.agent.errors import Refused, RetryLater, UserError
from splitplane.agent.guards import GuardRails
from splitplane.agent.kube import KubeClient, ObjectRef, ref_of
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import ARGOCD_APPLICATION, ARGOCD_PROJECT
from splitplane.contract import labels
from splitplane.contract.bundle_kinds import BUNDLE_KINDS
from splitplane.contract.commands import (
    MAX_ARGOCD_BUNDLE_BYTES,
    Bundle,
    BundleRemoval,
    NamespaceRemoval,
)

FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
"""Makes Argo CD delete the objects before the Application goes."""
GONE_WITHIN_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.2

Document = dict[str, Any]  # Any: a Kubernetes object


@dataclass(frozen=True)
class ArgoTarget:
    """Where Argo CD is and how it reaches things.

    Attributes:
        namespace: namespace of Argo CD, where AppProjects are.
        destination: this cluster's address as Argo CD knows it.
        chart_url: the chart endpoint as Argo CD reaches it.
    """

    namespace: str
    destination: str
    chart_url: str


def project_name(workspace: str) -> str:
    """Name of the workspace's AppProject."""
    return f"splitplane-{workspace}"


def application_name(fqn: str) -> str:
    """Name of the Argo CD Application: the application's own."""
    return fqn.rpartition(":")[2]


def build_project(workspace: str, namespace: str, target: ArgoTarget) -> Document:
    """The AppProject: one source, one namespace, the kinds of bundles, nothing of the cluster."""
    return {
        "apiVersion": ARGOCD_PROJECT.api_version,
        "kind": "AppProject",
        "metadata": {
            "name": project_name(workspace),
            "namespace": target.namespace,
            "labels": {
                labels.WORKSPACE: workspace,
                labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
            },
        },
        "spec": {
            "description": f"Workspace {workspace}",
            "sourceRepos": [target.chart_url],
            "sourceNamespaces": [namespace],
            "destinations": [{"server": target.destination, "namespace": namespace}],
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": [
                {"group": item.group, "kind": item.kind} for item in BUNDLE_KINDS
            ],
        },
    }


def build_application(bundle: Bundle, target: ArgoTarget, *, command_id: str) -> Document:
    """The Application whose values are the bundle's objects, marked as the application's."""
    marks = {
        labels.APPLICATION_ID: bundle.application_id,
        labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
    }
    version = str(bundle.generation)
    return {
        "apiVersion": ARGOCD_APPLICATION.api_version,
        "kind": "Application",
        "metadata": {
            "name": application_name(bundle.application_fqn),
            "namespace": bundle.namespace,
            "labels": {**marks, labels.WORKSPACE: bundle.workspace, labels.VERSION: version},
            "annotations": {labels.GENERATION: version, labels.COMMAND_ID: command_id},
            "finalizers": [FINALIZER],
        },
        "spec": {
            "project": project_name(bundle.workspace),
            "destination": {"server": target.destination, "namespace": bundle.namespace},
            "source": {
                "repoURL": target.chart_url,
                "chart": CHART_NAME,
                "targetRevision": CHART_VERSION,
                "helm": {
                    "valuesObject": {
                        # Tells in the status which version was compared and synced.
                        "version": version,
                        "objects": [_marked(item, marks) for item in bundle.objects],
                    }
                },
            },
            "syncPolicy": {
                "automated": {"enabled": True, "prune": True, "selfHeal": True},
                # 14 s in all: people wait for the news of a sync that fails.
                "retry": {
                    "limit": 3,
                    "backoff": {"duration": "2s", "factor": 2, "maxDuration": "10s"},
                },
            },
            # Each entry of the history would repeat all values.
            "revisionHistoryLimit": 0,
        },
    }


class ArgoDeliverer:
    """Writes Applications and AppProjects."""

    is_self_healing = True

    def __init__(self, client: KubeClient, rails: GuardRails, target: ArgoTarget) -> None:
        self._client = client
        self._rails = rails
        self._target = target

    async def apply(self, bundle: Bundle, *, command_id: str) -> Outcome:
        """The Application holds the bundle; Argo CD applies it and tells in its status how it goes.

        Raises:
            Refused: a newer version is in the cluster, or too many objects would be deleted.
            UserError: Argo CD is not installed, the bundle is too large, or the name is taken.
            RetryLater: the former Application is still being deleted.
        """
        size = len(json.dumps(bundle.objects, separators=(",", ":"), ensure_ascii=False).encode())
        if size > MAX_ARGOCD_BUNDLE_BYTES:
            raise UserError(
                f"the bundle has {size} bytes, with delivery argocd {MAX_ARGOCD_BUNDLE_BYTES} are "
                "allowed; move large data out of ConfigMaps, or use delivery direct",
                reason="Invalid",
            )
        wanted = build_application(bundle, self._target, command_id=command_id)
        name = wanted["metadata"]["name"]
        found = await self._client.find(ARGOCD_APPLICATION, bundle.namespace, name)
        stale = 0
        if found is not None:
            unchanged = _check_found(found, bundle, command_id)
            if unchanged is not None:
                return unchanged
            stale = len(_refs(found) - {ref_of(item) for item in bundle.objects})
            self._rails.check_deletes(stale)
        elif not await self._client.is_served(ARGOCD_APPLICATION):
            raise UserError(
                "Argo CD is not installed in this cluster (kind Application is not served); "
                "install it, or set the cluster's delivery to direct",
                reason="NotInstalled",
            )
        await self._client.apply(
            ARGOCD_PROJECT, build_project(bundle.workspace, bundle.namespace, self._target)
        )
        await self._client.apply(ARGOCD_APPLICATION, wanted)
        count = len(bundle.objects)
        return Outcome(
            "Applied",
            f"version {bundle.generation}: {count} objects handed to Argo CD, {stale} to delete",
            applied=count,
            pruned=stale,
        )

    async def remove(self, removal: BundleRemoval) -> Outcome:
        """Argo CD has deleted the objects, and the Application is gone.

        Raises:
            Refused: more objects than one command may delete.
            RetryLater: Argo CD has not finished within 30 s.
        """
        name = application_name(removal.application_fqn)
        found = await self._client.find(ARGOCD_APPLICATION, removal.namespace, name)
        if found is None or not _is_of(found, removal.application_id):
            return Outcome("Deleted", "nothing of the application was in the cluster")
        count = len(_refs(found))
        self._rails.check_deletes(count)
        await self._delete(removal.namespace, name, uid=found["metadata"]["uid"])
        return Outcome("Deleted", f"{count} objects deleted by Argo CD", pruned=count)

    async def hand_over(self, bundle: Bundle) -> None:
        """The Application is gone; without its finalizer Argo CD lets the objects be.

        Raises:
            Refused: a newer version is in the cluster, or too many objects would be deleted.
            RetryLater: the Application is not gone within 30 s.
        """
        name = application_name(bundle.application_fqn)
        found = await self._client.find(ARGOCD_APPLICATION, bundle.namespace, name)
        if found is None or not _is_of(found, bundle.application_id):
            return
        _check_generation(found, bundle)
        stale = _refs(found) - {ref_of(item) for item in bundle.objects}
        self._rails.check_deletes(len(stale))
        await self._client.call(
            "PATCH",
            ARGOCD_APPLICATION.path(bundle.namespace, name),
            body=b'{"metadata":{"finalizers":null}}',
            content_type="application/merge-patch+json",
        )
        await self._delete(bundle.namespace, name, uid=found["metadata"]["uid"])
        for ref in sorted(stale):
            resource = current_resource(ref.group, ref.kind)
            if resource is not None:
                await self._client.delete(resource, ref.namespace, ref.name)

    async def _delete(self, namespace: str, name: str, *, uid: str) -> None:
        await self._client.delete(ARGOCD_APPLICATION, namespace, name, uid=uid)
        deadline = time.monotonic() + GONE_WITHIN_SECONDS
        while await self._client.find(ARGOCD_APPLICATION, namespace, name) is not None:
            if time.monotonic() > deadline:
                raise RetryLater(
                    f"Argo CD has not deleted the objects of {name!r} yet", reason="Terminating"
                )
            await asyncio.sleep(POLL_SECONDS)

    async def release(self, removal: NamespaceRemoval) -> None:
        """The workspace's AppProject is gone.

        Raises:
            Refused: an application of the workspace is still there.
        """
        left = await self._client.list_all(
            ARGOCD_APPLICATION,
            Partial,
            namespace=removal.namespace,
            label_selector=labels.APPLICATION_ID,
            is_metadata_only=True,
        )
        if left:
            names = ", ".join(sorted(item.metadata.name for item in left)[:5])
            raise Refused(
                f"namespace {removal.namespace!r} still holds {len(left)} applications ({names}); "
                "delete them first",
                reason="NotEmpty",
            )
        await self._client.delete(
            ARGOCD_PROJECT, self._target.namespace, project_name(removal.workspace)
        )


def _check_found(found: Document, bundle: Bundle, command_id: str) -> Outcome | None:
    """The outcome when there is nothing to do; None when the bundle is to be written."""
    metadata = found["metadata"]
    if metadata.get("deletionTimestamp"):
        raise RetryLater("the former Application is being deleted", reason="Terminating")
    if not _is_of(found, bundle.application_id):
        raise UserError(
            f"an Argo CD Application {metadata['name']!r} that is not this application's is in "
            f"namespace {bundle.namespace!r}; delete it or choose another name",
            reason="NameTaken",
        )
    held = _check_generation(found, bundle)
    notes: dict[str, str] = metadata.get("annotations") or {}
    if held == bundle.generation and notes.get(labels.COMMAND_ID) == command_id:
        return Outcome("Unchanged", f"version {held} was handed over by this command before")
    return None


def _check_generation(found: Document, bundle: Bundle) -> int:
    """The version that the cluster holds; raises Refused when it is newer than the bundle."""
    notes: dict[str, str] = found["metadata"].get("annotations") or {}
    held = int(notes.get(labels.GENERATION, "0"))
    if held > bundle.generation:
        raise Refused(
            f"version {bundle.generation} is older than {held}, which the cluster holds",
            reason="Superseded",
        )
    return held


def _is_of(found: Document, application_id: str) -> bool:
    marks: dict[str, str] = found["metadata"].get("labels") or {}
    return marks.get(labels.APPLICATION_ID) == application_id


def _refs(found: Document) -> set[ObjectRef]:
    helm = found["spec"].get("source", {}).get("helm", {})
    objects: list[Document] = helm.get("valuesObject", {}).get("objects", [])
    return {ref_of(item) for item in objects}


def _marked(document: Document, marks: dict[str, str]) -> Document:
    metadata = dict(document["metadata"])
    metadata["labels"] = {**marks, **(metadata.get("labels") or {})}
    return {**document, "metadata": metadata}
