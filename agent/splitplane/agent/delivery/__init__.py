"""How bundles reach the cluster: applied by the agent (`direct`), or by Argo CD (`argocd`)."""

from __future__ import annotations

from splitplane.agent.delivery.base import Deliverer, Outcome

__all__ = ["Deliverer", "Outcome"]
