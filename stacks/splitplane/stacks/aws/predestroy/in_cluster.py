"""The steps in the cluster: whatever owns something in the account goes while its controller lives.

What puts things back goes first: the agent is stopped, add-ons are no longer synced, and the
Applications of workloads are deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from splitplane.components.addons.application import PROJECT
from splitplane.contract.agent_rbac import NAME as AGENT
from splitplane.contract.labels import MANAGED_BY
from splitplane.stacks.aws.predestroy.cluster_api import Kind, Object
from splitplane.stacks.aws.predestroy.steps import Item, Step, World

DEPLOYMENT: Final = Kind("Deployment", "/apis/apps/v1", "deployments")
STATEFUL_SET: Final = Kind("StatefulSet", "/apis/apps/v1", "statefulsets")
REPLICA_SET: Final = Kind("ReplicaSet", "/apis/apps/v1", "replicasets")
POD: Final = Kind("Pod", "/api/v1", "pods")
SERVICE: Final = Kind("Service", "/api/v1", "services")
CLAIM: Final = Kind("PersistentVolumeClaim", "/api/v1", "persistentvolumeclaims")
VOLUME: Final = Kind("PersistentVolume", "/api/v1", "persistentvolumes", is_namespaced=False)
INGRESS: Final = Kind("Ingress", "/apis/networking.k8s.io/v1", "ingresses")
GATEWAY: Final = Kind("Gateway", "/apis/gateway.networking.k8s.io/v1", "gateways")
APPLICATION: Final = Kind("Application", "/apis/argoproj.io/v1alpha1", "applications")
APPLICATION_SET: Final = Kind("ApplicationSet", "/apis/argoproj.io/v1alpha1", "applicationsets")
NODE_POOL: Final = Kind("NodePool", "/apis/karpenter.sh/v1", "nodepools", is_namespaced=False)
NODE_CLAIM: Final = Kind("NodeClaim", "/apis/karpenter.sh/v1", "nodeclaims", is_namespaced=False)
NODE_CLASSES: Final = (
    Kind("EC2NodeClass", "/apis/karpenter.k8s.aws/v1", "ec2nodeclasses", is_namespaced=False),
    Kind("NodeClass", "/apis/eks.amazonaws.com/v1", "nodeclasses", is_namespaced=False),
)
_POOL_LABEL: Final = "karpenter.sh/nodepool"
_AUTO_MODE: Final = "eks"
"""Who manages the pools and classes that Auto Mode brings, and takes with it."""
_CLOUD_FINALIZER: Final = ".k8s.aws/"
"""In the finalizers of the load balancer controller: `ingress.k8s.aws/resources`."""


def find_agent(world: World) -> list[Item]:
    """The agent, which would deliver again what is deleted."""
    return [
        Item("agent", DEPLOYMENT.name, _name(item), "scale to 0")
        for item in world.kubernetes.read_all(DEPLOYMENT)
        if item["metadata"]["name"] == AGENT and item["spec"].get("replicas", 1)
    ]


def stop_agent(world: World, item: Item) -> None:
    """No agent runs."""
    _scale_to_zero(world, DEPLOYMENT, *_parts(item.name))


def find_synced_addons(world: World) -> list[Item]:
    """Applications of add-ons that Argo CD would put back in order."""
    return [
        Item("add-on-sync", APPLICATION.name, _name(item), "stop its sync")
        for item in world.kubernetes.read_all(APPLICATION)
        if _is_addon(item) and item["spec"].get("syncPolicy", {}).get("automated") is not None
    ]


def stop_sync(world: World, item: Item) -> None:
    """The add-on stays as it is; `pulumi destroy` deletes it later, `pulumi up` syncs it again."""
    patch = {"spec": {"syncPolicy": {"automated": None}}}
    world.kubernetes.merge(APPLICATION, *_parts(item.name), patch)


def find_applications(world: World) -> list[Item]:
    """ApplicationSets and Applications of workloads; those of add-ons stay."""
    found = [(APPLICATION_SET, item) for item in world.kubernetes.read_all(APPLICATION_SET)]
    found += [
        (APPLICATION, item)
        for item in world.kubernetes.read_all(APPLICATION)
        if not _is_addon(item)
    ]
    return [Item("applications", kind.name, _name(item)) for kind, item in found]


def find_load_balancers(world: World) -> list[Item]:
    """Gateways, Services of type LoadBalancer, and Ingresses that have a load balancer."""
    api = world.kubernetes
    found = [(GATEWAY, item) for item in api.read_all(GATEWAY)]
    found += [(INGRESS, item) for item in api.read_all(INGRESS) if _has_cloud_finalizer(item)]
    found += [
        (SERVICE, item)
        for item in api.read_all(SERVICE)
        if item["spec"].get("type") == "LoadBalancer"
    ]
    return [Item("load-balancers", kind.name, _name(item)) for kind, item in found]


def find_volumes(world: World) -> list[Item]:
    """Volumes whose data goes with their claim, as their class says; those with Retain stay."""
    return [
        Item("volumes", VOLUME.name, _name(item), _claim_action(item))
        for item in world.kubernetes.read_all(VOLUME)
        if item["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
    ]


def remove_volume(world: World, item: Item) -> None:
    """The claim's deletion is asked for, and nothing runs any more that uses it."""
    api = world.kubernetes
    for volume in api.read_all(VOLUME):
        if volume["metadata"]["name"] != item.name:
            continue
        claim = volume["spec"].get("claimRef")
        if claim is None or volume.get("status", {}).get("phase") != "Bound":
            api.delete(VOLUME, "", item.name)
            continue
        namespace, name = str(claim["namespace"]), str(claim["name"])
        api.delete(CLAIM, namespace, name)
        for pod in api.read_all(POD):
            if pod["metadata"]["namespace"] == namespace and _uses(pod, name):
                _stop_pod(world, pod)


