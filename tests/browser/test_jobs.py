"""The page of the jobs, as an operator uses it: dead letters, what can be done about them, and how recovery goes."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import look_at_dialog
from tests.browser.conftest import ask_for, create_person, opened, sign_in
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

TOO_LARGE = "REELHOOK_VIDEO_MAX_BYTES"
# Longer than the pause between two readings of the list, on a busy machine.
FOLLOWED_MS = 60_000


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    """No video is small enough, so each becomes a dead letter: at once, and for as long as a test wants."""
    return {"video_max_bytes": 1000}


@pytest.fixture(scope="module")
def dead(service: Service, outside: Simulators) -> str:
    """The title of a video whose file could not be kept. Its dead letter is there for all tests, and stays."""
    bury(service, outside, "Left alone")
    return "Left alone"


def bury(service: Service, outside: Simulators, title: str) -> str:
    """A video that becomes a dead letter; returns its id."""
    video_id = ask_for(service, outside, title, render_s=0.2)
    with service.client() as client:
        wait_until(lambda: client.get(f"/api/v1/videos/{video_id}").json()["state"] == "unarchived")
    return video_id


def dead_letters(service: Service, **which: str) -> list[dict[str, Any]]:
    """Those that need a person, as the API lists them."""
    with service.client() as client:
        answer = client.get("/api/v1/jobs", params={"state": "dead", "discarded": "false", "limit": "200"} | which)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
    return found


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("article").filter(has_text=title)


def test_the_bar_says_that_somebody_is_needed_and_leads_to_the_reason(
    signed_in: Page, service: Service, dead: str
) -> None:
    waiting = len(dead_letters(service))
    link = signed_in.get_by_role("navigation", name="Pages").get_by_role("link", name="Jobs")
    expect(link).to_contain_text(str(waiting), timeout=FOLLOWED_MS)
    link.click()
    signed_in.wait_for_url("**/jobs")
    expect(row(signed_in, dead)).to_contain_text(TOO_LARGE)
    expect(row(signed_in, dead)).to_contain_text("1 attempt")
    row(signed_in, dead).get_by_role("link", name=dead).click()
    signed_in.wait_for_url("**/videos/*")


def test_the_whole_story_of_a_job_has_an_address(signed_in: Page, dead: str) -> None:
    signed_in.goto("/jobs")
    row(signed_in, dead).get_by_role("link", name="Keep a file of the video").click()
    signed_in.wait_for_url("**/jobs/*")
    signed_in.reload()
    story = signed_in.get_by_role("complementary")
    expect(story.get_by_text("Attempt 1")).to_be_visible()
    expect(story.get_by_text("failed for good")).to_be_visible()
    expect(story.get_by_text("Deadline")).to_be_visible()
    story.get_by_text("Payload").click()
    expect(story.get_by_text("asset_id")).to_be_visible()
    story.get_by_role("link", name="Close").click()
    signed_in.wait_for_url("**/jobs")


def test_an_unarchived_video_leads_to_its_dead_letter(signed_in: Page, service: Service, dead: str) -> None:
    card = row(signed_in, dead)
    card.get_by_role("link", name=dead).click()
    signed_in.wait_for_url("**/videos/*")
    video_id = signed_in.url.rsplit("/", 1)[-1]
    expect(signed_in.get_by_text(TOO_LARGE).first).to_be_visible()
    signed_in.get_by_role("link", name="The whole story").click()
    signed_in.wait_for_url(f"**/jobs/{dead_letters(service, video_id=video_id)[0]['id']}")


def test_filters_have_addresses(signed_in: Page, dead: str) -> None:
    signed_in.goto("/jobs?kind=archive_asset&code=too_large")
    expect(row(signed_in, dead)).to_be_visible()
    signed_in.get_by_label("Kind of work").select_option(label="Forget what was kept long enough")
    signed_in.wait_for_url("**/jobs?kind=prune&code=too_large")
    expect(signed_in.get_by_role("heading", name="No job matches")).to_be_visible()
    signed_in.go_back()
    expect(row(signed_in, dead)).to_be_visible()


def test_a_job_is_discarded_with_a_reason_and_not_without(
    signed_in: Page, service: Service, outside: Simulators
) -> None:
    bury(service, outside, "Not wanted")
    signed_in.goto("/jobs")
    row(signed_in, "Not wanted").get_by_role("button", name="Discard").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog.get_by_text("A reason is needed.")).to_be_visible()
    expect(dialog.get_by_label("Why?")).to_be_focused()
    look_at_dialog(signed_in)
    dialog.get_by_label("Why?").fill("Camille has the other one")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_have_count(0)
    expect(row(signed_in, "Not wanted")).to_contain_text("Discarded")
    signed_in.goto("/jobs?state=discarded")
    expect(row(signed_in, "Not wanted")).to_contain_text("Camille has the other one")
    signed_in.goto("/jobs")
    expect(signed_in.get_by_role("region", name="List of jobs").get_by_role("heading").first).to_be_visible()
    expect(row(signed_in, "Not wanted")).to_have_count(0)


def test_all_are_tried_again_after_a_question_that_names_the_number(
    signed_in: Page, service: Service, outside: Simulators, dead: str
) -> None:
    bury(service, outside, "Another one")
    number = len(dead_letters(service, code="too_large"))
    signed_in.goto("/jobs?code=too_large")
    expect(row(signed_in, dead)).to_be_visible()
    signed_in.get_by_role("button", name="Try all again").click()
    dialog = signed_in.get_by_role("dialog", name=f"Try {number} jobs again?")
    expect(dialog).to_contain_text("too_large")
    look_at_dialog(signed_in)
    # What is said of it may be followed at once by the word that one of them needs a person again.
    with signed_in.expect_response("**/api/v1/jobs/retry") as answered:
        dialog.get_by_role("button", name=f"Try {number} jobs again").click()
    assert answered.value.json()["retried"] == number
    wait_until(lambda: [len(job["attempts"]) > 1 for job in dead_letters(service, code="too_large")] == [True] * number)


def test_a_job_that_would_fail_again_leads_to_its_video(signed_in: Page, service: Service) -> None:
    with service.client() as client:
        heygen = {"type": "cinematic_avatar", "prompt": "Nobody is in this"}  # HeyGen wants an avatar
        asked = client.post("/api/v1/videos", json={"heygen": heygen, "title": "Refused for good"})
        video_id = asked.raise_for_status().json()["id"]
        wait_until(lambda: client.get(f"/api/v1/videos/{video_id}").json()["state"] == "failed")
    signed_in.goto("/jobs")
    shown = row(signed_in, "Refused for good")
    expect(shown.get_by_role("button", name="Try again")).to_have_count(0)
    shown.get_by_role("link", name="Ask HeyGen for the video").click()
    story = signed_in.get_by_role("complementary")
    expect(story.get_by_text("would change nothing")).to_be_visible()
    story.get_by_role("link", name="Open the video").click()
    signed_in.wait_for_url(f"**/videos/{video_id}")


def test_recovery_is_told_in_numbers_and_checked_at_once(signed_in: Page) -> None:
    signed_in.goto("/jobs")
    expect(signed_in.get_by_text("missed in the last 7 days")).to_be_visible()
    signed_in.get_by_role("button", name="Check now").click()
    expect(signed_in.get_by_text("Nothing was missing.")).to_be_visible()
    signed_in.get_by_text("The checks so far").click()
    expect(signed_in.get_by_text("HeyGen’s history").first).to_be_visible()


def test_viewers_see_nothing_of_the_jobs_and_find_no_way_to_a_new_video(browser: Browser, service: Service) -> None:
    create_person(service, "vera@example.com", "viewer")
    with opened(browser, service, sign_in(browser, service, "vera@example.com")) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/")
        expect(page.get_by_role("navigation", name="Show")).to_be_visible()
        for name in ("Jobs", "New video"):
            expect(page.get_by_role("link", name=name)).to_have_count(0)
        page.goto("/new")
        expect(page.get_by_role("heading", name="Nothing is shown here")).to_be_visible()
        page.goto("/jobs")
        expect(page.get_by_role("heading", name="Nothing is shown here")).to_be_visible()
        assert not [url for url in asked if "/api/v1/jobs" in url or "/api/v1/reconcile" in url]


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_at_any_width(signed_in: Page, dead: str, width: int, scheme: str) -> None:
    signed_in.set_viewport_size({"width": width, "height": 800})
    signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    signed_in.goto("/jobs")
    name = row(signed_in, dead).get_by_role("heading").get_by_role("link")
    expect(name).to_be_visible()
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= width
    name.click()
    expect(signed_in.get_by_role("complementary").get_by_text("Attempt 1")).to_be_visible()
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_alone_opens_a_story_and_returns_to_its_row(signed_in: Page, dead: str) -> None:
    signed_in.goto("/jobs")
    name = row(signed_in, dead).get_by_role("heading").get_by_role("link")
    name.focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("complementary")).to_be_focused()
    signed_in.keyboard.press("Tab")
    signed_in.keyboard.press("Enter")
    expect(name).to_be_focused()


def test_a_job_tried_again_after_the_cause_is_gone_ends_well_before_our_eyes(
    signed_in: Page, service: Service, dead: str
) -> None:
    """The last two: from here on videos are kept."""
    service.stop()
    del service.settings["video_max_bytes"]
    service.start()
    signed_in.goto("/jobs")
    row(signed_in, dead).get_by_role("button", name="Try again").click()
    expect(row(signed_in, dead)).to_contain_text("Done", timeout=FOLLOWED_MS)
    row(signed_in, dead).get_by_role("link", name=dead).click()
    expect(signed_in.get_by_text("Stored and verified")).to_be_visible()


def test_an_event_is_applied_again_from_its_video(signed_in: Page, service: Service, outside: Simulators) -> None:
    video_id = ask_for(service, outside, "Replayed", render_s=0.2)
    with service.client() as client:
        wait_until(lambda: client.get(f"/api/v1/videos/{video_id}").json()["state"] == "ready")
    signed_in.goto(f"/videos/{video_id}")
    signed_in.get_by_text("Raw events and replay").click()
    event = signed_in.get_by_role("region", name="Raw events").get_by_role("listitem").last
    event.get_by_role("button", name="Replay").click()
    expect(event.get_by_text("replayed just now")).to_be_visible()
    expect(event.get_by_text("pending")).to_have_count(0, timeout=FOLLOWED_MS)
    with service.client() as client:
        assert client.get(f"/api/v1/videos/{video_id}").json()["state"] == "ready"
