"""One small program for each resource, function and component, in every language."""

from __future__ import annotations

from splitplane.provider.examples.catalogue import EXAMPLES
from splitplane.provider.examples.section import LANGUAGES, programs, with_examples

__all__ = ["EXAMPLES", "LANGUAGES", "programs", "with_examples"]
