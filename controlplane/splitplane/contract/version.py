"""Versions of the product, of the REST API and of the agent's protocol, in one place."""

from __future__ import annotations

VERSION = "0.1.0"
"""Version of the distribution; the same for provider, agent and control plane."""

API_VERSION = "v1"
"""Path segment of the REST API: `/api/v1/…`."""

AGENT_PROTOCOL_MINIMUM = 1
"""Oldest control-socket protocol that this version speaks."""

AGENT_PROTOCOL_MAXIMUM = 1
"""Newest control-socket protocol that this version speaks."""
