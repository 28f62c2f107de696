"""The page of one video: what failed and why, what was done about it, and everything that happened, in one column."""

from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import EMAIL, ask_for
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """No video is small enough to be kept, until a test lets it be."""
    media: Path = tmp_path_factory.mktemp("media")
    return {"video_max_bytes": 1000, "stores": f"local:{media},cloudinary"}


def keep_videos(service: Service) -> None:
    if service.settings.pop("video_max_bytes", None) is not None:
        service.stop()
        service.start()


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

    keep_videos(service)
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


def test_a_stream_plays_on_from_where_the_file_was_and_the_file_from_where_the_stream_failed(
    signed_in: Page, service: Service, outside: Simulators
) -> None:
    keep_videos(service)
    video_id = ask_for(service, outside, "Streamed", store="cloudinary", render_s=0.2)
    with service.client() as client:
        state = lambda: client.get(f"/api/v1/videos/{video_id}").json()["state"]  # noqa: E731
        wait_until(lambda: state() == "ready", what="it is kept")
    page, fetched = signed_in, list[str]()
    page.on("response", lambda answer: fetched.append(f"{answer.status} {answer.url.removeprefix(outside.cloudinary)}"))
    page.goto(f"/videos/{video_id}")
    player, adaptive = page.locator("video"), page.get_by_label("Adaptive quality")
    wait_until(lambda: player.evaluate("player => player.duration > 4"), what="the file is there")
    player.evaluate("player => { player.muted = true; player.currentTime = 1; return player.play(); }")

    adaptive.check()
    assert player.evaluate("player => player.src").endswith(".m3u8")
    streamed = "player => player.currentTime > 1.2 && player.videoWidth > 0 && !player.paused"
    wait_until(lambda: player.evaluate(streamed), what="the stream plays on")
    playlists = [one for one in fetched if ".m3u8" in one]
    assert "/sp_auto/v" in playlists[0]
    assert any("/h_" in one for one in playlists[1:])
    assert any("/h_" in one and one.endswith(".mp4") for one in fetched), "a segment"

    adaptive.uncheck()
    back = "player => player.src.endsWith('.mp4') && player.videoWidth > 0"
    wait_until(lambda: player.evaluate(back), what="the file is back")
    fault = {"on": "delivery", "kind": "still_processing", "target": "sp_auto", "times": 9}
    httpx.post(f"{outside.cloudinary}/_control/faults", json=fault).raise_for_status()
    adaptive.click()  # it may be unchecked again before `check` looks
    expect(page.get_by_text("The adaptive stream did not play. This is the plain file.")).to_be_visible()
    expect(adaptive).not_to_be_checked()
    wait_until(lambda: player.evaluate(f"player => ({back})(player) && player.currentTime > 1.2"), what="it plays on")


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
