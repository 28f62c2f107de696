"""axe-core finds nothing on any page, in either theme, on a phone and on a wide screen."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import AXE, VIEWS, Scheme, faults
from tests.browser.conftest import ask_for, create_person, opened, sign_in
from tests.processes import SECRET, Service, Simulators, wait_until

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
RUNBOOK = "/health/rules/archive_failing"


def sections() -> list[str]:
    """The addresses of all sections, as the app itself lists them: a new one is looked at as soon as it is there."""
    told = (ROOT / "frontend" / "src" / "lib" / "sections.ts").read_text()
    return [f"/{group}/{name}" for name, group in re.findall(r"^  '?([\w-]+)'?: \{ group: '([\w-]+)'", told, re.M)]


@pytest.fixture(scope="module")
def admin(browser: Browser, service: Service, outside: Simulators) -> Iterator[Page]:
    """Somebody who sees every page, in an installation where something of everything happened."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python scripts/ensure_node.py")
    create_person(service, "ada@example.com", "admin")
    for title, plan in STORIES.items():
        ask_for(service, outside, title, **plan)
    service.post(b'{"event_type": "new.kind", "event_data": {"n": 1}}', secret=service.secret)
    service.post(b'{"event_type": "avatar_video.success"}', secret=SECRET + "x")
    with service.client() as client:
        wait_until(lambda: client.get("/api/v1/videos?state=ready").json()["data"], what="one is ready")
        wait_until(lambda: client.get("/api/v1/videos?state=failed").json()["data"], what="one has failed")
    with opened(browser, service, sign_in(browser, service, "ada@example.com")) as page:
        page.add_init_script(AXE.read_text())
        yield page


STORIES: dict[str, dict[str, Any]] = {
    "Arrived": {"render_s": 0.1, "captions": True},
    "Refused": {"outcome": "failed", "failure_code": "NO_CREDIT", "failure_message": "No credit.", "render_s": 0.1},
    "On its way": {"render_s": 600},
}


def settled(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading").first).to_be_attached()
    loaded(page)


def loaded(page: Page) -> None:
    expect(page.get_by_text(re.compile("(^loading|is loading)", re.IGNORECASE))).to_have_count(0)


@pytest.mark.parametrize("scheme", VIEWS)
def test_no_section_has_a_fault(admin: Page, scheme: Scheme) -> None:
    admin.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    for path in (*sections(), RUNBOOK):
        settled(admin, path)
        found += faults(admin, path, scheme)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("scheme", VIEWS)
def test_no_other_page_has_a_fault_nor_what_opens_over_it(admin: Page, scheme: Scheme) -> None:
    admin.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    settled(admin, "/")
    expect(admin.get_by_role("article")).to_have_count(len(STORIES))
    found = faults(admin, "board", scheme)
    for what in DIALOGS:
        admin.get_by_role("button", name="More for Arrived").click()
        found += faults(admin, "menu", scheme)
        admin.get_by_role("menuitem", name=what).click()
        expect(admin.get_by_role("dialog")).to_be_visible()
        found += faults(admin, what, scheme)
        admin.keyboard.press("Escape")
    for key in ("Control+k", "?"):
        admin.keyboard.press(key)
        expect(admin.get_by_role("dialog")).to_be_visible()
        found += faults(admin, key, scheme)
        admin.keyboard.press("Escape")
    if scheme == "light":  # on a phone the bell leads to a page
        admin.get_by_role("banner").get_by_role("button", name=re.compile("^Notifications")).click()
        found += faults(admin, "bell", scheme)
    for title in STORIES:
        settled(admin, "/")
        admin.get_by_role("link", name=title).first.click()
        admin.wait_for_url("**/videos/*")
        expect(admin.get_by_role("region", name="Timeline").get_by_role("listitem").first).to_be_visible()
        found += faults(admin, title, scheme)
    for path in (
        "/jobs?state=done",
        "/?q=nothing",
        "/nowhere",
        "/videos/unknown",
        "/account/notifications?list",
        "/unsubscribe/unknown",
        *(f"/new?tab={tab}" for tab in WAYS),
    ):
        settled(admin, path)
        found += faults(admin, path, scheme)
    assert found == [], "\n".join(found)


DIALOGS = ("Rename", "Give to somebody", "Delete")
WAYS = ("render", "track", "batch", "import")


@pytest.mark.parametrize("scheme", VIEWS)
def test_what_is_seen_before_signing_in_has_no_fault(
    browser: Browser, service: Service, admin: Page, scheme: Scheme
) -> None:
    with opened(browser, service, None) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.add_init_script(AXE.read_text())
        settled(page, "/sign-in")
        assert faults(page, "sign in", scheme) == []
