"""What AWS' checker parliament finds in IAM documents, beside what `iam_check` asserts.

parliament 1.6 warns when it is loaded (pkg_resources, files left open, escapes in patterns), and
tests take warnings for errors; so it is loaded here alone, with warnings off.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any


def read_findings(document: str | Mapping[str, Any]) -> list[str]:  # Any: a document of IAM
    """Every finding, as `ISSUE: detail`; empty when there are none.

    Args:
        document: an identity policy, or its text.
    """
    text = document if isinstance(document, str) else json.dumps(document)
    parliament = _load()
    policy = parliament.analyze_policy_string(text)
    return sorted(
        f"{found.issue}: {found.detail or parliament.enhance_finding(found).title}"
        for found in policy.findings
    )


def _load() -> Any:  # Any: parliament has no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import parliament
    return parliament
