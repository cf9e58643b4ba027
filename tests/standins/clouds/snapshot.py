"""What a program registers as canonical JSON, to be held against a committed file.

`UPDATE_SNAPSHOTS=1` in the environment writes the files anew; a test run without it never does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recording_monitor import Recording, Registered

from splitplane.provider.codec import Asset, Secret, Unknown, plain_ids

UPDATE_VARIABLE = "UPDATE_SNAPSHOTS"
SECRET = "[secret]"
UNKNOWN = "[unknown]"

_LEFT_OUT = {"dependencies", "parent", "inputs", "create_timeout"}


def snapshot(recording: Recording) -> str:
    """The resources by type and name, with what is not set left out and secrets redacted."""
    listed = [_resource(item) for item in sorted(recording.resources, key=lambda item: item.urn)]
    return json.dumps(listed, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def assert_snapshot(path: Path, text: str) -> None:
    """The file holds exactly this text, or is written when the environment asks for it."""
    if os.environ.get(UPDATE_VARIABLE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return
    assert path.exists(), f"{path} is missing: run again with {UPDATE_VARIABLE}=1 and read it"
    assert path.read_text() == text, f"{path} differs: if it should, use {UPDATE_VARIABLE}=1"


def redacted(value: Any) -> Any:  # Any: a property value, then JSON
    """The value in JSON, without anything that is secret."""
    if isinstance(value, Secret):
        return SECRET
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Asset):
        return {"asset": [list(item) for item in value.fields]}
    if isinstance(value, dict):
        return {key: redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


def _resource(item: Registered) -> dict[str, Any]:  # Any: JSON
    options = {key: value for key, value in asdict(item).items() if key not in _LEFT_OUT and value}
    options["properties"] = redacted(plain_ids(item.properties))
    shortened: dict[str, Any] = _short(options)
    return shortened


def _short(value: Any) -> Any:  # Any: JSON
    """Without the stack's and project's part of each URN."""
    if isinstance(value, str) and value.startswith("urn:pulumi:"):
        return "::".join(value.split("::")[2:])
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items: Iterable[Any] = value
        return [_short(item) for item in items]
    return value
