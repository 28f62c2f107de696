"""Signing in through a real provider of identities, as a person does it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.oidc.node import real_provider, settings
from tests.processes import Service, free_port

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with real_provider(f"{base}/api/v1/session/oidc/callback") as issuer:
        one = Service(tmp_path_factory.mktemp("service"), settings(issuer, base), port)
        one.start()
        made = one.command("people", "create", "olga@example.com", "--role", "operator")
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
