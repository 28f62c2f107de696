"""The page of outgoing webhooks, as an operator uses it: from no endpoint to one whose answers can be read."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import look_at_dialog
from tests.processes import Service, Simulators

pytestmark = pytest.mark.browser


def test_an_endpoint_is_added_tested_paused_and_deleted(signed_in: Page, service: Service, outside: Simulators) -> None:
    page = signed_in
    page.goto("/settings/webhooks")
    expect(page.get_by_text("No system is told yet")).to_be_visible()
    page.get_by_role("button", name="Add an endpoint").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("An address is needed.")).to_be_visible()
    dialog.get_by_label("Address").fill("http://example.com/hook")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("https://")
    look_at_dialog(page)
    dialog.get_by_label("Address").fill(f"{outside.heygen}/no-such-page")
    dialog.get_by_label("Only these").check()
    dialog.get_by_label("Ready", exact=True).check()
    dialog.get_by_role("button", name="Save").click()

    secret = page.get_by_role("dialog", name="The secret of this endpoint")
    expect(secret).to_contain_text("whsec_")
    look_at_dialog(page)
    secret.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("whsec_")).to_have_count(0)

    page.get_by_role("link", name="/no-such-page").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test message was not taken: answered 404")).to_be_visible()
    page.get_by_text("reelhook.test").click()
    expect(page.get_by_text("Attempt 1")).to_be_visible()
    page.get_by_text("What is sent").click()
    expect(page.get_by_text('"type": "reelhook.test"')).to_be_visible()

    page.get_by_role("button", name="Change", exact=True).click()
    expect(dialog.get_by_label("Address")).to_have_value(f"{outside.heygen}/no-such-page")
    look_at_dialog(page)
    page.get_by_role("button", name="Cancel").click()

    page.get_by_role("button", name="Send many again").click()
    look_at_dialog(page)
    page.get_by_role("button", name="Cancel").click()

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Nothing is sent. What happens meanwhile is kept")).to_be_visible()
    with service.client() as client:
        (kept,) = client.get("/api/v1/subscription-endpoints").json()["data"]
    assert (kept["state"], kept["types"]) == ("paused", ["video.ready"])

    page.get_by_text("Secrets and deletion").click()
    page.get_by_role("button", name="Make a new secret").click()
    look_at_dialog(page)
    page.get_by_role("button", name="Make it").click()
    expect(secret).to_contain_text("whsec_")
    secret.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Delete this endpoint").click()
    look_at_dialog(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No system is told yet")).to_be_visible()
