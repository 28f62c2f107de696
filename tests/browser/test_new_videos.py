"""One person makes and brings in videos in every way there is, in one sitting."""

import re

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from tests.processes import Service, Simulators

pytestmark = pytest.mark.browser
CSV = "\ufeffscript;avatar_id;title;resolution\r\n" + "".join(
    f'"Hello; number {number}";jonas;Row {number};\r\n' for number in range(4)
)
WRONG = "script,avatar_id,captions\n,jonas,perhaps\nFine,jonas,no\n"


def made_at_heygen(outside: Simulators, title: str) -> str:
    """A video that the account made without us."""
    body = {"type": "avatar", "avatar_id": "anna", "script": title, "title": title}
    headers = {"X-Api-Key": outside.heygen_api_key}
    answer = httpx.post(f"{outside.heygen}/v3/videos", json=body, headers=headers, timeout=15).raise_for_status()
    return str(answer.json()["data"]["video_id"])


def videos(service: Service) -> list[dict[str, object]]:
    with service.client() as client:
        return list(client.get("/api/v1/videos?limit=200").json()["data"])


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Ways to a new video").get_by_role("link", name=name).click()


def test_videos_are_rendered_tracked_sent_in_a_batch_and_imported(
    signed_in: Page, service: Service, outside: Simulators
) -> None:
    page = signed_in
    # No webhooks: else a video that the account made would be here before anybody asks for it.
    outside.control("POST", "/plans", {"default": {"render_s": 0.2, "clip": "welcome", "delivery": "none"}})
    page.get_by_role("link", name="New video").first.click()

    # Render: what is missing is said, a draft outlives a reload, a double click makes one video.
    page.get_by_role("button", name="Ask HeyGen for the video").click()
    expect(page.get_by_text("Choose an avatar.")).to_be_visible()
    expect(page.get_by_text("A script is needed.")).to_be_visible()
    avatars = page.get_by_role("radiogroup", name="Avatar")
    expect(avatars.get_by_role("radio", name="Anna, recorded today")).to_be_disabled()
    page.get_by_label("Search: Avatar").fill("jonas")
    expect(avatars.get_by_role("radio")).to_have_count(1)
    avatars.get_by_role("radio", name="Jonas").check()
    page.get_by_label("Language", exact=True).select_option("German")
    page.get_by_label("Gender", exact=True).select_option("female")
    page.get_by_label("Script", exact=True).fill("Guten Tag, und willkommen in unserem Haus.")
    page.get_by_label("Title").fill("Made here")
    page.get_by_role("button", name="Ask HeyGen for the video").click()
    expect(page.get_by_text("This avatar has no voice of its own")).to_be_visible()
    voices = page.get_by_role("radiogroup", name="Voice")
    expect(voices.get_by_role("radio")).to_have_count(3)  # the avatar's own, and two that are as they were asked for
    voices.get_by_role("radio", name="Clara").check()
    expect(page.get_by_text("Estimate: about 0:03 long, some $0.15.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Made here")
    page.get_by_role("button", name="Ask HeyGen for the video").dblclick()
    expect(page.get_by_role("heading", name="Made here")).to_be_visible()
    (made,) = videos(service)
    assert made["title"] == "Made here"

    # Track: one of three is not there, and one line names what is tracked already.
    followed = made_at_heygen(outside, "Followed")
    page.goto("/new?tab=track")
    page.get_by_label("HeyGen’s ids").fill(f"{followed}, Followed\n{made['heygen_video_id']}\n")
    page.get_by_role("button", name="Track 2 videos").click()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    expect(page.get_by_text("It was here already")).to_have_count(1)

    # Batch: faults by row and column; then all at once, broken off by a server that is away, and gone on with.
    tab(page, "Batch")
    with page.expect_download() as template:
        page.get_by_role("button", name="Template").click()
    assert template.value.path().read_text().startswith("script,avatar_id,voice_id,title,subject")
    chooser = page.get_by_label("Choose a file").last
    chooser.set_input_files({"name": "wrong.csv", "mimeType": "text/csv", "buffer": WRONG.encode()})
    expect(page.get_by_text("1 row has something to mend")).to_be_visible()
    expect(page.get_by_role("row", name="2 jonas").get_by_text("A script is needed.")).to_be_visible()
    chooser.set_input_files({"name": "rows.csv", "mimeType": "text/csv", "buffer": CSV.encode()})
    expect(page.get_by_role("row")).to_have_count(5)
    broken: list[str] = []

    def lose_the_answer(route: object) -> None:
        broken.append(route.request.headers["idempotency-key"])  # type: ignore[attr-defined]
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/api/v1/videos", lose_the_answer)
    page.get_by_role("button", name="Ask HeyGen for 4 videos").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.unroute_all(behavior="wait")
    page.reload()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("4 of 4 done")).to_be_visible()
    rows = [one for one in videos(service) if str(one["title"]).startswith("Row")]
    assert len(rows) == 4, "what was sent without an answer was not made twice"
    assert 1 <= len(set(broken)) <= 3
    page.get_by_role("button", name="Close this batch").click()
    expect(page.get_by_text("Drop a CSV here")).to_be_visible()

    # Import: what is here is marked; the others are brought.
    for number in range(2):
        made_at_heygen(outside, f"Earlier {number}")
    tab(page, "Import")
    expect(page.get_by_role("checkbox", name="Select Followed")).to_be_disabled()
    page.get_by_role("button", name="Select all that are not here yet").click()
    page.get_by_role("button", name="Import 2 videos").click()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    expect(page.get_by_text("Everything the account has is here.")).to_be_visible()
    assert len(videos(service)) == 8
    page.get_by_role("link", name=re.compile("Open: Earlier 1")).click()
    expect(page.get_by_role("heading", name="Earlier 1")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Ready", exact=True).first).to_be_visible()

    page.set_viewport_size({"width": 360, "height": 800})
    for name in ("render", "track", "batch", "import"):
        page.goto(f"/new?tab={name}")
        expect(page.get_by_role("navigation", name="Ways to a new video")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
