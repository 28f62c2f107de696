"""What comes from other origins: a provider of identities that people sign in with, and pages that call or frame us."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.oidc.node import real_provider, settings
from tests.processes import Service, free_port

pytestmark = pytest.mark.browser


class Blank(http.server.BaseHTTPRequestHandler):
    """Somebody else's web site, which has nothing on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of such a site. `localhost` and `127.0.0.1` are two origins, and to us two sites."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: int) -> Iterator[Service]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    shares = {"cors_origins": f"http://localhost:{site}", "embed_origins": f"http://127.0.0.1:{site}"}
    with real_provider(f"{base}/api/v1/session/oidc/callback") as issuer:
        one = Service(tmp_path_factory.mktemp("service"), settings(issuer, base, **shares), port)
        one.start()
        made = one.command("people", "create", "olga@example.com", "--role", "admin")
        assert made.returncode == 0, made.stderr
        yield one
        one.stop()


def through_the_provider(page: Page, name: str) -> None:
    page.get_by_role("link", name="Sign in with Example ID").click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_the_button_leads_through_the_provider_to_the_page_that_was_wanted(browser: Browser, service: Service) -> None:
    with opened(browser, service, None) as page:
        page.goto("/jobs")
        through_the_provider(page, "olga")
        page.wait_for_url(f"{service.base}/jobs")
        expect(page.get_by_role("heading", name="Jobs")).to_be_visible()


def test_whoever_was_not_invited_is_told_so_and_may_try_again(browser: Browser, service: Service) -> None:
    with opened(browser, service, None) as page:
        page.goto("/jobs")
        through_the_provider(page, "bob")
        expect(page.get_by_role("alert")).to_contain_text("no account here yet")
        expect(page.get_by_role("link", name="Sign in with Example ID")).to_have_attribute(
            "href", "/api/v1/session/oidc/start?next=%2Fjobs"
        )


CALL = """async ([url, headers]) => {
  try {
    const answer = await fetch(url, { headers });
    return [answer.status, answer.headers.get('etag') !== null, answer.headers.get('ratelimit') !== null];
  } catch { return 'kept from the page'; }
}"""
FOLLOW = """(url) => new Promise((done) => {
  const stream = new EventSource(url);
  stream.onopen = () => { stream.close(); done('open'); };
  stream.onerror = () => { stream.close(); done('kept from the page'); };
})"""


def test_only_a_page_of_an_allowed_origin_reads_answers_and_the_stream(
    browser: Browser, service: Service, site: int
) -> None:
    with service.client() as program:
        headers = {"Authorization": program.headers["authorization"]}
        token = program.post("/api/v1/stream-tokens", json={"subject": "u1"}).json()["token"]
    page = browser.new_context().new_page()
    kept = "kept from the page"
    for host, called, followed in (("localhost", [200, True, True], "open"), ("127.0.0.1", kept, kept)):
        page.goto(f"http://{host}:{site}/")
        assert page.evaluate(CALL, [f"{service.base}/api/v1/videos", headers]) == called
        assert page.evaluate(FOLLOW, f"{service.base}/api/v1/stream?token={token}") == followed
    page.context.close()


def test_only_the_page_of_a_video_is_framed_and_only_by_an_allowed_origin(
    browser: Browser, service: Service, site: int
) -> None:
    page = browser.new_context().new_page()
    refused = "chrome-error://chromewebdata/"
    video = f"{service.base}/videos/0192c000-0000-7000-8000-000000000001"
    for host, address, shown in (
        ("127.0.0.1", video, service.base),
        ("127.0.0.1", f"{service.base}/jobs", refused),
        ("localhost", video, refused),
    ):
        page.goto(f"http://{host}:{site}/")
        show = "url => new Promise(done => { const f = document.createElement('iframe'); f.onload = done; f.src = url;"
        page.evaluate(f"{show} document.body.append(f); }})", address)
        for _ in range(100):  # a refused page is replaced by the browser's own, a moment after it was loaded
            if page.frames[1].url:
                break
            page.wait_for_timeout(50)
        assert page.frames[1].url.startswith(shown), (host, address)
    page.context.close()


PAGES = ("/", "/jobs", "/videos/none", "/front-door/rejections", "/front-door/senders", "/front-door/drift")
PAGES += ("/settings/people", "/settings/keys", "/settings/webhooks", "/settings/audit", "/account", "/none")


def test_no_page_breaks_its_own_policy(browser: Browser, service: Service) -> None:
    with opened(browser, service, None) as page:
        broken: list[str] = []
        page.expose_function("tell", lambda what: broken.append(what))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => tell(e.violatedDirective + e.blockedURI))"
        )
        page.goto("/sign-in")
        through_the_provider(page, "olga")
        page.wait_for_url(f"{service.base}/")
        for path in PAGES:
            answer = page.goto(path)
            assert answer is not None
            assert "unsafe" not in answer.headers["content-security-policy"]
            expect(page.get_by_role("heading").first).to_be_visible()
        assert broken == []
