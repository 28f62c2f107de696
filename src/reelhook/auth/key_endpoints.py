"""`/api/v1/keys`: API keys for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from reelhook.auth.keys import LONGEST_DAYS, LONGEST_OVERLAP_H, USUAL_OVERLAP_H, ApiKeys, NewKey
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.roles import ROLES, Role
from reelhook.auth.shapes import Body, Name, Shown
from reelhook.auth.site import Site
from reelhook.kit.pages import Listing, Page, page
from reelhook.kit.times import Time

Changing = Annotated[Principal, Depends(requires("keys:write"))]


class KeyRequest(Body):
    name: Name
    role: Role
    scopes: list[str] | None = None
    ttl_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, description="Days; without it, until revoked.")] | None = None


class Rotation(Body):
    overlap_h: Annotated[
        int, Field(ge=0, le=LONGEST_OVERLAP_H, description="Hours for which the old secret still works.")
    ] = USUAL_OVERLAP_H


class ShownKey(Shown):
    id: str
    name: str
    prefix: str
    role: str
    scopes: list[str] | None
    created_at: Time
    last_used_at: Time | None
    revoked_at: Time | None
    expires_at: Time | None
    rotated_at: Time | None
    previous_until: Time | None
    previous_used_at: Time | None


class RoleScopes(Shown):
    data: dict[str, list[str]]


class ShownNewKey(ShownKey):
    key: str


def router(keys: ApiKeys, site: Site) -> APIRouter:
    """`GET`, `POST /keys`, `GET /keys/roles`, `POST /keys/{id}/rotate`, `DELETE /keys/{id}`."""
    routes = APIRouter(prefix="/api/v1/keys", tags=["access"])

    @routes.get("", dependencies=[Depends(requires("keys:read"))])
    async def list_keys(wanted: Annotated[Page, Depends(page)]) -> Listing[ShownKey]:
        """All keys, revoked ones too; never the secrets."""
        return wanted.listing([ShownKey.model_validate(row) for row in await keys.entries(wanted)], lambda key: key.id)

    @routes.get("/roles", dependencies=[Depends(requires("keys:read"))])
    async def list_roles() -> RoleScopes:
        """Which scopes a key of each role can have."""
        return RoleScopes(data={role: sorted(scopes) for role, scopes in ROLES.items()})

    @routes.post("", status_code=201)
    async def create_key(
        body: KeyRequest,
        request: Request,
        response: Response,
        by: Changing,
    ) -> ShownNewKey:
        """A new key. `key` is shown in this answer and never again. `scopes` narrows the role's."""
        remote = site.remote(request.scope)
        new = await keys.create(by, body.name, body.role, body.scopes, ttl_days=body.ttl_days, remote=remote)
        return _shown_once(new, response)

    @routes.post("/{key_id}/rotate", status_code=201)
    async def rotate_key(
        key_id: str, body: Rotation, request: Request, response: Response, by: Changing
    ) -> ShownNewKey:
        """A new secret for the same key, shown in this answer alone. The old one works until `previous_until`."""
        return _shown_once(await keys.rotate(by, key_id, body.overlap_h, remote=site.remote(request.scope)), response)

    @routes.delete("/{key_id}", status_code=204)
    async def revoke_key(key_id: str, request: Request, by: Changing) -> None:
        """The key stops working at once, and so do the stream tokens it gave out."""
        await keys.revoke(by, key_id, remote=site.remote(request.scope))

    return routes


def _shown_once(new: NewKey, response: Response) -> ShownNewKey:
    response.headers["cache-control"] = "no-store"
    return ShownNewKey(key=new.key, **ShownKey.model_validate(new.row).model_dump())
