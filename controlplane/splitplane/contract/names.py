"""The rule for names, one for every noun, with the longest length of each.

Names become Kubernetes namespaces, Services and label values, so the rule is RFC 1123's label with
a leading letter. Names never change; display names do.
"""

from __future__ import annotations

import re
from typing import Final

from splitplane.contract.fqn import PREFIXES

NAME_PATTERN: Final = r"^[a-z]([a-z0-9-]*[a-z0-9])?$"

MAX_NAME_LENGTHS: Final[dict[str, int]] = {
    "environment": 32,
    # Part of many derived names in the clouds; EKS allows 100, AKS 63, GKE 40.
    "cluster": 35,
    # The namespace's name; 63 is Kubernetes' limit, the rest is left for suffixes.
    "workspace": 32,
    # A Service's name (63) less a version suffix and room for `-` + workspace in host names.
    "application": 40,
    "storage-integration": 40,
    "ml-repo": 40,
    "service-account": 40,
    "role": 40,
    "team": 40,
    "secret-store": 40,
    "secret-group": 40,
    "container-registry": 40,
    "role-binding": 40,
    "service-account-token": 40,
}

MIN_NAME_LENGTH: Final = 2

RESERVED_NAMESPACE_PREFIXES: Final = ("kube-", "splitplane-", "openshift-", "istio-")
RESERVED_NAMESPACES: Final = frozenset(
    {"default", "argocd", "argo-workflows", "argo-rollouts", "keda"}
)

RESERVED_CLUSTER_NAMES: Final = PREFIXES | {"artifact", "model", "secret", "tenant", "volume"}
"""Words that open the names of other things: `user:team1` could be a workspace otherwise."""

_NAME = re.compile(NAME_PATTERN)


def check_name(kind: str, name: str) -> None:
    """Raises ValueError when `name` breaks the rule for `kind`; the message says the rule.

    Args:
        kind: a key of `MAX_NAME_LENGTHS`.
        name: the name to check.
    """
    longest = MAX_NAME_LENGTHS[kind]
    if not MIN_NAME_LENGTH <= len(name) <= longest or _NAME.fullmatch(name) is None:
        raise ValueError(
            f"{kind} name {name!r} is not allowed: use {MIN_NAME_LENGTH} to {longest} lower-case "
            "letters, digits and hyphens, starting with a letter and not ending with a hyphen"
        )
    if kind == "cluster" and name in RESERVED_CLUSTER_NAMES:
        raise ValueError(
            f"cluster name {name!r} is reserved: names of other things start with it; choose one "
            f"other than {', '.join(sorted(RESERVED_CLUSTER_NAMES))}"
        )
    if kind == "workspace" and is_reserved_namespace(name):
        raise ValueError(
            f"workspace name {name!r} is reserved: it is a namespace of a cluster component; "
            "choose a name that is not default and does not start with "
            f"{', '.join(RESERVED_NAMESPACE_PREFIXES)}"
        )


def is_reserved_namespace(name: str) -> bool:
    """Whether the namespace belongs to the cluster or an add-on: no workload may go there."""
    return name in RESERVED_NAMESPACES or name.startswith(RESERVED_NAMESPACE_PREFIXES)
