"""Reelhook on a phone: it can be installed, says that it is offline, and shows a push once, also with no page open."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.beside import beside
from tests.browser.conftest import NAMES, WAIT_MS, ask_for, chromium_or_skip
from tests.notify.push.service import PushService, pushing
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

SAID = {"id": "n1", "tag": "n1", "title": "Tour is ready", "body": "It is stored.", "url": "/jobs", "kind": "ready"}
HEADERS = {"x-reelhook": "1"}
NO_PAGE = "/healthz"
"""Of our origin, so that one can see there what is shown, and yet no page of ours."""

WIPE_AWAY = """async (tag) => {
    const worker = await navigator.serviceWorker.ready;
    for (const one of await worker.getNotifications({ tag })) one.close();
}"""

HANDLED = "(id) => caches.match(`/shown/${id}`).then((found) => found !== undefined)"
"""What the worker remembers of a message when it is through with it, whoever showed it."""

TAGS = """async () => {
    const worker = await navigator.serviceWorker.ready;
    return (await worker.getNotifications()).map(({ tag }) => tag);
}"""

TAKE_PUSH = """(told) => {
    let mine = null;
    PushManager.prototype.getSubscription = async () => mine;
    PushManager.prototype.subscribe = async () => (mine = {
        endpoint: told.endpoint,
        toJSON: () => told,
        unsubscribe: async () => { mine = null; return true; },
    });
}"""
"""Subscribed to our push service, of which Chromium knows nothing."""

TOUCH = """async (said) => {
    let closed = false, waits;
    self.dispatchEvent(Object.assign(new Event('notificationclick'), {
        notification: { data: said, close: () => { closed = true; } },
        waitUntil: (work) => { waits = work; },
    }));
    // Chromium lets a page come to the front only when a person touched the notification.
    await waits.catch((refused) => { if (refused.name !== 'InvalidAccessError') throw refused; });
    return closed;
}"""
"""In the worker: what a browser does when somebody touches a notification. Returns whether it was taken away."""


@pytest.fixture(scope="module")
def chromium_path() -> str:
    """All of it: without what surrounds a page nothing shows a notification."""
    return chromium_or_skip(*NAMES)


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    with beside(pushing()) as one:
        yield one


@pytest.fixture(scope="module")
def settings(outside: Simulators, push_service: PushService) -> dict[str, object]:
    return {"fetch_allow": f"{outside.settings()['fetch_allow']},{push_service.address}"}


@pytest.fixture
def phone(browser: Browser, service: Service, session: StorageState) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=service.base, storage_state=session, viewport={"width": 360, "height": 740}, has_touch=True
    )
    context.grant_permissions(["notifications"], origin=service.base)
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


@pytest.fixture
def board(phone: BrowserContext) -> Page:
    """The board, live, with the service worker in charge."""
    page = phone.new_page()
    page.goto("/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def test_it_can_be_installed_and_without_a_network_says_so_and_misses_nothing(
    phone: BrowserContext, board: Page, service: Service, outside: Simulators
) -> None:
    chromium = phone.new_cdp_session(board)
    manifest = chromium.send("Page.getAppManifest")
    errors = {error["errorId"] for error in chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert manifest["errors"] == []
    assert errors <= {"in-incognito"}, "the only obstacle is the private profile of the test"
    phone.set_offline(True)
    expect(board.get_by_text("Offline", exact=True)).to_be_visible()
    ask_for(service, outside, "Made meanwhile", render_s=0.1)
    with service.client() as client:
        wait_until(lambda: client.get("/api/v1/videos?state=ready").json()["data"], what="the video is ready")
    other = phone.new_page()
    other.goto("/videos/unknown")
    expect(other.get_by_role("heading", name="You are offline")).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth") <= 360
    phone.set_offline(False)
    expect(board.get_by_text("Live", exact=True)).to_be_visible()
    expect(board.get_by_role("article").filter(has_text="Made meanwhile")).to_be_visible()
    expect(other.get_by_role("heading", name="You are offline")).to_be_hidden()


def test_a_video_that_is_ready_is_shown_with_no_page_open(
    phone: BrowserContext, board: Page, service: Service, outside: Simulators, push_service: PushService
) -> None:
    """Chromium cannot reach our push service: the test takes the message from it, opens it as a browser would, and
    hands it to the worker."""
    subscriber = push_service.subscriber()
    told = {"endpoint": subscriber.endpoint, "keys": subscriber.keys}
    assert phone.request.post("/api/v1/me/push-subscriptions", data=told, headers=HEADERS).status == 201
    push = Pushing(phone, board, service.base)
    board.goto(NO_PAGE)
    me = phone.request.get("/api/v1/me").json()["id"]
    video_id = ask_for(service, outside, "Tour", subject=me, render_s=0.1)
    (said,) = wait_until(lambda: push_service.messages(subscriber), what="the push service has the message")
    assert (said["kind"], said["url"], said["badge"]) == ("ready", f"/videos/{video_id}", 1)
    push(said)
    assert shown(board, after=said["id"]) == [said["id"]]


def test_a_push_is_shown_once_when_no_page_is_open_and_by_the_page_when_one_is(
    phone: BrowserContext, board: Page, service: Service
) -> None:
    push = Pushing(phone, board, service.base)
    board.goto(NO_PAGE)
    push(SAID | {"badge": 1})
    push(SAID | {"id": "n2", "badge": 2})
    assert shown(board, after="n2") == ["n1", "n2"]
    board.evaluate(WIPE_AWAY, "n1")
    push(SAID | {"badge": 1})
    push(SAID | {"id": "n3", "badge": 3})
    assert shown(board, after="n3") == ["n2", "n3"]
    board.goto("/")
    board.evaluate("navigator.serviceWorker.addEventListener('message', ({ data }) => { window.told = data })")
    push(SAID | {"id": "n4", "badge": 4})
    board.wait_for_function("() => window.told?.said?.id === 'n4'")
    assert shown(board, after="n4") == ["n2", "n3"]


def test_push_is_turned_on_tried_and_turned_off_in_this_browser(
    phone: BrowserContext, board: Page, push_service: PushService
) -> None:
    def told() -> list[str]:
        listed = phone.request.get("/api/v1/me/push-subscriptions").json()["data"]
        return [one["id"] for one in listed]

    before, subscriber = told(), push_service.subscriber()
    board.goto("/account/notifications")
    board.evaluate(TAKE_PUSH, {"endpoint": subscriber.endpoint, "keys": subscriber.keys})
    way = board.get_by_role("listitem").filter(has=board.get_by_role("heading", name="Push", exact=True))
    expect(way.get_by_text("Push is off in this browser.")).to_be_visible()
    way.get_by_role("button", name="Turn on here").click()
    expect(way.get_by_text("Push is on in this browser.")).to_be_visible()
    assert len(told()) == len(before) + 1
    way.get_by_role("button", name="Test: Push").click()
    expect(way.get_by_text(re.compile(r"^Sent: .+ \(\d+ ms\)$"))).to_be_visible()
    assert [said["url"] for said in push_service.messages(subscriber)] == ["/account/notifications"]
    way.get_by_role("button", name="Turn off here").click()
    expect(way.get_by_text("Push is off in this browser.")).to_be_visible()
    assert told() == before


def test_a_notification_that_is_touched_leads_the_open_page_to_what_it_tells(
    phone: BrowserContext, board: Page
) -> None:
    (worker,) = phone.service_workers
    assert worker.evaluate(TOUCH, SAID)
    board.wait_for_url(f"**{SAID['url']}")


def shown(page: Page, *, after: str) -> list[str]:
    """What is on the screen once the worker is through with *after*.

    Not asked before: Chromium takes a notification that it has written down, but does not display yet, for one that
    was wiped away, and forgets it.
    """
    # `wait_for_function` takes a promise for true, whatever it comes to.
    wait_until(lambda: page.evaluate(HANDLED, after), what=f"the worker is through with {after}")
    return sorted(page.evaluate(TAGS))


class Pushing:
    """Hands a push message to the worker, as the browser's own push service would: decrypted."""

    def __init__(self, phone: BrowserContext, page: Page, origin: str) -> None:
        self._chromium, self._origin = phone.new_cdp_session(page), origin
        found: list[Any] = []
        self._chromium.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
        self._chromium.send("ServiceWorker.enable")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        wait_until(lambda: page.evaluate("1") and found, what="the browser tells of the worker")
        self._registration = next(one["registrationId"] for one in found if one["scopeURL"].startswith(origin))

    def __call__(self, said: dict[str, Any]) -> None:
        told = {"origin": self._origin, "registrationId": self._registration, "data": json.dumps(said)}
        self._chromium.send("ServiceWorker.deliverPushMessage", told)
