"""The annotation that says what the official plugin waits for; here it is only read.

Syntax: https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/, "waitFor".
"""

from __future__ import annotations

import json
import re
from typing import Any

from splitplane.provider.backend import Failure
from splitplane.provider.codec import has_unknown

ANNOTATION = "pulumi.com/waitFor"
_JSON_PATH = re.compile(r"^jsonpath=\{\.[^{}]+\}(=.+)?$")
_CONDITION = re.compile(r"^condition=[A-Za-z0-9./-]+(=.+)?$")


def wrong_waits(annotations: Any) -> list[Failure]:
    """What is wrong with the annotation: one expression, or a JSON list of them."""
    if not isinstance(annotations, dict) or has_unknown(annotations.get(ANNOTATION)):
        return []
    text = annotations.get(ANNOTATION)
    if text is None:
        return []
    expressions = _expressions(str(text))
    wrong = [item for item in expressions if not (_JSON_PATH.match(item) or _CONDITION.match(item))]
    if expressions and not wrong:
        return []
    path = f"metadata.annotations[{ANNOTATION!r}]"
    return [Failure(path, f"{text!r} is neither jsonpath={{.PATH}}=VALUE nor condition=TYPE")]


def _expressions(text: str) -> list[str]:
    if not text.startswith("["):
        return [text]
    try:
        found = json.loads(text)
    except ValueError:
        return [text]
    return [str(item) for item in found]
