"""What people are told, in real tabs side by side: chosen, tried, heard once, muted, kept quiet, ended by a letter; and
what an admin decides for all of them."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.beside import beside
from tests.browser.axe import look_at_dialog
from tests.browser.conftest import EMAIL, ask_for, create_person, opened, sign_in
from tests.mail import MailServer, mail_server
from tests.notify.webhook.receiver import Receiver, receiving, status
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

VERA, ADA = "vera@example.com", "ada@example.com"
WISHES = "/account/notifications"
TOLD = f"{WISHES}?list"
# How long each sound was that began to play, in a context that can be heard.
KEEP_SOUNDS = """() => {
    window.sounds = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...when) {
        const heard = this.context.state === 'running' && this.buffer.getChannelData(0).some((sample) => sample !== 0);
        if (heard) window.sounds.push(this.buffer.duration);
        return start.apply(this, when);
    };
}"""


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def chat() -> Iterator[Receiver]:
    with beside(receiving()) as running:
        yield running


@pytest.fixture(scope="module")
def settings(mail: MailServer, chat: Receiver, outside: Simulators) -> dict[str, object]:
    allowed = f"{outside.settings()['fetch_allow']},{chat.address}"
    return {"smtp_url": mail.url, "public_url": "http://127.0.0.1", "fetch_allow": allowed}


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
          const links = () => [...document.querySelectorAll(".toasts a")];
          const toast = () => links().some(({ textContent }) => textContent.includes(title));
          const look = () => { globalThis.toasted ||= toast(); };
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
        }""",
        title,
    )


def bell(page: Page, name: str | re.Pattern[str] = "Notifications") -> None:
    expect(page.get_by_role("banner").get_by_role("button", name=name, exact=True)).to_be_visible()


def test_a_person_chooses_hears_once_and_is_left_in_peace(
    browser: Browser, service: Service, outside: Simulators, mail: MailServer, session: StorageState
) -> None:
    create_person(service, VERA, "viewer")
    vera_is = sign_in(browser, service, VERA)
    with opened(browser, service, session) as olga, opened(browser, service, vera_is) as vera:
        me = olga.request.get("/api/v1/me").json()["id"]
        live(vera)
        choose_and_try(olga, mail)
        told_of_a_video(olga, vera, lambda title: ask_for(service, outside, title, subject=me))
        mute_and_keep_quiet(olga, lambda title: ask_for(service, outside, title, subject=me))
        what_is_critical_comes_through(olga, service)
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
    page.evaluate(KEEP_SOUNDS)
    for tone in ("Ready", "Failed", "Needs you"):
        page.get_by_role("button", name=f"Listen: {tone}").click()
    assert page.evaluate("sounds.map((seconds) => seconds.toFixed(2))") == ["0.90", "0.80", "0.16"]


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
        heard = "[role=log], [role=status], [aria-live]"
        expect(tab.locator(heard).get_by_text("Welcome to spring")).to_have_count(1)  # by a screen reader, once
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
    expect(page.get_by_text("None. You can mute a video on its page and in its menu.")).to_be_visible()
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


def what_is_critical_comes_through(page: Page, service: Service) -> None:
    """In quiet hours, by one who wants no incident in the app: a mere warning is held back, what is critical is not."""
    page.goto(WISHES)
    page.get_by_role("checkbox", name="Incident: In the app").uncheck()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    live(page)
    watch_for_a_toast(page, "Drill: HeyGen refuses the API key")
    with service.local() as local:
        for rule in ("rejections_burst", "heygen_key_refused"):
            local.post(f"/api/v1/rules/{rule}/drill").raise_for_status()
    page.wait_for_function("() => globalThis.toasted")
    bell(page, "Notifications, 2 new ones")
    page.goto(TOLD)
    said = page.get_by_role("article")
    expect(said.filter(has_text="Drill: Many posts are refused")).to_contain_text("in quiet hours")
    expect(said.filter(has_text="Drill: HeyGen refuses the API key")).not_to_contain_text("in quiet hours")


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


def test_an_admin_locks_what_people_choose_and_has_a_chat_told(
    browser: Browser, service: Service, chat: Receiver, session: StorageState
) -> None:
    create_person(service, ADA, "admin")
    with opened(browser, service, sign_in(browser, service, ADA)) as ada, opened(browser, service, session) as olga:
        ada.goto("/settings/telling")
        lock(ada, olga)
        tell_a_chat(ada, chat)


def lock(admin: Page, person: Page) -> None:
    for name in ("Late: Email", "Lock Late: Email", "Lock Late: Push"):
        with admin.expect_response("**/notification-settings") as saved:
            admin.get_by_role("checkbox", name=name, exact=True).check()
        assert saved.value.ok
    expect(admin.get_by_text("Saved", exact=True)).to_be_visible()
    person.goto(WISHES)
    for name, on, why in (("Late: Email", True, "your team keeps this on"), ("Late: Push", False, "keeps this off")):
        box = person.get_by_role("checkbox", name=name)
        expect(box).to_be_disabled()
        expect(box).to_be_checked(checked=on)
        expect(person.get_by_role("cell").filter(has=box)).to_contain_text(why)
    expect(person.get_by_role("checkbox", name="Late: Sound")).to_be_enabled()


def tell_a_chat(page: Page, chat: Receiver) -> None:
    page.get_by_role("button", name="Add a chat").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Name")).to_be_focused()
    look_at_dialog(page)
    dialog.get_by_label("Name").fill("Studio")
    dialog.get_by_label("Address").fill(f"json://{chat.address}/room")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    row = page.get_by_role("article").filter(has_text="Studio")
    expect(row).to_contain_text("nothing sent yet")
    row.get_by_role("button", name="Test: Studio").click()
    expect(row.get_by_text(re.compile(r"^Sent: .+ \(\d+ ms\)$"))).to_be_visible()
    assert [(one.path, one.message["title"]) for one in chat.received] == [("/room", "A test of Reelhook")]
    expect(row).to_contain_text("last one sent")
    chat.will(status(404))
    row.get_by_role("button", name="Test: Studio").click()
    expect(row.get_by_text(re.compile(r"^Failed: .+ answered 404 \(\d+ ms\)$"))).to_be_visible()
    row.get_by_role("button", name="Change: Studio").click()
    expect(dialog.get_by_label("Name")).to_have_value("Studio")
    look_at_dialog(page)
    dialog.get_by_role("button", name="Cancel").click()
    row.get_by_role("button", name="Remove: Studio").click()
    look_at_dialog(page)
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No chat is told.")).to_be_visible()
