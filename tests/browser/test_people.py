"""Coming in for the first time, and after the password was forgotten: through a real mail server, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import look_at_dialog
from tests.browser.conftest import EMAIL, PASSWORD, create_person, opened, sign_in
from tests.mail import MailServer, mail_server
from tests.processes import Service, free_port, wait_until

pytestmark = pytest.mark.browser

NEW = "a quite new password"


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def service(mail: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """It knows its own address, to which the links in its letters lead back, and one admin."""
    one = Service(Path(tmp_path_factory.mktemp("service")), port=free_port())
    one.settings = {"smtp_url": mail.url, "public_url": one.base}
    one.start()
    create_person(one, EMAIL, "admin")
    yield one
    one.stop()


def letter_to(mail: MailServer, email: str) -> str:
    """The link in the newest letter to *email*."""
    return str(wait_until(lambda: [one.link for one in mail.delivered if one.to == [email]])[-1])


def test_from_the_invitation_to_a_new_password_and_out_again(
    browser: Browser, service: Service, mail: MailServer
) -> None:
    state = sign_in(browser, service, EMAIL)
    with opened(browser, service, state) as admin:
        admin.goto("/settings/people")
        admin.get_by_role("button", name="Invite a person").click()
        admin.get_by_label("Email").fill("bo@example.com")
        admin.get_by_label("Operator").check()
        look_at_dialog(admin)
        admin.get_by_role("button", name="Invite", exact=True).click()
        row = admin.get_by_role("article", name="bo@example.com")
        expect(row).to_contain_text("Invited")
        expect(row.get_by_label("Role of bo@example.com")).to_have_value("operator")
        admin.get_by_role("button", name="Withdraw: bo@example.com").click()
        look_at_dialog(admin)
        admin.get_by_role("dialog").get_by_role("button", name="Keep").click()
        admin.get_by_label(f"Role of {EMAIL}").select_option("viewer")
        expect(admin.get_by_role("alert")).to_contain_text("last admin")
        expect(admin.get_by_label(f"Role of {EMAIL}")).to_have_value("admin")

    with opened(browser, service, None) as page:
        page.goto(letter_to(mail, "bo@example.com"))
        expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
        expect(page.get_by_label("Email")).to_have_value("bo@example.com")
        assert "link=" not in page.url, "a secret does not stay in the address"
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Save and sign in").click()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()

        with opened(browser, service, None) as elsewhere:
            elsewhere.goto("/sign-in")
            elsewhere.get_by_role("button", name="Forgotten your password?").click()
            elsewhere.get_by_label("Email").fill("bo@example.com")
            already = len(mail.delivered)
            elsewhere.get_by_role("button", name="Send the link").click()
            expect(elsewhere.get_by_role("heading", name="Look into your mail")).to_be_visible()
            wait_until(lambda: len(mail.delivered) > already)
            elsewhere.goto(letter_to(mail, "bo@example.com"))
            elsewhere.get_by_label("Password", exact=True).fill(NEW)
            elsewhere.get_by_label("Password again").fill(NEW)
            elsewhere.get_by_role("button", name="Save and sign in").click()
            expect(elsewhere.get_by_text("Live", exact=True)).to_be_visible()
        # The sign-in of before has ended everywhere, also where a stream was open.
        page.wait_for_url("**/sign-in?*")

    with opened(browser, service, state) as admin:
        admin.goto("/settings/people")
        admin.get_by_role("button", name="New password link: bo@example.com").click()
        link = admin.get_by_label("Link", exact=True).input_value()
        look_at_dialog(admin)
        admin.get_by_role("button", name="Done").click()
        expect(admin.get_by_label("Link", exact=True)).to_have_count(0)
        admin.get_by_role("button", name="Disable: bo@example.com").click()
        look_at_dialog(admin)
        admin.get_by_role("dialog").get_by_role("button", name="Disable").click()
        expect(admin.get_by_role("article", name="bo@example.com")).to_contain_text("Disabled")
        admin.goto(link)
        expect(admin.get_by_role("heading", name="This link did not work")).to_be_visible()
