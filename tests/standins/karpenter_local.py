"""Karpenter's own core beside a local cluster, with machines that are Node objects alone.

Its kwok provider knows no EC2NodeClass and no EC2: a class of its own takes that place, and a list
of machines with the labels that Karpenter gives to those of EC2. All else of a pool stays as it is.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from platform_harness import wait_for
from platform_processes import Program

from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.ports import choose_free, is_listening
from splitplane.stacks.tools import resolve

Manifest = dict[str, Any]  # Any: Kubernetes objects and JSON

ZONES: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
_CLASS: Final = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass"}
_AWS: Final = "karpenter.k8s.aws"
_SPOT_SHARE: Final = 0.3
"""Of the price on demand; what it is exactly decides nothing here."""


@dataclass(frozen=True)
class Machine:
    """A kind of machine.

    Attributes:
        name: `FAMILY.SIZE`.
        cores: its cores.
        memory_gib: its memory, GiB.
        price: USD an hour on demand, near the real ones, so that cheaper ones are cheaper here.
        architecture: of its processor.
        gpu_name: Karpenter's label of its GPU; None without.
        gpu_count: its GPUs.
    """

    name: str
    cores: int
    memory_gib: int
    price: float
    architecture: str = "amd64"
    gpu_name: str | None = None
    gpu_count: int = 0

    @property
    def family(self) -> str:
        """What stands before the dot."""
        return self.name.partition(".")[0]


def _sizes(family: str, gib: int, price: float, **more: Any) -> Iterator[Machine]:
    sizes = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "16xlarge": 64}
    for size, cores in sizes.items():
        yield Machine(f"{family}.{size}", cores, cores * gib, round(cores * price, 4), **more)


MACHINES: Final = (
    *_sizes("c6i", 2, 0.0456),
    *_sizes("c7i", 2, 0.0479),
    *_sizes("m5", 4, 0.0535),
    *_sizes("m7i", 4, 0.0562),
    *_sizes("r7i", 8, 0.0741),
    # Cheaper than all above, and none that our pools may take: too old, not general, another
    # processor.
    *_sizes("m4", 4, 0.03),
    *_sizes("t3", 4, 0.02),
    *_sizes("c7g", 2, 0.025, architecture="arm64"),
    Machine("g4dn.xlarge", 4, 16, 0.587, gpu_name="t4", gpu_count=1),
    Machine("g5.xlarge", 4, 16, 1.123, gpu_name="a10g", gpu_count=1),
    Machine("g5.12xlarge", 48, 192, 6.3305, gpu_name="a10g", gpu_count=4),
    Machine("p5.48xlarge", 192, 2048, 65.0, gpu_name="h100", gpu_count=8),
)


def kwok_pool(
    node_pool: Manifest, *, idle_seconds: int, machines: Sequence[Machine] = MACHINES
) -> Manifest:
    """The NodePool with the stand-in's class, and its own time after which idle nodes go.

    Its provider chooses a machine only among named ones, and for a fixed number of nodes nobody has
    named any: there those are named that fit.

    Args:
        node_pool: of `build_node_pool`.
        idle_seconds: in place of its own, which no test can wait for.
        machines: those that there are.
    """
    spec = node_pool["spec"]
    template = spec["template"]
    inner = {**template["spec"]}
    inner["nodeClassRef"] = {**_CLASS, "name": inner["nodeClassRef"]["name"]}
    if "replicas" in spec:
        names = [machine.name for machine in machines if _fits(machine, inner["requirements"])]
        named = {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": names}
        inner["requirements"] = [*inner["requirements"], named]
    return {
        **node_pool,
        "spec": {
            **spec,
            "template": {**template, "spec": inner},
            "disruption": {**spec["disruption"], "consolidateAfter": f"{idle_seconds}s"},
        },
    }


def kwok_class(node_class: Manifest) -> Manifest:
    """The stand-in of an EC2NodeClass: it has its name and nothing else of it."""
    return {
        "apiVersion": f"{_CLASS['group']}/v1alpha1",
        "kind": _CLASS["kind"],
        "metadata": {"name": node_class["metadata"]["name"]},
        "spec": {},
    }


def instance_types(machines: Sequence[Machine] = MACHINES) -> list[Manifest]:
    """The machines as the provider reads them: each on demand and spot in every zone."""
    return [
        {
            "name": machine.name,
            "architecture": machine.architecture,
            "operatingSystems": ["linux"],
            "resources": _resources(machine),
            "offerings": [
                {
                    "Price": machine.price * (_SPOT_SHARE if capacity == "spot" else 1),
                    "Available": True,
                    "Requirements": [
                        _is("karpenter.sh/capacity-type", capacity),
                        _is("topology.kubernetes.io/zone", zone),
                        *(_is(key, value) for key, value in _labels(machine).items()),
                    ],
                }
                for capacity in ("on-demand", "spot")
                for zone in ZONES
            ],
        }
        for machine in machines
    ]


def feature_gates(values: Manifest) -> str:
    """Gates of the chart's values as the controller reads them: `NodeRepair=true,…`."""
    gates: dict[str, bool] = values["settings"]["featureGates"]
    return ",".join(
        f"{name[0].upper()}{name[1:]}={str(is_on).lower()}" for name, is_on in gates.items()
    )


