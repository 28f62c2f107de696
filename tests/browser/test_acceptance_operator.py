"""What docs/acceptance.md asks of an operator, where no other test does it already."""

import re

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import EMAIL, PASSWORD, ask_for, create_person, opened, sign_in
from tests.browser.keyboard import Keyboard
from tests.processes import Service, Simulators

pytestmark = pytest.mark.browser


def test_o1_everything_is_done_by_keyboard(page: Page, service: Service, outside: Simulators) -> None:
    ask_for(service, outside, "No credit", outcome="failed", failure_code="NO_CREDIT", render_s=0.2)
    keyboard = Keyboard(page)
    signs_in(page, keyboard)
    narrows_opens_and_retries(page, keyboard)
    renames(page, keyboard)
    replays(page, keyboard)
    keyboard.open(page.get_by_role("link", name="Your account"))
    page.wait_for_url("**/account**")
    keyboard.open(page.get_by_role("navigation").get_by_role("link", name="Notifications"))
    page.wait_for_url("**/account/notifications")
    keyboard.to(page.get_by_role("checkbox", name="Late: Sound"))
    page.keyboard.press("Space")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    keyboard.around()
    keyboard.open(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def signs_in(page: Page, keyboard: Keyboard) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    keyboard.write(page.get_by_label("Email"), EMAIL)
    keyboard.write(page.get_by_label("Password", exact=True), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def narrows_opens_and_retries(page: Page, keyboard: Keyboard) -> None:
    keyboard.open(page.get_by_role("navigation", name="Show").get_by_role("link", name="Needs attention"))
    page.wait_for_url("**/?show=attention")
    expect(page.get_by_role("article")).to_have_count(1)
    keyboard.open(page.get_by_role("article").get_by_role("link", name="No credit").first)
    page.wait_for_url("**/videos/*")
    keyboard.open(page.get_by_role("button", name="Try again as a new video"))
    expect(page.get_by_text("A new try of")).to_be_visible()


def chooses_to_rename(page: Page) -> None:
    """From the first entry of the open menu on."""
    for name in ("Copy link", "Mute notifications"):
        expect(page.get_by_role("menuitem", name=name)).to_be_focused()
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("Enter")


def renames(page: Page, keyboard: Keyboard) -> None:
    """In a dialog: it keeps the focus, and gives it back."""
    menu = page.get_by_role("button", name="More for No credit")
    keyboard.open(menu)
    chooses_to_rename(page)
    dialog = page.get_by_role("dialog", name="Rename the video")
    expect(dialog).to_be_visible()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog, body').matches('dialog') || !document.hasFocus()")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    chooses_to_rename(page)
    expect(dialog.get_by_label("Title")).to_be_focused()
    keyboard.write(dialog.get_by_label("Title"), "Paid for")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Paid for")).to_be_visible()
    expect(page.get_by_role("button", name="More for Paid for")).to_be_focused()


def replays(page: Page, keyboard: Keyboard) -> None:
    keyboard.open(page.get_by_role("link", name="Front door"))
    page.wait_for_url("**/front-door/deliveries")
    delivery = page.get_by_role("link", name=re.compile("^avatar_video")).first
    expect(delivery).to_be_visible()
    keyboard.open(delivery)
    shown = page.get_by_role("complementary", name="One delivery")
    expect(shown.get_by_role("button", name=re.compile("^Replay"))).to_be_visible()
    keyboard.open(shown.get_by_role("button", name=re.compile("^Replay")))
    expect(shown.get_by_text("What the replay brought")).to_be_visible()


def test_o2_what_one_operator_does_the_other_sees(
    browser: Browser, service: Service, outside: Simulators, session: StorageState
) -> None:
    create_person(service, "oscar@example.com", "operator")
    with (
        opened(browser, service, session) as hers,
        opened(browser, service, sign_in(browser, service, "oscar@example.com")) as his,
    ):
        for page in (hers, his):
            page.goto("/")
            expect(page.get_by_text("Live", exact=True)).to_be_visible()
        ask_for(service, outside, "First cut", render_s=0.2)
        for page in (hers, his):
            expect(page.get_by_role("main").get_by_role("article").filter(has_text="First cut")).to_contain_text(
                "Ready"
            )
        act(hers, "First cut", "Rename")
        hers.get_by_role("dialog").get_by_label("Title").fill("Final cut")
        hers.get_by_role("dialog").get_by_role("button", name="Rename").click()
        expect(his.get_by_role("main").get_by_role("article").filter(has_text="Final cut")).to_be_visible()
        act(his, "Final cut", "Delete")
        his.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
        expect(hers.get_by_role("main").get_by_role("article").filter(has_text="Final cut")).to_have_count(0)


def act(page: Page, title: str, what: str) -> None:
    """Choose *what* from the menu of a card."""
    page.get_by_role("button", name=f"More for {title}").click()
    page.get_by_role("menuitem", name=what).click()
