"""What docs/acceptance.md asks of a viewer, where no other test does it already."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser.conftest import ask_for, create_person, opened, sign_in
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

# Remembers whether a word was ever on the page, be it for one frame.
WATCH = """(word) => {
  window.everSeen = document.body.textContent.includes(word);
  new MutationObserver(() => { window.everSeen ||= document.body.textContent.includes(word); })
    .observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def vera(browser: Browser, service: Service) -> StorageState:
    create_person(service, "vera@example.com", "viewer")
    return sign_in(browser, service, "vera@example.com")


def live_board(page: Page) -> str:
    """Opens the board; returns the id of the person."""
    page.goto("/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    me: dict[str, Any] = page.request.get("/api/v1/me").json()
    return str(me["id"])


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("main").get_by_role("article").filter(has_text=title)


def test_v1_nobody_sees_the_videos_of_another(
    browser: Browser, service: Service, outside: Simulators, session: StorageState, vera: StorageState
) -> None:
    create_person(service, "victor@example.com", "viewer")
    with (
        opened(browser, service, vera) as hers,
        opened(browser, service, sign_in(browser, service, "victor@example.com")) as his,
        opened(browser, service, session) as operators,
    ):
        her_id, his_id = live_board(hers), live_board(his)
        live_board(operators)
        his.evaluate(WATCH, "Garden")
        video_id = ask_for(service, outside, "Garden", subject=her_id, render_s=0.2)
        expect(card(hers, "Garden")).to_contain_text("Ready")
        act(operators, "Garden", "Rename")
        operators.get_by_role("dialog").get_by_label("Title").fill("Garden in June")
        operators.get_by_role("dialog").get_by_role("button", name="Rename").click()
        expect(card(hers, "Garden in June")).to_be_visible()
        # What comes after it has come to him, so all that would have come before it is past.
        ask_for(service, outside, "Harbour", subject=his_id, render_s=0.2)
        expect(card(his, "Harbour")).to_contain_text("Ready")
        assert his.evaluate("window.everSeen") is False
        his.goto(f"/videos/{video_id}")
        expect(his.get_by_role("heading", name="There is no such video")).to_be_visible()
        live_board(his)
        act(operators, "Garden in June", "Give to somebody")
        operators.get_by_role("dialog").get_by_label("Subject").fill(his_id)
        operators.get_by_role("dialog").get_by_role("button", name="Give", exact=True).click()
        expect(card(his, "Garden in June")).to_be_visible()
        expect(card(hers, "Garden in June")).to_have_count(0)
        expect(card(hers, "Harbour")).to_have_count(0)


def act(page: Page, title: str, what: str) -> None:
    """Choose *what* from the menu of a card."""
    page.get_by_role("button", name=f"More for {title}").click()
    page.get_by_role("menuitem", name=what).click()


def test_v2_a_video_is_watched_and_downloaded_on_a_phone(
    browser: Browser, service: Service, outside: Simulators, vera: StorageState
) -> None:
    with opened(browser, service, vera) as phone:
        phone.set_viewport_size({"width": 360, "height": 740})
        me = live_board(phone)
        expect(phone.get_by_role("navigation", name="Pages")).to_have_count(0)
        ask_for(service, outside, "Holiday", subject=me, render_s=0.2)
        expect(card(phone, "Holiday")).to_contain_text("Ready")
        phone.get_by_role("link", name="Holiday").first.click()
        player = phone.locator("video")
        player.evaluate("player => { player.muted = true; return player.play() }")
        wait_until(lambda: player.evaluate("player => player.currentTime") > 0.3, what="the video plays")
        with phone.expect_download() as downloading:
            phone.get_by_role("link", name="Download").first.click()
        assert downloading.value.suggested_filename.endswith(".mp4")
        phone.get_by_role("button", name="More for Holiday").click()
        offered = ["Copy link", "Mute notifications"]  # nothing that changes the video
        expect(phone.get_by_role("menuitem")).to_have_text(offered)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360
