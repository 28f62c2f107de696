"""Incidents and rules, as an operator meets them: from a calm page to a drill that is looked after and over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL, create_person
from tests.processes import Service

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of which nothing is asked: no simulators stand beside it."""
    one = Service(Path(tmp_path_factory.mktemp("service"))).start()
    create_person(one, EMAIL, "operator")
    yield one
    one.stop()


def test_what_is_wrong_is_seen_looked_after_and_over(signed_in: Page, service: Service) -> None:
    page = signed_in
    page.goto("/health/incidents")
    expect(page.get_by_text("Nothing is wrong")).to_be_visible()

    page.get_by_role("link", name="Rules").click()
    disk = page.get_by_role("article").filter(has_text="A disk is nearly full")
    expect(disk).to_contain_text("Calm")
    disk.get_by_text("Threshold, meaning and drill").click()
    disk.get_by_label("Speaks from this percentage on").fill("0")
    disk.get_by_role("button", name="Save").click()
    expect(disk.get_by_text("Give a number from 0 to 100.")).to_be_visible()
    disk.get_by_label("Speaks from this percentage on").fill("0.01")
    disk.get_by_role("button", name="Save").click()
    expect(disk).to_contain_text("speaks from 0.01 % on")
    page.get_by_role("button", name="Look now").click()
    expect(disk).to_contain_text("Wrong")
    disk.get_by_role("link", name="The incident").click()

    expect(page.get_by_role("heading", name="A disk is nearly full")).to_be_visible()
    page.get_by_role("link", name="The runbook").click()
    expect(page.get_by_role("heading", name="What helps")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="I have seen it").click()
    expect(page.get_by_text(f"seen: {EMAIL}")).to_be_visible()
    page.get_by_role("button", name="I look after it").click()
    expect(page.get_by_text("you look after it")).to_be_visible()
    page.get_by_label("Silence it").select_option("for four hours")
    expect(page.get_by_text("silenced, told again in 4 h")).to_be_visible()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    page.get_by_label("Add a note").fill("The logs were rotated.")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("listitem").filter(has_text="The logs were rotated.")).to_contain_text(EMAIL)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_role("alert")).to_contain_text("Its rule still sees it")

    page.get_by_role("link", name="All incidents").click()
    expect(page.get_by_role("link", name="Health")).to_contain_text("1 thing is wrong")
    page.get_by_role("link", name="Rules").click()
    letters = page.get_by_role("article").filter(has_text="Dead letters")
    letters.get_by_text("Threshold, meaning and drill").click()
    letters.get_by_role("button", name="Try a drill").click()
    expect(page.get_by_text("This is a drill")).to_be_visible()
    page.get_by_role("button", name="End the drill").click()
    expect(page.get_by_text("lasted")).to_be_visible()

    page.get_by_role("link", name="Rules").click()
    disk.get_by_role("button", name="Switch off").click()
    expect(disk).to_contain_text("Off")
    page.get_by_role("link", name="Incidents").click()
    expect(page.get_by_text("Nothing is wrong")).to_be_visible()
    expect(page.get_by_role("region", name="What is over").get_by_role("article")).to_have_count(2)

    page.get_by_role("link", name="Processes").click()
    process = page.get_by_role("article")
    for says in ("Server", "Worker", "Running", "started"):
        expect(process).to_contain_text(says)

    page.set_viewport_size({"width": 360, "height": 800})
    for path in ("/health/incidents", "/health/rules", "/health/rules/disk_full"):
        page.goto(path)
        expect(page.get_by_role("heading", name="A disk is nearly full")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
