"""The examples of the SDK, on origins of their own: plain HTML, React and Vue, with streams and without."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browser.conftest import WAIT_MS, opened
from tests.processes import Service, Simulators, free_port, wait_until

pytestmark = pytest.mark.browser

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = {"plain": "plain", "react": "react/dist", "vue": "vue/dist"}
SUBJECT = "customer-12"
SHORT_S = 10
"""The shortest life that a token can have."""

# What the element told the page, in order, and how often it made itself heard.
LISTEN = """const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (...when) {
  window.rung = (window.rung ?? 0) + 1;
  start.apply(this, when);
};
for (const name of ['state', 'ready', 'failed', 'problem'])
  document.addEventListener(`reelhook:${name}`, ({ detail }) => {
    (window.told ??= []).push(name === 'state' ? detail.video.state : name === 'problem' ? detail.code : `(${name})`);
  });"""


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {name: free_port() for name in FOLDERS}


@pytest.fixture(scope="module")
def settings(ports: dict[str, int]) -> dict[str, object]:
    return {"cors_origins": ",".join(f"http://localhost:{port}" for port in ports.values())}


@pytest.fixture(scope="module")
def products(service: Service, ports: dict[str, int]) -> Iterator[dict[str, str]]:
    """The address of each example, served by the examples' own backend. Those that could not be built are absent."""
    with service.client() as program, ExitStack() as running:
        key = program.headers["authorization"].removeprefix("Bearer ")
        built = {name: EXAMPLES / folder for name, folder in FOLDERS.items()}
        built = {name: folder for name, folder in built.items() if (folder / "index.html").is_file()}
        begun = [
            running.enter_context(backend(folder, REELHOOK_URL=service.base, REELHOOK_KEY=key, PORT=str(ports[name])))
            for name, folder in built.items()
        ]
        for process in begun:
            assert process.stdout is not None
            assert process.stdout.readline(), "the example's backend did not start"
        yield {name: f"http://localhost:{ports[name]}" for name in built}


