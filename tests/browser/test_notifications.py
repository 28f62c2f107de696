"""What people are told, in real tabs side by side: chosen, tried, heard once, muted, kept quiet, ended by a letter."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import EMAIL, ask_for, create_person, opened, sign_in
from tests.mail import MailServer, mail_server
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

VERA = "vera@example.com"
WISHES = "/account/notifications"
TOLD = f"{WISHES}?list"


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def settings(mail: MailServer) -> dict[str, object]:
    return {"smtp_url": mail.url, "public_url": "http://127.0.0.1"}


def claims_of(context: BrowserContext) -> list[str]:
    """The claims that all tabs of a browser make, as they make them."""
    made: list[str] = []
    context.on("request", lambda request: made.append(request.url) if request.url.endswith("/claim") else None)
    return made


def live(page: Page) -> Page:
    page.goto("/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def watch_for_a_toast(page: Page, title: str) -> None:
    """It stays for a moment only: `toasted` remembers that it was there."""
    page.evaluate(
        """title => {
          const links = () => [...document.querySelectorAll("[role=status] a")];
          const toast = () => links().some(({ textContent }) => textContent.includes(title));
          const look = () => { globalThis.toasted ||= toast(); };
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
        }""",
        title,
    )


def bell(page: Page, name: str | re.Pattern[str] = "Notifications") -> None:
    expect(page.get_by_role("banner").get_by_role("button", name=name, exact=True)).to_be_visible()


def test_a_person_chooses_hears_once_and_is_left_in_peace(
    browser: Browser, service: Service, outside: Simulators, mail: MailServer
) -> None:
    create_person(service, VERA, "viewer")
    olga_is, vera_is = (sign_in(browser, service, email) for email in (EMAIL, VERA))
    with opened(browser, service, olga_is) as olga, opened(browser, service, vera_is) as vera:
        me = olga.request.get("/api/v1/me").json()["id"]
        live(vera)
        choose_and_try(olga, mail)
        told_of_a_video(olga, vera, lambda title: ask_for(service, outside, title, subject=me))
        mute_and_keep_quiet(olga, lambda title: ask_for(service, outside, title, subject=me))
    stop_letters(browser, service, mail)


def choose_and_try(page: Page, mail: MailServer) -> None:
    page.goto(WISHES)
    page.get_by_role("checkbox", name="Ready: Sound").check()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Test: Email").click()
    expect(page.get_by_text(re.compile(r"^Sent: .+ \(\d+ ms\)$"))).to_be_visible()
    assert [letter.to for letter in mail.delivered] == [[EMAIL]]
    page.reload()
    expect(page.get_by_role("checkbox", name="Ready: Sound")).to_be_checked()
    expect(page.get_by_role("button", name="Ready: back to what your team set")).to_be_visible()
    expect(page.get_by_text("Sound is off on this device.")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Played once").get_by_role("button", name="Turn on here").click()
    expect(page.get_by_text("Sound is on, and can be heard.")).to_be_visible()


def told_of_a_video(page: Page, other: Page, ask: Callable[[str], str]) -> None:
    second = live(page.context.new_page())
    second.get_by_role("searchbox").click()
    live(page).get_by_role("searchbox").click()
    claims = claims_of(page.context)
    title = "“Welcome to spring” is ready"
    for tab in (page, second):
        watch_for_a_toast(tab, title)
    ask("Welcome to spring")
    for tab in (page, second):
        tab.wait_for_function("() => globalThis.toasted")
        bell(tab, "Notifications, 1 new one")
    wait_until(lambda: page.evaluate("1") and claims, what="the claim of the sound")
    bell(other)
    assert other.request.get("/api/v1/me/notifications").json()["data"] == []
    assert other.get_by_text(title).count() == 0
    second.close()

    page.get_by_role("button", name="Notifications, 1 new one").click()
    panel = page.get_by_role("region", name="Notifications")
    panel.get_by_text("How it was sent").click()
    expect(panel.get_by_text("In the app: sent")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="Notifications, 1 new one")).to_be_focused()
    page.keyboard.press("Enter")
    panel.get_by_role("button", name="Mark all as seen").click()
    bell(page)
    panel.get_by_role("link", name=title).click()
    assert len(claims) == 1, "two tabs, one sound"


def mute_and_keep_quiet(page: Page, ask: Callable[[str], str]) -> None:
    page.get_by_role("button", name="Mute notifications").click()
    expect(page.get_by_role("button", name="Unmute notifications")).to_be_visible()
    page.goto(WISHES)
    page.get_by_role("button", name="Unmute: Welcome to spring").click()
    expect(page.get_by_text("None. You can mute a video on its page.")).to_be_visible()
    page.get_by_label("Keep quiet hours").check()
    page.get_by_label("From", exact=True).fill("00:00")
    page.get_by_label("To", exact=True).fill("23:59")
    page.get_by_label("To", exact=True).blur()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    live(page)
    ask("At night")
    bell(page, "Notifications, 1 new one")
    expect(page.locator("article").get_by_role("link", name="“At night” is ready")).to_have_count(0)
    page.goto(TOLD)
    expect(page.get_by_role("article").filter(has_text="“At night” is ready")).to_contain_text("in quiet hours")


def stop_letters(browser: Browser, service: Service, mail: MailServer) -> None:
    """By the link of the test letter, without signing in."""
    found = re.search(r"/unsubscribe/\S+", mail.delivered[0].text())
    assert found is not None
    with opened(browser, service, None) as page:
        page.goto("/unsubscribe/not-complete")
        page.get_by_role("button", name="Stop these letters").click()
        expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
        page.goto(found.group())
        page.get_by_role("button", name="Stop these letters").click()
        expect(page.get_by_role("heading", name="Done")).to_be_visible()
