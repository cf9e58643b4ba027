"""Two bases for all models: strict for what people write, tolerant for what peers send.

A typo in a manifest must fail. A field that a newer control plane adds to an answer must not break
an older client, so answers and frames are read with unknown fields dropped.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """Input of people: frozen, unknown fields refused, field docstrings become descriptions."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class PeerModel(BaseModel):
    """Answers and frames: frozen, unknown fields dropped, field docstrings become descriptions."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)