@contextmanager
def backend(folder: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """It says so when it is ready."""
    with subprocess.Popen(
        [sys.executable, str(EXAMPLES / "server" / "server.py"), str(folder)],
        env=dict(os.environ) | {"SUBJECT": SUBJECT, "TTL_S": str(SHORT_S)} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(service: Service, outside: Simulators, title: str) -> str:
    """Ask for a video of which HeyGen tells nothing before `tell` is called."""
    outside.control("POST", "/plans", {"plans": [{"clip": "welcome", "render_s": 0.1, "delivery": "none"}]})
    heygen = {"type": "avatar", "avatar_id": "anna", "script": title}
    with service.client() as client:
        made = client.post("/api/v1/videos", json={"heygen": heygen, "title": title, "subject": SUBJECT})
    return str(made.raise_for_status().json()["id"])


def tell(service: Service, outside: Simulators, video: str, event_type: str, **data: str) -> None:
    with service.client() as client:
        heygen_id = wait_until(lambda: client.get(f"/api/v1/videos/{video}").json()["heygen_video_id"])
    told = {"video_id": heygen_id, "callback_id": video, **data}
    outside.control("POST", "/send", {"event_type": event_type, "event_data": told})


def is_rendering(page: Page) -> None:
    expect(page.locator("reelhook-video[state=rendering]")).to_be_visible()


@contextmanager
def watching(browser: Browser, service: Service, *addresses: str) -> Iterator[list[Page]]:
    with ExitStack() as pages:
        yield [pages.enter_context(opened(browser, service, None)) for _ in addresses]


def told(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.told ?? []")
    return found


def shows_the_film(page: Page, title: str) -> None:
    expect(page.locator("reelhook-video[state=ready]")).to_be_visible()
    expect(page).to_have_title(f"Ready: {title}")
    # The film itself comes, by a token in its address.
    page.locator("video").evaluate("film => film.duration || new Promise(done => { film.onloadedmetadata = done; })")
    assert [what for what in told(page) if what != "network"][-2:] == ["ready", "(ready)"]


def test_every_example_shows_a_video_from_its_request_to_the_film(
    browser: Browser, service: Service, outside: Simulators, products: dict[str, str]
) -> None:
    title = "Welcome aboard"
    with watching(browser, service, *products) as pages:
        video = ask(service, outside, title)
        for page, address in zip(pages, products.values(), strict=True):
            page.add_init_script(LISTEN)
            page.goto(f"{address}/?video={video}")
            is_rendering(page)
            page.get_by_role("heading").click()  # without a gesture nothing may sound
        tell(service, outside, video, "avatar_video.success")
        for page in pages:
            shows_the_film(page, title)
            assert {"rendering", "archiving", "ready"} <= set(told(page))
            assert told(page).count("(ready)") == 1
            element = page.locator("reelhook-video")
            expect(element.get_by_role("status")).to_have_text(f"{title}: Ready")
            expect(element.get_by_role("progressbar")).to_be_hidden()
        rung = {name: page.evaluate("window.rung ?? 0") for name, page in zip(products, pages, strict=True)}
        assert rung == dict.fromkeys(products, 0) | {"plain": 1}, "only where the page asks for sound"
    if missing := sorted(FOLDERS.keys() - products.keys()):
        pytest.skip(f"not built, and so not looked at: {', '.join(missing)} (python scripts/ensure_node.py)")


def comes_true(page: Page, condition: Callable[[], bool]) -> None:
    """Wait while the page goes on: only then are we told what it asks for."""
    for _ in range(WAIT_MS // 20):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError("the page did not do it in time")


def no_film(route: Route) -> None:
    if route.request.resource_type == "media":
        route.fulfill(status=401)
    else:
        route.continue_()


def test_where_streams_are_blocked_the_same_is_shown(
    browser: Browser, service: Service, outside: Simulators, products: dict[str, str]
) -> None:
    with watching(browser, service, "plain") as (page,):
        page.add_init_script(LISTEN)
        page.clock.install()
        page.route("**/api/v1/stream?*", lambda route: route.abort())
        video = ask(service, outside, "Without a stream")
        page.goto(f"{products['plain']}/?video={video}")
        expect(page.locator("reelhook-video[state]")).to_be_visible()
        tell(service, outside, video, "avatar_video.success")
        with service.client() as client:
            wait_until(lambda: client.get(f"/api/v1/videos/{video}").json()["state"] == "ready")
            longer = client.post("/api/v1/stream-tokens", json={"subject": SUBJECT, "ttl_s": 3600}).json()
        # The film is asked for with a token that has ended; the next one opens it.
        page.route("**/media/*", no_film)
        page.clock.fast_forward(4_600)
        expect(page.locator("reelhook-video")).to_contain_text("cannot be played here")
        page.unroute("**/media/*")
        renewed: list[Route] = []
        page.route("**/token", lambda route: (renewed.append(route), route.fulfill(json=longer)))
        page.clock.fast_forward(4_000)
        comes_true(page, lambda: bool(renewed))
        page.clock.fast_forward(15_000)
        expect(page.locator("reelhook-video")).not_to_contain_text("cannot be played here")
        shows_the_film(page, "Without a stream")
        assert "network" in told(page)
        assert page.evaluate("window.rung ?? 0") == 0, "nobody has touched the page"


def test_a_token_is_renewed_before_its_end_and_nothing_is_missed(
    browser: Browser, service: Service, outside: Simulators, products: dict[str, str]
) -> None:
    begun: list[str] = []
    ended: list[Request] = []

    with watching(browser, service, "plain") as (page,):
        page.on("request", lambda request: begun.append(request.url))
        page.on("requestfailed", lambda request: ended.append(request))
        page.clock.install()
        page.add_init_script(LISTEN)
        video = ask(service, outside, "Longer than a token")
        page.goto(f"{products['plain']}/?video={video}")
        is_rendering(page)
        page.clock.fast_forward(SHORT_S * 800)
        comes_true(page, lambda: bool(ended))
        streams = [url for url in begun if "/api/v1/stream?" in url]
        assert [request.url for request in ended] == streams[:1], "the old one is let go once the new one speaks"
        assert (len(streams), begun.count(f"{products['plain']}/token")) == (2, 2)
        tell(service, outside, video, "avatar_video.fail", msg="Not enough credit.")
        expect(page.locator("reelhook-video[state=failed]")).to_contain_text("and you pay nothing")
        page.locator("reelhook-video").evaluate("element => { element.messages = { failed: 'Misslungen' }; }")
        expect(page.locator("reelhook-video").get_by_text("Misslungen", exact=True)).to_be_visible()
        assert told(page)[-2:] == ["failed", "(failed)"]
        assert not {"network", "token"} & set(told(page))
        offered = page.evaluate("url => import(url).then(() => Object.keys(Reelhook))", f"{service.base}/sdk/v1.js")
        assert offered == ["createClient", "defineReelhook", "messages"], "as a module too, and a second time"
