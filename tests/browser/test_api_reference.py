"""The API's reference in the product: it is shown, and tried out, without anything from elsewhere."""

from playwright.sync_api import Browser, StorageState, expect

from tests.browser.conftest import WAIT_MS
from tests.processes import Service


def test_whoever_is_signed_in_reads_the_reference_and_tries_it_out(
    browser: Browser, service: Service, session: StorageState
) -> None:
    context = browser.new_context(base_url=service.base, storage_state=session, service_workers="block")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/docs")

    operation = page.locator("#operations-access-who_am_i_api_v1_session_get")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response").first).to_contain_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text("olga@example.com")

    # A change needs what only a page of ours says.
    leaving = page.locator("#operations-access-sign_out_api_v1_session_delete")
    leaving.get_by_role("button").first.click()
    leaving.get_by_role("button", name="Try it out").click()
    leaving.get_by_role("button", name="Execute").click()
    expect(leaving.locator(".live-responses-table .response").first).to_contain_text("204")
    page.goto("/docs")
    expect(page.locator("body")).to_contain_text("unauthorized")

    assert [one for one in complaints if "401" not in one] == []
    assert [url for url in asked if not url.startswith((service.base, "data:"))] == []
    context.close()
