"""Pure facts and functions about the kinds of clusters: no Pulumi, no I/O.

What a cluster can do and what it forces is data here, so that the components (add-on values) and
the control plane (workloads) pass everything that they render through the same functions.
"""

from __future__ import annotations

from splitplane.platforms.aws_neurons import NEURON_RESOURCE
from splitplane.platforms.capabilities import Capabilities, Taint, capabilities_of
from splitplane.platforms.quirks import GPU_RESOURCE, apply_quirks

__all__ = [
    "GPU_RESOURCE",
    "NEURON_RESOURCE",
    "Capabilities",
    "Taint",
    "apply_quirks",
    "capabilities_of",
]
