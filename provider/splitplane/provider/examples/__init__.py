"""One small program for each resource, function and component, in every language."""

from __future__ import annotations

from splitplane.provider.examples.catalogue import EXAMPLES
from splitplane.provider.examples.section import LANGUAGES, described, programs

__all__ = ["EXAMPLES", "LANGUAGES", "described", "programs"]
