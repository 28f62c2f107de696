"""`/api/v1/audit`: who changed what."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from reelhook.auth.audit import Audit
from reelhook.auth.requires import requires
from reelhook.auth.shapes import Shown
from reelhook.kit.pages import Listing, Page, numbered_page
from reelhook.kit.times import Time


class ShownEntry(Shown):
    id: int
    at: Time
    actor: str
    action: str
    target: str | None
    remote: str | None
    data: dict[str, Any]


def router(audit: Audit) -> APIRouter:
    """`GET /audit`."""
    routes = APIRouter(prefix="/audit", tags=["access"], dependencies=[Depends(requires("audit:read"))])

    @routes.get("")
    async def list_audit(wanted: Annotated[Page, Depends(numbered_page)]) -> Listing[ShownEntry]:
        """What was changed, by whom, from where; newest first."""
        entries = [ShownEntry.model_validate(row) for row in await audit.entries(wanted)]
        return wanted.listing(entries, lambda entry: entry.id)

    return routes
