"""Shared informers of the official Kubernetes client: the peer of our agent's watches.

Runs in an environment of its own: `python informers.py KUBECONFIG SELECTOR KIND...`, where SELECTOR
is a label selector (`-` for none) and KIND such as `pods`. Prints one line when every first list is
in the caches, then stays.
"""

from __future__ import annotations

import sys
import threading

from kubernetes import client, config
from kubernetes.informer import SharedInformer


def list_function(kind: str):
    """The client's method that lists the kind in all namespaces."""
    core, apps, batch = client.CoreV1Api(), client.AppsV1Api(), client.BatchV1Api()
    return {
        "deployments": apps.list_deployment_for_all_namespaces,
        "events": core.list_event_for_all_namespaces,
        "jobs": batch.list_job_for_all_namespaces,
        "pods": core.list_pod_for_all_namespaces,
        "replicasets": apps.list_replica_set_for_all_namespaces,
        "services": core.list_service_for_all_namespaces,
    }[kind]


def is_listed(informer: SharedInformer) -> bool:
    """Whether the first list is in the cache; the informer has no public word for it."""
    return informer._resource_version is not None


def main() -> None:
    """Starts one informer a kind and stays until it is ended."""
    kubeconfig, selector, *kinds = sys.argv[1:]
    config.load_kube_config(kubeconfig)
    informers = [
        SharedInformer(list_function(kind), label_selector=None if selector == "-" else selector)
        for kind in kinds
    ]
    for informer in informers:
        informer.start()
    pause = threading.Event()
    while not all(is_listed(informer) for informer in informers):
        pause.wait(0.02)
    counts = [f"{kind}={len(i.cache.list())}" for kind, i in zip(kinds, informers, strict=True)]
    print(" ".join(counts), flush=True)
    pause.wait()


if __name__ == "__main__":
    main()