def find_node_pools(world: World) -> list[Item]:
    """NodePools, without those of Auto Mode itself."""
    return [
        Item("node-pools", NODE_POOL.name, _name(item))
        for item in world.kubernetes.read_all(NODE_POOL)
        if not _is_auto(item)
    ]


def find_node_claims(world: World) -> list[Item]:
    """NodeClaims, without those of Auto Mode's own pools; Karpenter drains and ends their nodes."""
    api = world.kubernetes
    auto = {item["metadata"]["name"] for item in api.read_all(NODE_POOL) if _is_auto(item)}
    return [
        Item("node-claims", NODE_CLAIM.name, _name(item))
        for item in api.read_all(NODE_CLAIM)
        if item["metadata"].get("labels", {}).get(_POOL_LABEL) not in auto
    ]


def find_node_classes(world: World) -> list[Item]:
    """Node classes, without those of Auto Mode itself."""
    return [
        Item("node-classes", kind.name, _name(item))
        for kind in NODE_CLASSES
        for item in world.kubernetes.read_all(kind)
        if not _is_auto(item)
    ]


def delete_object(world: World, item: Item) -> None:
    """The object's deletion is asked for; its finalizers run."""
    namespace, name = _parts(item.name)
    world.kubernetes.delete(_KINDS[item.kind], namespace, name)


STEPS: Final = (
    Step("agent", "cluster", find_agent, stop_agent),
    Step("add-on-sync", "cluster", find_synced_addons, stop_sync),
    Step("applications", "cluster", find_applications, delete_object),
    Step("load-balancers", "cluster", find_load_balancers, delete_object),
    Step("volumes", "cluster", find_volumes, remove_volume),
    Step("node-pools", "cluster", find_node_pools, delete_object),
    Step("node-claims", "cluster", find_node_claims, delete_object),
    Step("node-classes", "cluster", find_node_classes, delete_object),
)
"""In the order in which they are taken."""
_KINDS: Final = {
    kind.name: kind
    for kind in (
        *(APPLICATION, APPLICATION_SET, GATEWAY, INGRESS, SERVICE, NODE_POOL, NODE_CLAIM),
        *NODE_CLASSES,
    )
}


def _name(item: Object) -> str:
    metadata = item["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _parts(name: str) -> tuple[str, str]:
    namespace, _, own = name.rpartition("/")
    return namespace, own


def _is_addon(item: Object) -> bool:
    return bool(item["spec"].get("project") == PROJECT)


def _is_auto(item: Object) -> bool:
    return bool(item["metadata"].get("labels", {}).get(MANAGED_BY) == _AUTO_MODE)


def _has_cloud_finalizer(item: Object) -> bool:
    return any(_CLOUD_FINALIZER in text for text in item["metadata"].get("finalizers", ()))


def _claim_action(volume: Object) -> str:
    claim = volume["spec"].get("claimRef")
    return (
        f"delete with its data, claim {claim['namespace']}/{claim['name']}" if claim else "delete"
    )


def _uses(pod: Object, claim: str) -> bool:
    return any(
        volume.get("persistentVolumeClaim", {}).get("claimName") == claim
        for volume in pod["spec"].get("volumes", ())
    )


def _stop_pod(world: World, pod: Object) -> None:
    """The pod goes; what would make another of it with the same claim is scaled to 0."""
    namespace = str(pod["metadata"]["namespace"])
    for kind, name in _owners(world, pod):
        _scale_to_zero(world, kind, namespace, name)
    world.kubernetes.delete(POD, namespace, str(pod["metadata"]["name"]))


def _owners(world: World, pod: Object) -> Iterator[tuple[Kind, str]]:
    for owner in _references(pod):
        if owner["kind"] == STATEFUL_SET.name:
            yield STATEFUL_SET, str(owner["name"])
        elif owner["kind"] == REPLICA_SET.name:
            for item in world.kubernetes.read_all(REPLICA_SET):
                if item["metadata"].get("uid") == owner["uid"]:
                    above = [one for one in _references(item) if one["kind"] == DEPLOYMENT.name]
                    yield (
                        (DEPLOYMENT, str(above[0]["name"]))
                        if above
                        else (REPLICA_SET, str(owner["name"]))
                    )


def _references(item: Object) -> list[dict[str, Any]]:  # Any: part of a Kubernetes object
    found: list[dict[str, Any]] = item["metadata"].get("ownerReferences", [])
    return found


def _scale_to_zero(world: World, kind: Kind, namespace: str, name: str) -> None:
    world.kubernetes.merge(kind, namespace, name, {"spec": {"replicas": 0}})
