"""A real Chromium against a real service and real simulators."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.processes import Service, Simulators, simulators, wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome")
SHELL = "chromium-headless-shell"
"""Chromium without what surrounds a page: the same tests take it half of the processor's time."""
WAIT_MS = 30_000


def find_chromium(*names: str) -> str | None:
    """The browser that REELHOOK_CHROMIUM names, or the first of *names* that is there."""
    wanted = (os.environ.get("REELHOOK_CHROMIUM", ""), *names)
    return next((path for name in wanted if name and (path := shutil.which(name))), None)


def chromium_or_skip(*names: str) -> str:
    found = find_chromium(*names)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium, or set REELHOOK_CHROMIUM")
    return found


@pytest.fixture(scope="module")
def chromium_path() -> str:
    return chromium_or_skip(SHELL, *NAMES)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Not longer than a module: while it lives, Playwright's loop runs, and tests with loops of their own cannot."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=WAIT_MS)
        chromium = playwright.chromium.launch(executable_path=chromium_path)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def outside() -> Iterator[Simulators]:
    with simulators(seconds_per_render=1.0) as running:
        yield running


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    """Settings of this module's service, beside the usual ones."""
    return {}


@pytest.fixture(scope="module")
def service(
    outside: Simulators, settings: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with simulators beside it and one operator, known by `EMAIL` and `PASSWORD`."""
    one = Service(Path(tmp_path_factory.mktemp("service")), dict(outside.settings()) | settings)
    one.introduce(outside)
    create_person(one, EMAIL, "operator")
    yield one
    one.stop()


def create_person(service: Service, email: str, role: str) -> None:
    """Somebody who can sign in with `PASSWORD`."""
    with service.local() as local:
        local.post("/api/v1/people", json={"email": email, "role": role, "password": PASSWORD}).raise_for_status()


EMAIL, PASSWORD = "olga@example.com", "correct horse battery"


@pytest.fixture(scope="module")
def session(browser: Browser, service: Service) -> StorageState:
    """The cookies of one sign-in: more than a few in a row are refused, as they should be."""
    return sign_in(browser, service, EMAIL)


def sign_in(browser: Browser, service: Service, email: str) -> StorageState:
    """The cookies of somebody who signed in."""
    context = browser.new_context(base_url=service.base, service_workers="block")
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    state = context.storage_state()
    context.close()
    return state


def ask_for(
    service: Service,
    outside: Simulators,
    title: str,
    *,
    subject: str | None = None,
    store: str | None = None,
    **plan: object,
) -> str:
    """Ask HeyGen for a video through our API; returns its id. *subject*: whose it is; *store*: where it is kept."""
    outside.control("POST", "/plans", {"plans": [{"clip": "welcome", "render_s": 1.5, **plan}]})
    with service.client() as client:
        heygen = {"type": "avatar", "avatar_id": "anna", "script": title}
        wanted = {"heygen": heygen, "title": title, "subject": subject, "store": store}
        made = client.post("/api/v1/videos", json=wanted).raise_for_status().json()
        wait_until(lambda: client.get(f"/api/v1/videos/{made['id']}").json()["heygen_video_id"])
    return str(made["id"])


@contextmanager
def opened(browser: Browser, service: Service, state: StorageState | None) -> Iterator[Page]:
    """A fresh browser profile. Whatever the page complains about fails the test.

    Without the service worker: it has tests of its own, and would fetch the whole app for each profile anew.
    """
    context = browser.new_context(
        base_url=service.base,
        viewport={"width": 1280, "height": 900},
        storage_state=state,
        service_workers="block",
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    with opened(browser, service, None) as one:
        yield one


@pytest.fixture
def signed_in(browser: Browser, service: Service, session: StorageState) -> Iterator[Page]:
    """The board, live."""
    with opened(browser, service, session) as one:
        one.goto("/")
        expect(one.get_by_text("Live", exact=True)).to_be_visible(timeout=WAIT_MS)
        yield one
