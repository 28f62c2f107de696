"""The dashboard as a person uses it, in a real browser."""

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from reelhook.events import sign
from tests.browser.conftest import EMAIL, ask_for, opened
from tests.browser.translated import speak_pseudo, untranslated
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    """A proxy in front, as most have one."""
    return {"trusted_proxies": "127.0.0.0/8"}


def card(page: Page, title: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("main").get_by_role("article").filter(has_text=title)


def test_whoever_is_not_signed_in_is_asked_to_and_returns_to_the_page(page: Page, signed_out_target: str) -> None:
    page.goto(signed_out_target)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("do not belong together")).to_be_visible()


@pytest.fixture
def signed_out_target() -> str:
    return "/?show=ready"


def test_a_video_becomes_ready_on_the_board_without_reloading(
    signed_in: Page, service: Service, outside: Simulators
) -> None:
    signed_in.evaluate("window.neverReloaded = true")
    ask_for(service, outside, "Watched to the end")
    shown = card(signed_in, "Watched to the end")
    expect(shown.get_by_text("Rendering")).to_be_visible()
    expect(shown.get_by_text("Ready", exact=True)).to_be_visible()
    expect(shown.locator("img").first).to_be_visible()
    assert signed_in.evaluate("window.neverReloaded") is True


def test_a_ready_video_plays_and_tells_its_story(signed_in: Page, service: Service, outside: Simulators) -> None:
    video_id = ask_for(service, outside, "Played")
    expect(card(signed_in, "Played").get_by_text("Ready", exact=True)).to_be_visible()
    with service.client() as client:
        wait_until(
            lambda: (
                "seen" in [entry["kind"] for entry in client.get(f"/api/v1/videos/{video_id}/timeline").json()["data"]]
            )
        )
    signed_in.get_by_role("link", name="Played").first.click()
    signed_in.wait_for_url(f"**/videos/{video_id}")
    player = signed_in.locator("video")
    player.evaluate("player => { player.muted = true; return player.play() }")
    wait_until(lambda: player.evaluate("player => player.currentTime") > 0.5, what="the video plays")
    expect(signed_in.get_by_text("Stored and verified")).to_be_visible()
    expect(signed_in.get_by_text("avatar_video.success")).to_be_visible()
    signed_in.reload()
    expect(signed_in.get_by_text("in 1 browser")).to_be_visible()


def test_a_copied_link_opens_the_video_for_somebody_who_cannot_sign_in(
    browser: Browser, signed_in: Page, service: Service, outside: Simulators
) -> None:
    ask_for(service, outside, "Shared")
    expect(card(signed_in, "Shared").get_by_text("Ready", exact=True)).to_be_visible()
    signed_in.get_by_role("link", name="Shared").first.click()
    signed_in.context.grant_permissions(["clipboard-read", "clipboard-write"])
    signed_in.get_by_label("The link works for").select_option("1 hour")
    signed_in.get_by_role("button", name="Copy link").click()
    expect(signed_in.get_by_text("The link is copied. It opens the video without signing in, until")).to_be_visible()
    link = signed_in.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{service.base}/media/")
    with opened(browser, service, None) as stranger:
        assert stranger.request.get(link).headers["content-type"] == "video/mp4"
        assert stranger.request.get(link.partition("?")[0]).status == 401


def test_heygens_reason_is_shown_in_words(signed_in: Page, service: Service, outside: Simulators) -> None:
    message = "Insufficient credit. This operation requires 'api' credits."
    ask_for(service, outside, "Refused", outcome="failed", failure_code="NO_CREDIT", failure_message=message)
    shown = card(signed_in, "Refused")
    expect(shown.get_by_text("HeyGen refused: insufficient credit")).to_be_visible()
    expect(shown.get_by_text("NO_CREDIT")).to_be_visible()
    expect(shown.get_by_role("button", name="Try again as a new video")).to_be_visible()


def test_what_happened_while_the_server_was_away_appears_when_it_is_back(
    signed_in: Page, service: Service, outside: Simulators
) -> None:
    expect(signed_in.get_by_text("Live", exact=True)).to_be_visible()
    ask_for(service, outside, "Came back", render_s=2)
    service.stop()
    expect(signed_in.get_by_text("Reconnecting", exact=True)).to_be_visible()
    service.start()
    expect(signed_in.get_by_text("Live", exact=True)).to_be_visible()
    expect(card(signed_in, "Came back").get_by_text("Ready", exact=True)).to_be_visible()


