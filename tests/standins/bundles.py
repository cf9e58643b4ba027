"""Bundles for tests of delivery: a small Deployment, a Job, and what asks for their removal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from splitplane.contract import labels
from splitplane.contract.commands import Bundle, BundleRemoval, NamespaceRemoval
from splitplane.contract.ids import uuid7

Document = dict[str, Any]


class Deployed:
    """One application of one workspace, with the commands about it."""

    def __init__(self, namespace: str, *, delivery: str = "direct") -> None:
        """An application with a fresh id in the workspace of that name."""
        self.namespace = namespace
        self.application_id = uuid7()
        self.delivery: Any = delivery

    def bundle(self, generation: int, objects: Sequence[Document]) -> Bundle:
        """Version `generation` of the application."""
        return Bundle(
            application_id=self.application_id,
            application_fqn=f"prod-eu:{self.namespace}:ranker",
            workspace=self.namespace,
            namespace=self.namespace,
            namespace_labels={"team": "ranking"},
            generation=generation,
            delivery=self.delivery,
            objects=list(objects),
        )

    def removal(self) -> BundleRemoval:
        """Removal of the application."""
        return BundleRemoval(
            application_id=self.application_id,
            application_fqn=f"prod-eu:{self.namespace}:ranker",
            workspace=self.namespace,
            namespace=self.namespace,
            delivery=self.delivery,
        )

    def namespace_removal(self) -> NamespaceRemoval:
        """Removal of the workspace's namespace."""
        return NamespaceRemoval(
            workspace=self.namespace, namespace=self.namespace, delivery=self.delivery
        )

    def config_map(self, name: str, **data: str) -> Document:
        """A ConfigMap."""
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": self._metadata(name, "1"),
            "data": data,
        }

    def deployment(self, name: str = "ranker", *, version: int = 1, replicas: int = 1) -> Document:
        """A Deployment whose pods run on the simulated nodes."""
        selector = {labels.APPLICATION_ID: self.application_id}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": self._metadata(name, str(version)),
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": selector},
                "template": {
                    "metadata": {"labels": {**selector, labels.VERSION: str(version)}},
                    "spec": {
                        "containers": [{"name": "main", "image": "registry.example.com/r:1"}],
                        "tolerations": [{"operator": "Exists"}],
                    },
                },
            },
        }

    def _metadata(self, name: str, version: str) -> Document:
        return {
            "name": name,
            "namespace": self.namespace,
            "labels": {labels.APPLICATION_ID: self.application_id, labels.VERSION: version},
        }