@contextmanager
def running_karpenter(
    cluster: LocalCluster, *, gates: str, machines: Sequence[Machine] = MACHINES
) -> Iterator[Program]:
    """Karpenter decides on nodes of the cluster; its definitions have to be there.

    Args:
        cluster: a running cluster.
        gates: of `feature_gates`.
        machines: those that there are.
    """
    with tempfile.TemporaryDirectory(prefix="splitplane-karpenter-") as name:
        folder = Path(name)
        types = folder / "instance-types.json"
        types.write_text(json.dumps(instance_types(machines)), encoding="utf-8")
        metrics, health = choose_free(2)
        guard = Guard()
        program = Program(
            "karpenter",
            [str(resolve("karpenter-kwok"))],
            log=folder / "karpenter.log",
            guard=guard,
            environment={
                "KUBECONFIG": str(cluster.kubeconfig),
                "INSTANCE_TYPES_FILE_PATH": str(types),
                "DISABLE_LEADER_ELECTION": "true",
                "FEATURE_GATES": gates,
                "METRICS_PORT": str(metrics),
                "HEALTH_PROBE_PORT": str(health),
                # Pods that are made together have to be seen together, on a busy machine too: what
                # they share decides on the size of a node.
                "BATCH_IDLE_DURATION": "3s",
                "BATCH_MAX_DURATION": "15s",
            },
        )
        try:
            program.start()

            def answers() -> bool:
                program.check_alive()
                return is_listening(health)

            wait_for(answers, what="Karpenter to start")
            yield program
        finally:
            if program.is_running():
                program.stop()
            guard.dismiss()


def _resources(machine: Machine) -> dict[str, str]:
    gpus = {"nvidia.com/gpu": str(machine.gpu_count)} if machine.gpu_count else {}
    return {
        "cpu": str(machine.cores),
        "memory": f"{machine.memory_gib}Gi",
        "ephemeral-storage": "100Gi",
        "pods": "110",
        **gpus,
    }


def _labels(machine: Machine) -> dict[str, str | None]:
    """What Karpenter says of a machine of EC2; a None is said too."""
    family = machine.family
    category = family.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip("0123456789")
    return {
        f"{_AWS}/instance-category": category,
        f"{_AWS}/instance-family": family,
        f"{_AWS}/instance-generation": family.removeprefix(category)[0],
        f"{_AWS}/instance-cpu": str(machine.cores),
        f"{_AWS}/instance-gpu-name": machine.gpu_name,
        f"{_AWS}/instance-gpu-count": str(machine.gpu_count) if machine.gpu_count else None,
    }


def _fits(machine: Machine, requirements: Sequence[Manifest]) -> bool:
    labels = {**_labels(machine), "kubernetes.io/arch": machine.architecture}
    for item in requirements:
        if item["key"] not in labels:
            continue
        label, values = labels[item["key"]], item["values"]
        ordered = {"Gte": 1, "Lte": -1}.get(item["operator"])
        if ordered is None and label not in values:
            return False
        if ordered is not None and ordered * (int(label or 0) - int(values[0])) < 0:
            return False
    return True


def _is(key: str, value: str | None) -> Manifest:
    if value is None:
        return {"key": key, "operator": "DoesNotExist"}
    return {"key": key, "operator": "In", "values": [value]}
