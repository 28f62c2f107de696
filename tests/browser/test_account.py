"""One's own account, as a person uses it in two browsers, and the keys, as an admin does."""

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import look_at_dialog
from tests.browser.conftest import EMAIL, PASSWORD, create_person, opened, sign_in
from tests.processes import Service

pytestmark = pytest.mark.browser

NEW = "another horse battery"


def test_who_changes_the_password_is_signed_out_everywhere_else(browser: Browser, service: Service) -> None:
    here, there = sign_in(browser, service, EMAIL), sign_in(browser, service, EMAIL)
    with opened(browser, service, here) as page, opened(browser, service, there) as other:
        other.goto("/")
        expect(other.get_by_text("Live", exact=True)).to_be_visible()
        page.goto("/")
        page.get_by_role("link", name="Your account").click()
        places = page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
        expect(places).to_have_count(2)
        expect(places.first).to_contain_text("This browser")
        page.get_by_label("Current password").fill("not the password")
        page.get_by_label("New password", exact=True).fill(NEW)
        page.get_by_label("New password again").fill(NEW)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("That is not your current password.")).to_be_visible()
        expect(page.get_by_label("Current password")).to_be_focused()
        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Your password is changed.").last).to_be_visible()
        expect(places).to_have_count(1)
        other.wait_for_url("**/sign-in?*")
        expect(other.get_by_text("You were signed out.")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download my data").click()
        assert download.value.suggested_filename.startswith("reelhook-")


def test_a_key_is_made_shown_once_rotated_and_revoked(browser: Browser, service: Service) -> None:
    create_person(service, "ada@example.com", "admin")

    def works(key: str) -> int:
        return httpx.get(
            f"{service.base}/api/v1/me", headers={"Authorization": f"Bearer {key}"}, timeout=15
        ).status_code

    with opened(browser, service, sign_in(browser, service, "ada@example.com")) as page:
        page.goto("/settings/keys")
        page.get_by_role("button", name="New key").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Make the key").click()
        expect(dialog.get_by_label("What is it for?")).to_be_focused()
        look_at_dialog(page)
        dialog.get_by_label("What is it for?").fill("backend")
        dialog.get_by_label("Only this:").check()
        dialog.get_by_label("read videos").check()
        dialog.get_by_role("button", name="Make the key").click()
        first = dialog.get_by_label("The new key").inner_text()
        look_at_dialog(page)
        dialog.get_by_role("button", name="I have it").click()
        row = page.get_by_role("article").filter(has_text="backend")
        expect(row).to_contain_text("2 scopes")
        expect(row).to_contain_text("ends in 90 days")
        assert first not in page.content()
        row.get_by_role("button", name="Rotate").click()
        look_at_dialog(page)
        dialog.get_by_role("button", name="Make a new secret").click()
        second = dialog.get_by_label("The new key").inner_text()
        look_at_dialog(page)
        dialog.get_by_role("button", name="I have it").click()
        expect(row).to_contain_text("Nobody has used it since.")
        assert [works(first), works(second)] == [200, 200]
        row.get_by_role("button", name="Revoke").click()
        look_at_dialog(page)
        dialog.get_by_role("button", name="Revoke the key").click()
        expect(row).to_contain_text("Revoked")
        assert [works(first), works(second)] == [401, 401]


def test_who_erases_the_account_is_out_and_cannot_come_back(browser: Browser, service: Service) -> None:
    create_person(service, "cy@example.com", "viewer")
    with opened(browser, service, sign_in(browser, service, "cy@example.com")) as page:
        page.goto("/")
        page.get_by_role("link", name="Your account").click()
        page.get_by_role("button", name="Erase my account").click()
        dialog = page.get_by_role("dialog", name="Erase your account?")
        look_at_dialog(page)
        dialog.get_by_label("Current password").fill("not the password")
        dialog.get_by_role("button", name="Erase for ever").click()
        expect(dialog.get_by_text("That is not your current password.")).to_be_visible()
        dialog.get_by_label("Current password").fill(PASSWORD)
        dialog.get_by_role("button", name="Erase for ever").click()
        page.wait_for_url("**/sign-in")
        page.get_by_label("Email").fill("cy@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
