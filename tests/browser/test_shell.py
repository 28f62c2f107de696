"""What holds the dashboard together: search and commands, keyboard shortcuts, and the settings pages."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import look_at_dialog
from tests.browser.conftest import ask_for, create_person, opened, sign_in
from tests.processes import Service, Simulators, wait_until

pytestmark = pytest.mark.browser

ADMIN = "ada@example.com"


def test_an_admin_finds_everything_by_keyboard(browser: Browser, service: Service, outside: Simulators) -> None:
    create_person(service, ADMIN, "admin")
    video = ask_for(service, outside, "Welcome tour")
    with opened(browser, service, sign_in(browser, service, ADMIN)) as page:
        page.goto("/")
        expect(page.get_by_text("Welcome tour")).to_be_visible()
        by_palette(page, video)
        by_single_keys(page)
        switched_off(page)
        settings_pages(page, outside)


def open_palette(page: Page) -> None:
    """What listens to keys comes a moment after the page; pressed again, the key changes nothing."""

    def opens() -> bool:
        page.keyboard.press("Control+k")
        return page.get_by_role("dialog").is_visible()

    wait_until(opens, what="the palette")


def by_palette(page: Page, video: str) -> None:
    open_palette(page)
    field = page.get_by_role("dialog").get_by_role("combobox")
    expect(field).to_be_focused()
    field.fill("what is kept")
    expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_contain_text("Settings: What is kept")
    chosen = page.get_by_role("dialog").get_by_role("option", selected=True).get_attribute("id")
    assert field.get_attribute("aria-activedescendant") == chosen
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/keeping")
    for text in ("welcome to", video):
        page.get_by_role("button", name="Search and commands").click()
        page.get_by_role("dialog").get_by_role("combobox").fill(text)
        expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text(
            "Welcome tour" if text != video else video
        )
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/videos/{video}")
        page.goto("/")
    open_palette(page)
    expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("Settings: What is kept")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_count(0)


def by_single_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Next in the list")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("article").first).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("main article a:focus")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("gj n?")
    expect(page.get_by_role("searchbox")).to_have_value("gj n?")
    page.get_by_role("searchbox").blur()

    def leads_there() -> bool:
        """The two count only when they come soon after one another, which a busy machine cannot promise."""
        page.keyboard.press("g")
        page.keyboard.press("d")
        return "/front-door/deliveries" in page.url

    wait_until(leads_there, what="two keys lead to the deliveries")


def switched_off(page: Page) -> None:
    page.goto("/account")
    page.get_by_label("Single keys do something").uncheck()
    page.get_by_label("Single keys do something").blur()
    page.keyboard.press("n")
    page.keyboard.press("?")
    open_palette(page)
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    expect(page).to_have_url(page.url.partition("/account")[0] + "/account")
    page.keyboard.press("Escape")


def settings_pages(page: Page, outside: Simulators) -> None:
    page.goto("/settings/stores")
    page.get_by_role("button", name="Check it: local").click()
    expect(page.get_by_text("A small file was kept, read and deleted.")).to_be_visible()
    page.goto("/settings/keeping")
    expect(page.get_by_role("row", name="Audit log")).to_contain_text("REELHOOK_AUDIT_DAYS")
    page.goto("/settings/heygen")
    expect(page.get_by_text("There is a key, and HeyGen answers.")).to_be_visible()
    expect(page.get_by_text(f"It is asked at {outside.heygen}")).to_be_visible()
    page.get_by_role("button", name="Make a new secret").click()
    look_at_dialog(page)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("still taken, ends in")).to_be_visible()
