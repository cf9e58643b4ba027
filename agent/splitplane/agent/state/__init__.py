"""The live state of what the agent delivered: trimmed, held in memory, told to the hub."""

from __future__ import annotations

from splitplane.agent.state.store import LiveStore

__all__ = ["LiveStore"]
