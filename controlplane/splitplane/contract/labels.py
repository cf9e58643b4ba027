"""Label and annotation keys that the control plane renders and the agent reads."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "splitplane.io"

APPLICATION_ID: Final = f"{PREFIX}/application-id"
"""Label: id of the application that the object belongs to; the agent watches by it."""

APPLICATION: Final = f"{PREFIX}/application"
"""Label: name of the application."""

WORKSPACE: Final = f"{PREFIX}/workspace"
"""Label on namespaces and workloads: name of the workspace."""

VERSION: Final = f"{PREFIX}/version"
"""Label: number of the deployment that rendered the object, without the v. Not part of
selectors."""

COMMAND_ID: Final = f"{PREFIX}/command-id"
"""Annotation: command that applied the object last."""

GENERATION: Final = f"{PREFIX}/generation"
"""Annotation: generation of the bundle that applied the object last."""

CREATED_BY_AGENT: Final = f"{PREFIX}/created-by-agent"
"""Annotation on namespaces that the agent made, and may therefore delete."""

WORKSPACE_ID: Final = f"{PREFIX}/workspace-id"
"""Annotation on namespaces: id of the workspace whose limits were applied last."""

LIMITS: Final = f"{PREFIX}/limits"
"""Label of quotas and network policies that belong to a workspace's namespace itself, with the
workspace's name; the agent deletes those that are no longer wanted by it."""

LIMIT_KINDS: Final = f"{PREFIX}/limit-kinds"
"""Annotation on namespaces: kinds of the limits in it, `Kind.group`, separated by commas."""

ORDER: Final = f"{PREFIX}/order"
"""Annotation on namespaces: the signed command whose state the namespace has, as JSON, for the
agent to put back what somebody changed. Absent while a state is being applied."""

COMPUTE_MODE: Final = f"{PREFIX}/compute-mode"
"""Label of clusters of kind eks, `auto_mode` where EKS Auto Mode makes the nodes with GPUs: they
carry other labels than those of Karpenter."""
AUTO_MODE: Final = "auto_mode"

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGED_BY_VALUE: Final = "splitplane"

FIELD_MANAGER: Final = "splitplane-agent"
"""The one field manager of the agent's server-side applies."""
