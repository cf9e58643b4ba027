"""The OpenAPI document: manifests as request bodies, problems as errors, stable order.

`python -m splitplane.controlplane.openapi` writes docs/openapi.json; a test compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from splitplane.contract.errors import Problem
from splitplane.contract.manifests import MANIFEST_MODELS
from splitplane.controlplane.permissions.declare import Declared, declared_of, walk_routes

_REFS: Final = "#/components/schemas/{model}"
_METHODS: Final = ("get", "post", "put", "delete")


def describe(app: FastAPI) -> None:
    """`app.openapi()` gives the document."""

    def openapi() -> dict[str, Any]:  # Any: OpenAPI
        if app.openapi_schema is None:
            app.openapi_schema = build_document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def build_document(app: FastAPI) -> dict[str, Any]:  # Any: OpenAPI
    """The document of the application's routes."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description="Every error is an RFC 9457 problem document. Every route declares the "
        "permission that it needs in `x-permission`.",
        routes=app.routes,
    )
    _, manifests = models_json_schema(
        [(model, "validation") for model in (*MANIFEST_MODELS.values(), Problem)],
        ref_template=_REFS,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas.update(manifests.get("$defs", {}))
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "`spl_pat_…` or `spl_sa_…`"}
    }
    declared = {
        (route.path, method.lower()): declared_of(route.endpoint)
        for route in walk_routes(app.routes)
        for method in route.methods
    }
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                _describe_operation(item[method], declared.get((path, method)))
    return document


def write_document(target: Path) -> None:
    """The document is in the file, with sorted keys."""
    target.write_text(render_document())


def render_document() -> str:
    """The document as text: sorted keys, so that the same routes give the same bytes."""
    from splitplane.controlplane.app import create_app
    from splitplane.controlplane.settings import Settings

    app = create_app(
        Settings(state_dir=Path("/nonexistent"), replica="openapi", roles=frozenset({"api"})),
        "postgresql+asyncpg://nowhere/none",
    )
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _describe_operation(operation: dict[str, Any], declared: Declared | None) -> None:
    problem = {
        "description": "Problem",
        "content": {
            "application/problem+json": {"schema": {"$ref": _REFS.format(model="Problem")}}
        },
    }
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = problem
    if declared is None:
        return
    if declared.mode == "verbs":
        operation["x-permission"] = sorted(declared.verbs)
    else:
        operation["x-permission"] = declared.mode
    if declared.mode != "public":
        operation["security"] = [{"token": []}]


if __name__ == "__main__":
    write_document(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/openapi.json"))