def test_offline_is_said_and_the_page_goes_on_when_the_network_is_back(signed_in: Page) -> None:
    signed_in.context.set_offline(True)
    expect(signed_in.get_by_text("Offline", exact=True)).to_be_visible()
    signed_in.context.set_offline(False)
    expect(signed_in.get_by_text("Live", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_at_any_width(browser: Browser, signed_in: Page, width: int, scheme: str) -> None:
    signed_in.set_viewport_size({"width": width, "height": 800})
    signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    expect(signed_in.get_by_role("article").first).to_be_visible()
    for path in ("/", signed_in.get_by_role("article").first.get_by_role("link").first.get_attribute("href") or "/"):
        signed_in.goto(path)
        expect(signed_in.get_by_role("heading").first).to_be_attached()
        assert signed_in.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 390, 1440])
def test_the_order_of_the_board_can_be_read(signed_in: Page, width: int) -> None:
    signed_in.set_viewport_size({"width": width, "height": 800})
    order = signed_in.get_by_label("Sort by")
    expect(order).to_be_visible()
    assert (order.bounding_box() or {"width": 0.0})["width"] >= 100


def test_the_keyboard_alone_reaches_and_opens_a_video(signed_in: Page) -> None:
    expect(signed_in.get_by_role("article").first).to_be_visible()
    for _ in range(30):
        signed_in.keyboard.press("Tab")
        href = signed_in.evaluate("document.activeElement.getAttribute('href')")
        if href and href.startswith("/videos/"):
            break
    outline = signed_in.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/videos/*")


def test_the_audit_log_is_narrowed_by_address_and_taken_away_as_a_file(signed_in: Page) -> None:
    signed_in.goto("/settings/audit?action=session.")
    entry = signed_in.get_by_role("article").filter(has_text=f"{EMAIL} signed in").first
    expect(entry).to_be_visible()
    signed_in.get_by_label("Search the audit log").fill("nobody did this")
    expect(signed_in.get_by_text("No entry fits this filter.")).to_be_visible()
    assert signed_in.url.endswith("/settings/audit?q=nobody+did+this&action=session.")
    signed_in.go_back()
    expect(entry).to_be_visible()
    with signed_in.expect_download() as downloading:
        signed_in.get_by_role("link", name="CSV").click()
    assert downloading.value.suggested_filename == "reelhook-audit.csv"
    assert "session.create" in downloading.value.path().read_text()


def _deliveries(client: httpx.Client, network: str) -> int:
    """How many came from *network*, as far as they are written down."""
    found = client.get("/api/v1/senders").json()["data"]
    return sum(int(one["deliveries"]) for one in found if one["network"] == network)


def test_the_front_door_tells_who_posts_and_what_is_new_in_it(signed_in: Page, service: Service) -> None:
    secret = service.secret
    with service.client() as client:
        for body in (b'{"event_type": "lipsync.success", "event_data": {"n": %d}}' % number for number in range(2)):
            headers = {"signature": sign(body, secret), "x-forwarded-for": "3.5.0.7"}
            client.post("/webhooks/heygen", content=body, headers=headers).raise_for_status()
        wait_until(lambda: len(client.get("/api/v1/schema-drift").json()["data"]) == 1)
        wait_until(lambda: _deliveries(client, "3.5.0.0/24") == 2, what="both are counted")
    signed_in.get_by_role("link", name="Front door").click()
    signed_in.get_by_role("link", name="Senders").click()
    expect(signed_in.get_by_role("heading", name="Every address may post")).to_be_visible()
    expect(
        signed_in.get_by_text("REELHOOK_INGEST_ALLOW=3.5.0.0/24\nREELHOOK_INGEST_ALLOW_MODE=observe")
    ).to_be_visible()
    expect(signed_in.get_by_role("row", name="3.5.0.0/24").get_by_text("Proposed")).to_be_visible()
    expect(signed_in.get_by_role("row", name="127.0.0.0/24").get_by_text("Your own network")).to_be_visible()
    signed_in.get_by_role("link", name="Event shapes").click()
    new = signed_in.get_by_role("region", name="lipsync.success")
    expect(new.get_by_text("New type")).to_be_visible()
    expect(new.get_by_text("2 events")).to_be_visible()


def test_a_translation_reaches_every_word_of_the_board(
    browser: Browser, service: Service, outside: Simulators, session: StorageState
) -> None:
    ask_for(service, outside, "Ferns", render_s=600)
    with opened(browser, service, session) as page:
        speak_pseudo(page)
        page.goto("/?q=ferns")
        expect(page.get_by_role("article")).to_have_count(1)
        page.get_by_role("button", name="More for Ferns").click()
        expect(page.get_by_role("menu")).to_be_visible()
        assert untranslated(page) == {EMAIL, "Ferns"}
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert untranslated(page) == {EMAIL, "Ferns", "Ctrl"}


def test_signing_out_ends_the_session(signed_in: Page) -> None:
    signed_in.get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_role("button", name="Sign in")).to_be_visible()
    signed_in.goto("/")
    expect(signed_in.get_by_role("button", name="Sign in")).to_be_visible()
