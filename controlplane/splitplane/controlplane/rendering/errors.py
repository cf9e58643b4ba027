"""What rendering refuses."""

from __future__ import annotations


class RenderError(ValueError):
    """The manifest cannot be rendered for the cluster; the message says what to change."""
