"""The page of one video: what failed and why, what was done about it, and everything that happened, in one column."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import EMAIL, ask_for
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    """No video is small enough to be kept, until a test lets it be."""
    return {"video_max_bytes": 1000}


def timeline(page: Page) -> Locator:
    return page.get_by_role("region", name="Timeline")


def entry(page: Page, word: str, text: str) -> Locator:
    return timeline(page).get_by_role("listitem").filter(has_text=word).filter(has_text=text)


def test_a_video_that_could_not_be_kept_is_explained_retried_and_tells_it_all(
    signed_in: Page, service: Service, outside: Simulators
) -> None:
    page = signed_in
    video_id = ask_for(service, outside, "Kept at last", render_s=0.2, captions=True)
    page.goto(f"/videos/{video_id}")
    why = page.get_by_role("region", name="Why")
    expect(why.get_by_text("The file is larger than Reelhook is allowed to keep.")).to_be_visible()
    expect(why.get_by_text("trying again only copies the file")).to_be_visible()
    expect(why.get_by_text("too_large")).to_be_visible()
    expect(entry(page, "Upload", "Video, attempt 1")).to_contain_text("failed for good")

    service.stop()
    del service.settings["video_max_bytes"]
    service.start()
    page.goto(f"/videos/{video_id}")
    page.get_by_role("button", name="Try to archive again").click()
    expect(entry(page, "Ready", "Stored and verified")).to_be_visible()
    expect(why).to_have_count(0)
    expect(entry(page, "Person", f"{EMAIL} tried the video again")).to_be_visible()

    delivery = entry(page, "Delivery", "avatar_video.success").first
    expect(delivery).to_contain_text("signature right")
    page.keyboard.press("Tab")  # from here on by keyboard
    delivery.locator("summary").focus()
    expect(delivery.locator(".exact")).to_be_visible()
    page.keyboard.press("Enter")
    event = delivery.get_by_role("link", name="Headers, body and verdict").get_attribute("href")
    assert event is not None
    assert event.startswith("/front-door/deliveries/")
    page.get_by_role("button", name="The story").click()
    expect(timeline(page).get_by_text("Delivery")).to_have_count(0)
    expect(entry(page, "Ready", "Stored and verified")).to_be_visible()

    plays(page, service, video_id)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def plays(page: Page, service: Service, video_id: str) -> None:
    """Captions as a track that the browser reads, speed, and the keys that its own player lacks."""
    with service.client() as client:
        kept = lambda: {one["role"] for one in client.get(f"/api/v1/videos/{video_id}").json()["assets"] if one["url"]}  # noqa: E731
        wait_until(lambda: "captions" in kept(), what="captions are stored")
    page.reload()
    player = page.locator("video")
    expect(player.locator("track")).to_have_count(1)
    player.focus()
    page.keyboard.press("c")
    cues = "player => player.textTracks[0].mode === 'showing' && player.textTracks[0].cues?.length > 0"
    wait_until(lambda: player.evaluate(cues), what="captions are shown")
    page.keyboard.press("m")
    assert player.evaluate("player => player.muted") is True
    page.keyboard.press("Space")
    wait_until(lambda: player.evaluate("player => !player.paused"), what="Space plays")
    page.keyboard.press("ArrowRight")
    wait_until(lambda: player.evaluate("player => player.currentTime > 3"), what="the arrow seeks")
    page.get_by_label("Speed").select_option("1.5×")
    assert player.evaluate("player => player.playbackRate") == 1.5


def test_a_failed_video_leads_to_the_new_one_and_back(signed_in: Page, service: Service, outside: Simulators) -> None:
    code = "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"
    video_id = ask_for(service, outside, "No credit", outcome="failed", failure_code=code, render_s=0.2)
    signed_in.goto(f"/videos/{video_id}")
    why = signed_in.get_by_role("region", name="Why")
    expect(why.get_by_text("The HeyGen account had not enough credit for this video.")).to_be_visible()
    expect(why.get_by_text("account page tells whether credits were used")).to_be_visible()
    signed_in.get_by_role("button", name="Try again as a new video").click()
    expect(signed_in.get_by_text("A new try of")).to_be_visible()
    signed_in.get_by_role("link", name="another video").click()
    signed_in.wait_for_url(f"**/videos/{video_id}")
    expect(signed_in.get_by_text("Tried again as")).to_be_visible()
    expect(signed_in.get_by_role("button", name="Try again as a new video")).to_have_count(0)
