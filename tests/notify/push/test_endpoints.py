"""The routes: what a browser says, and what it is told."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from reelhook.api import create_api
from reelhook.auth import Audit, Principal
from reelhook.auth.site import Site
from tests.notify.push.scene import Scene
from tests.notify.push.service import PushService, unb64

PATH = "/api/v1/me/push-subscriptions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def olga(scene: Scene) -> AsyncIterator[httpx2.AsyncClient]:
    """Signed in."""
    app = create_api(scene.room.router(Audit(scene.db, scene.clock), Site()))
    person = await scene.person("olga")
    transport = httpx2.ASGITransport(_as(app, person), client=("192.0.2.7", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers={"user-agent": FIREFOX}) as one:
        yield one


def _as(app: Any, person: Principal) -> Any:
    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"principal": person}}, receive, send)

    return asgi


async def test_a_browser_is_added_listed_and_removed(
    olga: httpx2.AsyncClient, service: PushService, scene: Scene
) -> None:
    key = (await olga.get("/api/v1/me/push-key")).json()["key"]
    assert key == (await scene.room.key.get()).public
    assert (len(unb64(key)), unb64(key)[0]) == (65, 4)
    browser = service.subscriber()
    added = await olga.post(PATH, json={"endpoint": browser.endpoint, "keys": browser.keys, "device": None})
    assert (added.status_code, added.json()["device"]) == (201, "Firefox on Linux")
    assert (await olga.get(PATH)).json() == {"data": [added.json()]}
    assert (await olga.delete(f"{PATH}/{added.json()['id']}")).status_code == 204
    assert (await olga.get(PATH)).json() == {"data": []}
    assert (await olga.delete(f"{PATH}/{added.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": ""},
        {"endpoint": "https://x/" + "a" * 2000},
        {"keys": {}},
        {"device": "a\nb"},
        {"expirationTime": 1},
    ],
)
async def test_what_no_browser_says_is_refused(
    olga: httpx2.AsyncClient, service: PushService, change: dict[str, object]
) -> None:
    browser = service.subscriber()
    answer = await olga.post(PATH, json={"endpoint": browser.endpoint, "keys": browser.keys} | change)
    assert answer.status_code == 422
