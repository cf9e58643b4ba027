"""`apply`: many manifests in one transaction, all or nothing, with a result for each.

A dry run does the same and rolls back, so that it says exactly what would happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from splitplane.contract.errors import ErrorCode, FieldError, Problem
from splitplane.contract.manifests import Manifest, ManifestError, parse_manifest
from splitplane.contract.nouns import NOUNS, fqn_of, noun_for_type
from splitplane.contract.views import ApplyResult, JsonObject, PermissionResult
from splitplane.controlplane.errors import Refused, UserError
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.service import Written, apply_one
from splitplane.controlplane.nouns.views import to_views
from splitplane.controlplane.web.problems import to_problem

_ORDER = {noun.kind: index for index, noun in enumerate(NOUNS)}


@dataclass(frozen=True)
class _Entry:
    index: int
    manifest: Manifest


async def apply_all(
    ctx: Context, manifests: Sequence[JsonObject]
) -> tuple[bool, list[ApplyResult]]:
    """Whether everything would hold, and the result of each manifest in the request's order.

    Everything lies in the context's transaction; the caller commits when the first value is true
    and it is no dry run, and rolls back otherwise. What is referred to is written before what
    refers to it, whatever the order of the request.
    """
    results: dict[int, ApplyResult] = {}
    entries = _parse(manifests, results)
    written: list[tuple[int, Written]] = []
    for entry in sorted(entries, key=_rank):
        try:
            async with ctx.session.begin_nested():
                done = await apply_one(ctx, entry.manifest)
        except (UserError, Refused) as error:
            # The savepoint's rows are gone; so is what was remembered about them.
            ctx.access.forget()
            results[entry.index] = _failed(entry, error)
            continue
        written.append((entry.index, done))
        results[entry.index] = _result(entry.index, done)
    is_good = len(written) == len(manifests)
    if is_good:
        for index, done in written:
            kind = noun_for_type(str(done.row.manifest["type"])).kind
            (view,) = await to_views(ctx.session, kind, [done.row], ctx.shown_once)
            results[index] = results[index].model_copy(update={"object": view})
    return is_good, [results[index] for index in range(len(manifests))]


def without_objects(results: Sequence[ApplyResult]) -> list[ApplyResult]:
    """The results of something that was not written."""
    return [result.model_copy(update={"object": None}) for result in results]


def _parse(manifests: Sequence[JsonObject], results: dict[int, ApplyResult]) -> list[_Entry]:
    entries: list[_Entry] = []
    seen: dict[str, int] = {}
    for index, data in enumerate(manifests):
        try:
            manifest = parse_manifest(data)
            fqn = str(fqn_of(manifest))
            if fqn in seen:
                raise ManifestError(
                    [
                        FieldError(
                            field="name",
                            value=manifest.name,
                            message=f"{fqn!r} is manifest {seen[fqn]} of this request already",
                            hint="send each object once",
                        )
                    ]
                )
        except ManifestError as error:
            wrong = UserError(ErrorCode.INVALID_INPUT, str(error), errors=error.errors)
            results[index] = ApplyResult(index=index, action="invalid", problem=to_problem(wrong))
            continue
        seen[fqn] = index
        entries.append(_Entry(index, manifest))
    return entries


def _rank(entry: _Entry) -> tuple[int, str]:
    return _ORDER[noun_for_type(entry.manifest.type).kind], str(fqn_of(entry.manifest))


def _result(index: int, done: Written) -> ApplyResult:
    assert done.action != "replayed"
    return ApplyResult(
        index=index,
        fqn=done.row.fqn,
        kind=noun_for_type(str(done.row.manifest["type"])).kind,
        action=done.action,
        changes=done.changes,
        permission=PermissionResult(verb=done.verb, allowed=True, reason="granted by a role"),
    )


def _failed(entry: _Entry, error: UserError | Refused) -> ApplyResult:
    problem: Problem = to_problem(error)
    verb = error.verb if isinstance(error, Refused) else None
    return ApplyResult(
        index=entry.index,
        fqn=str(fqn_of(entry.manifest)),
        kind=noun_for_type(entry.manifest.type).kind,
        action="denied" if isinstance(error, Refused) else "invalid",
        permission=None
        if verb is None
        else PermissionResult(verb=verb, allowed=False, reason=error.detail),
        problem=problem,
    )
