"""What knocked and what was refused, from the first sight of it to the reason, as a person looks for it."""

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from reelhook.events import sign
from tests.browser.conftest import EMAIL, create_person
from tests.processes import SECRET, Service

pytestmark = pytest.mark.browser
BODY = b'{"event_type": "avatar_video.success"}'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of which nothing is asked but to refuse: no simulators stand beside it."""
    one = Service(Path(tmp_path_factory.mktemp("service"))).start()
    create_person(one, EMAIL, "operator")
    yield one
    one.stop()


def refused(service: Service, body: bytes, **headers: str) -> None:
    assert httpx.post(f"{service.base}/webhooks/heygen", content=body, headers=headers, timeout=15).status_code == 401


def test_a_refusal_appears_is_explained_and_is_checked_again(signed_in: Page, service: Service) -> None:
    page = signed_in
    page.goto("/front-door/rejections")
    expect(page.get_by_text("Nobody was turned away")).to_be_visible()
    refused(service, b"{}")
    refused(service, BODY + b"\n", signature=sign(BODY, SECRET))
    page.get_by_role("link", name="Whitespace changed after signing", exact=True).click()
    opened = page.get_by_role("complementary", name="One refused request")
    expect(opened.get_by_text("Send exactly the bytes that were signed")).to_be_visible()
    opened.get_by_role("link", name="Check this signature again").click()
    check = page.get_by_role("complementary", name="Check a signature")
    expect(check.get_by_label("Body", exact=True)).to_have_value(BODY.decode() + "\n")
    check.get_by_role("button", name="Check").click()
    expect(check.get_by_role("status").get_by_text("Whitespace changed after signing")).to_be_visible()
    check.get_by_label("Body", exact=True).fill(BODY.decode())
    check.get_by_label("More headers").fill("")
    check.get_by_label("Secret (optional)").fill(SECRET)
    check.get_by_role("button", name="Check").click()
    expect(check.get_by_text("The secret you gave", exact=True)).to_be_visible()
    check.get_by_label("More headers").fill("no header")
    check.get_by_role("button", name="Check").click()
    expect(check.get_by_label("More headers")).to_be_focused()
    check.get_by_role("link", name="Close").click()
    page.get_by_role("region", name="Refused, by reason").get_by_role("link", name="No signature").click()
    page.wait_for_url("**/front-door/rejections?reason=no_signature")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("article")).to_have_count(2)


def test_deliveries_appear_as_they_come_are_told_in_full_and_replayed(signed_in: Page, service: Service) -> None:
    page = signed_in
    page.goto("/front-door/deliveries?show=events")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    body = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "hv7", "url": null}}'
    service.post(body)
    service.post(body)
    page.get_by_role("link", name="avatar_video.success").click()
    opened = page.get_by_role("complementary", name="One delivery")
    expect(opened.get_by_role("heading", name="What it changed")).to_be_visible()
    expect(opened.get_by_text("HeyGen told us of a video")).to_be_visible()
    expect(opened.get_by_role("heading", name="Delivered 2 times")).to_be_visible()
    expect(opened.get_by_text("a repeat, answered 200")).to_be_visible()
    expect(opened.get_by_text("The digest of its body")).to_be_visible()
    expect(opened.get_by_text('"hv7"')).to_be_visible()
    opened.get_by_role("radio", name="As it came").check()
    expect(opened.get_by_text(body.decode())).to_be_visible()
    opened.get_by_role("radio", name="Bytes").check()
    expect(opened.get_by_text("000000  7b 22 65")).to_be_visible()
    with page.expect_download() as started:
        opened.get_by_role("button", name="Download").click()
    assert Path(started.value.path()).read_bytes() == body
    opened.get_by_role("button", name="Replay").click()
    expect(opened.get_by_text("What the replay brought")).to_be_visible()
    opened.get_by_role("link", name="Close").click()
    expect(page.get_by_role("link", name="avatar_video.success")).to_be_focused()
    page.get_by_role("list", name="Which").get_by_role("link", name="Everything").click()
    refused(service, b"{}")
    expect(page.get_by_role("link", name="No signature").first).to_be_visible()
    page.get_by_text("Narrow it down").click()
    page.get_by_label("Type", exact=True).fill("something.else")
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="No signature").first).to_be_visible()


def test_nothing_sticks_out_on_a_phone(signed_in: Page, service: Service) -> None:
    refused(service, b'{"a": "' + b"x" * 600 + b'"}', signature="y" * 600, **{"x-" + "long" * 30: "z" * 600})
    signed_in.set_viewport_size({"width": 360, "height": 800})
    signed_in.goto("/front-door/rejections")
    signed_in.get_by_role("link", name="The signature is not one", exact=True).first.click()
    expect(signed_in.get_by_role("heading", name="Headers")).to_be_visible()
    assert signed_in.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    service.post(b'{"event_type": "' + b"t" * 300 + b'", "event_data": {"' + b"k" * 300 + b'": "' + b"v" * 600 + b'"}}')
    signed_in.goto("/front-door/deliveries")
    signed_in.get_by_role("link", name="ttt").click()
    expect(signed_in.get_by_role("heading", name="Headers")).to_be_visible()
    assert signed_in.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
