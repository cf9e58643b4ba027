"""`splitplane get` and `splitplane delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from splitplane.cli.options import Endpoint, FileOption, Kind, Output, OutputOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from splitplane.client.client import Client
    from splitplane.contract.nouns import Noun
    from splitplane.contract.views import ObjectView


def get(
    kind: Kind,
    name: Annotated[str | None, typer.Argument(help="Name or id; all if left out.")] = None,
    output: OutputOption = Output.TABLE,
    workspace: Annotated[
        str | None, typer.Option(help="Only applications in CLUSTER:WORKSPACE.")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="Only what is on this cluster.")] = None,
    endpoint: Endpoint = None,
) -> None:
    """Print objects of one kind."""
    from splitplane.cli.connect import noun_of, open_client, reference
    from splitplane.cli.output import print_json, print_yaml

    noun = noun_of(kind)
    ref = reference(noun, name) if name is not None else None
    with open_client(endpoint) as client:
        if ref is not None:
            found: ObjectView | list[ObjectView] = client.get(noun.kind, ref)
        else:
            found = list(client.list(noun.kind, workspace=workspace, cluster=cluster))
    if output is Output.JSON:
        print_json(found)
        return
    objects = found if isinstance(found, list) else [found]
    if output is Output.YAML:
        print_yaml([_bare(item.manifest) for item in objects])
    else:
        _print_objects(noun, objects)


def delete(
    kind: Annotated[str | None, typer.Argument(help="Kind of the object.")] = None,
    name: Annotated[str | None, typer.Argument(help="Name or id of the object.")] = None,
    file: FileOption = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Remove an application or workspace at once and leave what lies in the cluster "
            "there; for a cluster whose agent will not come back.",
        ),
    ] = False,
    endpoint: Endpoint = None,
) -> None:
    """Delete one object, or everything that the manifests describe."""
    from splitplane.cli.connect import noun_of, open_client, reference
    from splitplane.cli.output import say

    if force and (file is not None or not kind or noun_of(kind).kind not in _FORCIBLE):
        raise typer.BadParameter(
            "only one application or workspace can be deleted by force", param_hint="--force"
        )

    if file is not None and (kind or name):
        raise typer.BadParameter("give KIND NAME or -f, not both", param_hint="-f")
    if file is None and not (kind and name):
        raise typer.BadParameter("give KIND NAME, or -f with manifests", param_hint="KIND NAME")
    if file is None:
        noun = noun_of(str(kind))
        targets: list[tuple[str, str]] = [(noun.kind, reference(noun, str(name)))]
    else:
        targets = _targets(file)
    with open_client(endpoint) as client:
        for target_kind, ref in targets:
            done = _delete(client, target_kind, ref, is_set=bool(file), force=force)
            say(f"{target_kind} {ref} {done}")


def _delete(client: Client, kind: str, ref: str, *, is_set: bool, force: bool) -> str:
    from splitplane.client.errors import NotFound

    try:
        client.delete(kind, ref, force=force)
    except NotFound:
        if not is_set:  # of a set, what is gone already is no error
            raise
        return "was not there"
    return "deleted"


def _targets(file: str) -> list[tuple[str, str]]:
    """What the manifests describe, what is contained before what contains it."""
    from splitplane.cli.exits import WRONG_INPUT, CommandFailed
    from splitplane.cli.files import read_documents
    from splitplane.contract.manifests import ManifestError, parse_manifest
    from splitplane.contract.nouns import NOUNS, fqn_of, noun_for_type

    found: list[tuple[int, str, str]] = []
    for document in read_documents(file):
        try:
            manifest = parse_manifest(document.data)
        except ManifestError as exc:
            place = document.place(exc.errors[0].field)
            raise CommandFailed(f"{place}: {exc}", WRONG_INPUT) from exc
        noun = noun_for_type(manifest.type)
        found.append((NOUNS.index(noun), noun.kind, str(fqn_of(manifest))))
    found.sort(key=lambda item: item[0], reverse=True)
    return [(kind, ref) for _, kind, ref in found]


_FORCIBLE = ("application", "workspace")
"""Kinds whose deletion waits for the cluster's agent."""

_FACTS = {
    "cluster": ("provider_kind", "environments", "delivery"),
    "workspace": ("environment",),
    "application": ("type", "image", "replicas"),
    "environment": ("is_production", "optimize_for"),
    "ml-repo": ("storage_integration",),
    "user": ("tenant_role",),
    "service-account": ("tenant_role",),
    "role": ("scope",),
    "storage-integration": ("storage.kind",),
    "secret-store": ("store.kind",),
    "secret-group": ("secret_store",),
    "container-registry": ("registry.kind",),
    "team": ("tenant_role",),
    "role-binding": ("subject", "role", "object"),
    "service-account-token": ("service_account",),
}
"""Fields of the manifest that the table shows, by kind; dotted for nested ones."""


_WORDS = str.maketrans("_.", "  ")


def _print_objects(noun: Noun, objects: Sequence[ObjectView]) -> None:
    from splitplane.cli.output import age, print_table, warn

    if not objects:
        warn(f"no {noun.plural}")
        return
    facts = _FACTS.get(noun.kind, ())
    headers = ["NAME", "STATUS", *[fact.upper().translate(_WORDS) for fact in facts], "AGE"]
    rows = [
        [
            item.fqn,
            item.status,
            *[_cell(_value_at(item.manifest, fact)) for fact in facts],
            age(item.created_at),
        ]
        for item in objects
    ]
    print_table(headers, rows)


def _value_at(manifest: dict[str, object], path: str) -> object:
    value: object = manifest
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _bare(manifest: dict[str, object]) -> dict[str, object]:
    """Without fields that are left out anyway: null and empty ones."""
    first = {"type": manifest.get("type"), "name": manifest.get("name")}
    return first | {key: value for key, value in manifest.items() if value not in (None, [], {})}
