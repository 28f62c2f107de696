"""`/api/v1/keys`: API keys for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from reelhook.auth.keys import ApiKeys
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.roles import Role
from reelhook.auth.shapes import Body, Name, Shown
from reelhook.auth.site import Site
from reelhook.kit.pages import Listing, Page, page
from reelhook.kit.times import Time

Changing = Annotated[Principal, Depends(requires("keys:write"))]


class KeyRequest(Body):
    name: Name
    role: Role
    scopes: list[str] | None = None


class ShownKey(Shown):
    id: str
    name: str
    prefix: str
    role: str
    scopes: list[str] | None
    created_at: Time
    last_used_at: Time | None
    revoked_at: Time | None


class ShownNewKey(ShownKey):
    key: str


def router(keys: ApiKeys, site: Site) -> APIRouter:
    """`GET`, `POST /keys`, `DELETE /keys/{id}`."""
    routes = APIRouter(prefix="/keys", tags=["access"])

    @routes.get("", dependencies=[Depends(requires("keys:read"))])
    async def list_keys(wanted: Annotated[Page, Depends(page)]) -> Listing[ShownKey]:
        """All keys, revoked ones too; never the secrets."""
        return wanted.listing([ShownKey.model_validate(row) for row in await keys.entries(wanted)], lambda key: key.id)

    @routes.post("", status_code=201)
    async def create_key(
        body: KeyRequest,
        request: Request,
        response: Response,
        by: Changing,
    ) -> ShownNewKey:
        """A new key. `key` is shown in this answer and never again. `scopes` narrows the role's."""
        new = await keys.create(by, body.name, body.role, body.scopes, remote=site.remote(request.scope))
        response.headers["cache-control"] = "no-store"
        return ShownNewKey(key=new.key, **ShownKey.model_validate(new.row).model_dump())

    @routes.delete("/{key_id}", status_code=204)
    async def revoke_key(key_id: str, request: Request, by: Changing) -> None:
        """The key stops working at once, and so do the stream tokens it gave out."""
        await keys.revoke(by, key_id, remote=site.remote(request.scope))

    return routes
