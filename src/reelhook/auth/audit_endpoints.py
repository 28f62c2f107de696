"""`/api/v1/audit`: who changed what."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from reelhook.auth.audit import Audit
from reelhook.auth.audit_export import MEDIA_TYPES, Format, lines
from reelhook.auth.audit_search import AuditFilter
from reelhook.auth.requires import requires
from reelhook.auth.shapes import Shown
from reelhook.kit.pages import Listing, Page, numbered_page
from reelhook.kit.times import GivenTime, Time

Word = Annotated[str | None, Query(max_length=200)]
Actor = Annotated[str | None, Query(max_length=200, description="`person:ID`, or all of a kind: `key:`.")]
Action = Annotated[str | None, Query(max_length=60, description="`person.create`, or all about a thing: `person.`.")]
Text = Annotated[str | None, Query(max_length=200, description="Part of anything in the entry, or of a name.")]


class ShownEntry(Shown):
    id: int
    at: Time
    actor: str
    actor_name: str | None
    action: str
    target: str | None
    target_name: str | None
    remote: str | None
    data: dict[str, Any]


def chosen(
    actor: Actor = None,
    action: Action = None,
    target: Word = None,
    since: GivenTime | None = None,
    until: GivenTime | None = None,
    q: Text = None,
) -> AuditFilter:
    """A dependency: the entries that the query's parameters mean."""
    return AuditFilter(actor, action, target, since, until, q)


Chosen = Annotated[AuditFilter, Depends(chosen)]


def router(audit: Audit) -> APIRouter:
    """`GET /audit`, `GET /audit/export`."""
    routes = APIRouter(prefix="/api/v1/audit", tags=["access"], dependencies=[Depends(requires("audit:read"))])

    @routes.get("")
    async def list_audit(wanted: Annotated[Page, Depends(numbered_page)], which: Chosen) -> Listing[ShownEntry]:
        """What was changed, by whom, from where; newest first."""
        return wanted.listing(_shown(await audit.entries(wanted, which)), lambda entry: entry.id)

    @routes.get(
        "/export",
        response_class=StreamingResponse,
        responses={200: {"content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}}},
    )
    async def export_audit(which: Chosen, format: Format = "jsonl") -> StreamingResponse:
        """The same as a file, whole: one JSON document a line, or CSV that no spreadsheet takes for formulas."""
        headers = {"content-disposition": f'attachment; filename="reelhook-audit.{format}"'}
        pages = audit.every(which)
        # What is wrong is found before the answer begins. Not (): anext() stumbles over a tuple (CPython gh-128078).
        first: Sequence[Any] = await anext(pages, [])
        text = lines(_every(first, pages), ShownEntry, format)
        return StreamingResponse(text, headers=headers, media_type=MEDIA_TYPES[format])

    return routes


async def _every(first: Sequence[Any], rest: AsyncIterator[Sequence[Any]]) -> AsyncIterator[Sequence[ShownEntry]]:
    yield _shown(first)
    async for rows in rest:
        yield _shown(rows)


def _shown(rows: Sequence[Any]) -> list[ShownEntry]:
    return [ShownEntry.model_validate(row) for row in rows]
