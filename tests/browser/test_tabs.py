"""Several tabs of one browser share one stream, whichever of them is closed, frozen or asked to give way."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.browser.conftest import EMAIL, WAIT_MS, ask_for, sign_in
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

LIMIT = 3


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    return {"streams_per_person": LIMIT, "metrics_allow": "127.0.0.1", "stream_compression": "gzip"}


@contextmanager
def tabs(browser: Browser, service: Service, session: StorageState, many: int) -> Iterator[list[Page]]:
    """Tabs of one browser on the board, opened one after the other: the first one leads."""
    context = browser.new_context(base_url=service.base, storage_state=session)
    context.set_default_timeout(WAIT_MS)
    leader = context.new_page()
    leader.goto("/")
    expect(leader.get_by_text("Live", exact=True)).to_be_visible()
    others = [context.new_page() for _ in range(many - 1)]
    for page in others:
        page.goto("/", wait_until="commit")
    for page in others:
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
    yield [leader, *others]
    context.close()


def asked_for_a_stream(context: BrowserContext) -> list[str]:
    """The addresses of all streams that the tabs ask for from now on."""
    found: list[str] = []
    context.on("request", lambda one: found.append(one.url) if "/api/v1/stream" in one.url else None)
    return found


def streams(service: Service) -> int:
    """How many streams the server holds open."""
    text = httpx.get(f"{service.base}/metrics", timeout=15).text
    return int(float(next(line.split()[1] for line in text.splitlines() if line.startswith("reelhook_streams "))))


@contextmanager
def other_devices(service: Service, session: StorageState, many: int) -> Iterator[None]:
    """The same person follows on *many* more devices."""
    cookies = {cookie["name"]: cookie["value"] for cookie in session["cookies"]}
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=service.base, cookies=cookies, timeout=15))
        for _ in range(many):
            stack.enter_context(client.stream("GET", "/api/v1/stream")).raise_for_status()
        yield


def shows(page: Page, title: str) -> None:
    expect(page.get_by_role("article").filter(has_text=title).get_by_text("Ready", exact=True)).to_be_visible()


def test_twenty_tabs_hold_one_stream_and_go_on_when_the_one_that_holds_it_is_closed(
    browser: Browser, service: Service, outside: Simulators, session: StorageState
) -> None:
    with tabs(browser, service, session, 20) as (first, *others):
        wait_until(lambda: streams(service) == 1, what="one stream for all")
        ask_for(service, outside, "Seen in twenty tabs", render_s=0.2)
        for page in (first, *others):
            shows(page, "Seen in twenty tabs")
        asked = asked_for_a_stream(first.context)
        ask_for(service, outside, "Rendered meanwhile", render_s=0.2)
        first.close()
        for page in others:
            shows(page, "Rendered meanwhile")
        wait_until(lambda: streams(service) == 1, what="one stream is left")
        (address,) = asked
        assert "last_event_id=" in address, "it goes on where the closed one stopped"


def test_a_compressed_stream_is_shown_as_it_arrives(
    browser: Browser, service: Service, outside: Simulators, session: StorageState
) -> None:
    with tabs(browser, service, session, 1) as (page,):
        with page.expect_response("**/api/v1/stream*") as opened:
            page.reload()
        assert opened.value.headers["content-encoding"] == "gzip"
        ask_for(service, outside, "Seen through gzip", render_s=0.2)
        shows(page, "Seen through gzip")


def test_a_tab_that_stands_still_is_replaced(
    browser: Browser, service: Service, outside: Simulators, session: StorageState
) -> None:
    with tabs(browser, service, session, 2) as (first, second):
        # Chromium freezes no tab that it takes for visible, and here all are: a debugger stops it just as dead.
        debugger = first.context.new_cdp_session(first)
        debugger.send("Debugger.enable")
        debugger.send("Debugger.pause")
        ask_for(service, outside, "Seen beside a frozen tab", render_s=0.2)
        shows(second, "Seen beside a frozen tab")
        debugger.send("Debugger.disable")
        shows(first, "Seen beside a frozen tab")
        wait_until(lambda: streams(service) == 1, what="one stream is left")


def test_a_browser_that_gave_way_says_so_and_follows_again_when_it_is_asked(
    browser: Browser, service: Service, outside: Simulators, session: StorageState
) -> None:
    with tabs(browser, service, session, 2) as (first, second), other_devices(service, session, LIMIT):
        for page in (first, second):
            expect(page.get_by_text("You follow in more places")).to_be_visible()
            expect(page.get_by_text("Paused", exact=True)).to_be_visible()
        wait_until(lambda: streams(service) == LIMIT, what="only the other devices are left")
        ask_for(service, outside, "Not seen by itself", render_s=0.2)
        for page in (first, second):
            page.evaluate("window.dispatchEvent(new Event('online'))")
            expect(page.get_by_role("button", name="Follow here")).to_be_visible()
            expect(page.get_by_role("article").filter(has_text="Not seen by itself")).to_have_count(0)
        second.get_by_role("button", name="Follow here").click()
        for page in (first, second):
            expect(page.get_by_text("Live", exact=True)).to_be_visible()
            shows(page, "Not seen by itself")
        wait_until(lambda: streams(service) == LIMIT, what="the oldest of the others gives way")


def test_signing_out_in_one_tab_signs_all_of_them_out(browser: Browser, service: Service) -> None:
    with tabs(browser, service, sign_in(browser, service, EMAIL), 2) as (first, second):
        second.get_by_role("button", name="Sign out").click()
        expect(first.get_by_role("button", name="Sign in")).to_be_visible()
        wait_until(lambda: streams(service) == 0, what="no stream is left")
