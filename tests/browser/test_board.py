"""The live board: found, put in order, changed and shared, with two people side by side."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import EMAIL, create_person, opened, sign_in
from tests.processes import Service

pytestmark = pytest.mark.browser

ADA = "ada@example.com"
MANY = 70
CARD_TITLES = "a[data-card] h2"
# Keeps the page's own stream within reach, so that a test can speak through it.
KEEP_STREAM = (
    "const E = EventSource; window.EventSource = class extends E { constructor(u) { super(u); window.es = this } }"
)
# 40 updates of one video, each in a task of its own, as fast as tasks can follow one another.
SPEAK = """
async (video) => {
  let batches = 0;
  const observer = new MutationObserver(() => { batches += 1; });
  observer.observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
  let frames = 0;
  const count = () => { frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  const channel = new MessageChannel();
  for (let number = 1; number <= 40; number += 1) {
    const at = new Promise((done) => { channel.port1.onmessage = done; });
    channel.port2.postMessage(null);
    await at;
    const told = { ...video, title: `Told ${number} times`, updated_at: `2099-01-01T00:00:${10 + number}.000Z` };
    const data = JSON.stringify({ video: told });
    const lastEventId = String(1_000_000 + number);
    window.es.dispatchEvent(new MessageEvent('video.updated', { data, lastEventId }));
  }
  const during = frames;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  return { batches, during };
}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """It cannot ask HeyGen, so what is tracked stays where it is."""
    one = Service(Path(tmp_path_factory.mktemp("service"))).start()
    create_person(one, EMAIL, "operator")
    create_person(one, ADA, "viewer")
    yield one
    one.stop()


def person(service: Service, email: str) -> str:
    with service.local() as local:
        return next(one["id"] for one in local.get("/api/v1/people").json()["data"] if one["email"] == email)


def track(service: Service, **video: str | None) -> None:
    with service.local() as local:
        local.post("/api/v1/videos", json=video).raise_for_status()


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("main").get_by_role("article").filter(has_text=title)


def choose(page: Page, title: str, item: str) -> None:
    card(page, title).get_by_role("button", name=f"More for {title}").click()
    page.get_by_role("menuitem", name=item).click()


def titles(page: Page) -> list[str]:
    return page.locator(CARD_TITLES).all_text_contents()


def test_a_board_is_searched_sorted_and_grouped_and_its_videos_renamed_given_and_deleted(
    browser: Browser, service: Service
) -> None:
    ada = person(service, ADA)
    for title, subject in (("Zebra", None), ("apple", None), ("Mango", ada)):
        track(service, heygen_video_id=f"hg-{title}", title=title, subject=subject)
    olga_state, ada_state = sign_in(browser, service, EMAIL), sign_in(browser, service, ADA)
    with opened(browser, service, olga_state) as olga, opened(browser, service, ada_state) as hers:
        hers.goto("/")
        expect(card(hers, "Mango")).to_be_visible()
        expect(hers.get_by_text("Live", exact=True)).to_be_visible()
        hers.evaluate(
            """() => {
              window.shown = document.body.innerText;
              new MutationObserver(() => { window.shown += document.body.innerText; })
                .observe(document.body, { subtree: true, childList: true, characterData: true });
            }"""
        )

        olga.goto("/")
        expect(olga.get_by_role("article")).to_have_count(3)
        assert titles(olga) == ["Mango", "apple", "Zebra"]
        olga.get_by_label("Sort by").select_option("Title")
        olga.wait_for_url("**/?sort=title")
        expect(olga.locator(CARD_TITLES).first).to_have_text("apple")
        assert titles(olga) == ["apple", "Mango", "Zebra"]

        choose(olga, "apple", "Rename")
        olga.get_by_label("Title", exact=True).fill("Quince")
        olga.get_by_role("dialog").get_by_role("button", name="Rename").click()
        expect(olga.locator(CARD_TITLES).nth(1)).to_have_text("Quince")
        assert titles(olga) == ["Mango", "Quince", "Zebra"], "in its new place at once"

        choose(olga, "Zebra", "Give to somebody")
        olga.get_by_label("Subject").fill(ada)
        olga.get_by_role("dialog").get_by_role("button", name="Give").click()
        expect(card(hers, "Zebra")).to_be_visible()
        choose(olga, "Mango", "Give to somebody")
        olga.get_by_label("Subject").fill("somebody-else")
        olga.get_by_role("dialog").get_by_role("button", name="Give").click()
        expect(card(hers, "Mango")).to_have_count(0)
        assert "Quince" not in hers.evaluate("window.shown")
        card(hers, "Zebra").get_by_role("button", name="More for Zebra").click()
        expect(hers.get_by_role("menuitem")).to_have_text(["Copy link", "Mute notifications"])  # and change nothing
        for key in ("ArrowDown", "Enter"):
            hers.keyboard.press(key)
        expect(hers.get_by_role("log")).to_contain_text("You hear nothing more of this video.")
        hers.keyboard.press("Enter")  # the focus went back to the button
        expect(hers.get_by_role("menuitem", name="Unmute notifications")).to_be_visible()
        hers.keyboard.press("Escape")

        card(olga, "Mango").get_by_role("link", name="somebody-else").click()
        olga.wait_for_url("**/?subject=somebody-else")
        expect(olga.get_by_role("article")).to_have_count(1)
        olga.go_back()
        expect(olga.get_by_role("article")).to_have_count(3)
        olga.get_by_role("button", name="Only mine").click()
        expect(olga.get_by_role("heading", name="No video matches")).to_be_visible()
        olga.get_by_role("link", name="Clear the filter").click()

        olga.get_by_role("button", name="Group by state").click()
        olga.wait_for_url("**/?sort=title&group=state")
        fold = olga.get_by_role("button", name="Rendering")
        expect(olga.get_by_role("region", name="Rendering").get_by_role("article")).to_have_count(3)
        fold.click()
        expect(olga.get_by_role("article")).to_have_count(0)
        olga.reload()
        expect(fold).to_have_attribute("aria-expanded", "false")
        fold.click()
        expect(olga.get_by_role("article")).to_have_count(3)

        choose(olga, "Zebra", "Delete")
        expect(olga.get_by_role("dialog")).to_contain_text("stored files are deleted for good")
        olga.get_by_role("button", name="Delete for good").click()
        expect(card(olga, "Zebra")).to_have_count(0)
        expect(card(hers, "Zebra")).to_have_count(0)


def test_many_cards_come_as_one_scrolls_arrows_lead_through_them_and_a_frame_costs_one_batch(
    browser: Browser, service: Service
) -> None:
    for number in range(MANY):
        track(service, heygen_video_id=f"many-{number}", title=f"Number {number}")
    with opened(browser, service, sign_in(browser, service, EMAIL)) as page:
        page.add_init_script(KEEP_STREAM)
        page.goto("/?q=number")
        expect(page.get_by_role("article")).to_have_count(50)
        page.locator("a[data-card]").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("document.activeElement.querySelector('h2').textContent") == f"Number {MANY - 2}"
        page.keyboard.press("End")
        expect(page.get_by_role("article")).to_have_count(MANY)

        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        with service.local() as local:
            video = local.get("/api/v1/videos?limit=1").json()["data"][0]
        said = page.evaluate(SPEAK, video)
        expect(page.get_by_role("heading", name="Told 40 times")).to_be_attached()
        assert said["batches"] <= said["during"] + 1, said
