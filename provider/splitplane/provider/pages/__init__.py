"""The pages of docs/resources: one for each resource, function and component."""

from __future__ import annotations

from splitplane.provider.pages.render import DIRECTORY, render_pages

__all__ = ["DIRECTORY", "render_pages"]
