"""`/api/v1/me/push-…`: which of my browsers take push messages."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, Field, StringConstraints

from reelhook.auth import Principal, requires
from reelhook.auth.devices import device
from reelhook.auth.shapes import Body, Name, Shown
from reelhook.auth.site import Site
from reelhook.kit.text import storable
from reelhook.kit.times import Time
from reelhook.notify.channels.push.browsers import Browsers
from reelhook.notify.channels.push.keys import PushKey

MOST_ENDPOINT = 2000
Me = Annotated[Principal, Depends(requires("me"))]
Id = Annotated[str, AfterValidator(storable)]
Key = Annotated[str, Field(max_length=200)]


class Keys(Body):
    p256dh: Key
    auth: Key


class NewBrowser(Body):
    """As the browser's own `PushSubscription` says it. *device* left out: what the request itself tells."""

    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=MOST_ENDPOINT)]
    keys: Keys
    device: Name | None = None


class ShownBrowser(Shown):
    id: str
    device: str
    host: str
    fingerprint: str
    created_at: Time
    last_used_at: Time | None
    failed_at: Time | None


class ShownBrowsers(Shown):
    data: list[ShownBrowser]


class ShownKey(Shown):
    key: str


def router(browsers: Browsers, key: PushKey, site: Site) -> APIRouter:
    """The routes, given the services they use."""
    routes = APIRouter(prefix="/api/v1/me", tags=["me"])

    @routes.get("/push-key", dependencies=[Depends(requires("me"))])
    async def push_key() -> ShownKey:
        """The key that a browser subscribes with (`applicationServerKey`), in base64url."""
        return ShownKey(key=(await key.get()).public)

    @routes.get("/push-subscriptions")
    async def list_browsers(me: Me) -> ShownBrowsers:
        """My browsers that take push messages, newest first. Each knows itself by the SHA-256 of its endpoint."""
        return ShownBrowsers(data=[ShownBrowser(**row) for row in await browsers.listing(me)])

    @routes.post("/push-subscriptions", status_code=201)
    async def add_browser(new: NewBrowser, request: Request, me: Me) -> ShownBrowser:
        """Send push messages to this browser too."""
        name = new.device or device(request.headers.get("user-agent"))
        remote = site.remote(request.scope)
        added: dict[str, Any] = await browsers.add(me, new.endpoint, new.keys.p256dh, new.keys.auth, name, remote)
        return ShownBrowser(**added)

    @routes.delete("/push-subscriptions/{subscription_id}", status_code=204)
    async def remove_browser(subscription_id: Id, request: Request, me: Me) -> Response:
        """Send nothing more to one of my browsers."""
        await browsers.remove(me, subscription_id, site.remote(request.scope))
        return Response(status_code=204)

    return routes
