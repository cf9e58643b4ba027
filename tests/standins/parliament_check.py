"""Which findings of parliament on an IAM document mean something.

parliament reads statement by statement, and misses in each the resources that an action may need
beside those that stand there. A document that gives each kind of resource of an action conditions
of its own has several statements with that action; together they have all kinds.
"""

from __future__ import annotations

import ast
import fnmatch
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iam_findings import read_findings

_MISMATCH = "RESOURCE_MISMATCH: "
Json = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Findings:
    """What was found in a document.

    Attributes:
        real: what is wrong, or has to be explained.
        elsewhere: `action kind`, sorted: a statement lacks the kind of resource, and another of
            the same document has it for the action.
    """

    real: tuple[str, ...]
    elsewhere: tuple[str, ...]


def find(document: str) -> Findings:
    """The findings of parliament, with those apart that another statement answers."""
    statements: list[Json] = json.loads(document)["Statement"]
    real: list[str] = []
    elsewhere: set[str] = set()
    for finding in read_findings(document):
        if not finding.startswith(_MISMATCH):
            real.append(finding)
            continue
        for missing in ast.literal_eval(finding.removeprefix(_MISMATCH)):
            action, wanted = missing["action"], missing["required_format"]
            if _has(statements, action, wanted):
                elsewhere.add(f"{action} {wanted.split(':', 5)[-1]}")
            else:
                real.append(f"{_MISMATCH}{action} {wanted}")
    return Findings(tuple(real), tuple(sorted(elsewhere)))


def _has(statements: Sequence[Json], action: str, wanted: str) -> bool:
    return any(
        resource == wanted if wanted == "*" else fnmatch.fnmatchcase(resource, wanted)
        for statement in statements
        if statement["Effect"] == "Allow" and action in statement["Action"]
        for resource in statement["Resource"]
    )
