"""Incidents, rules and errors, as an operator meets them: from a calm page to what was looked after and is over."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import AXE, faults
from tests.browser.conftest import EMAIL, create_person
from tests.processes import Service, wait_until

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


def test_an_error_is_read_to_its_cause_and_said_to_be_mended(signed_in: Page, service: Service) -> None:
    page = signed_in
    page.add_init_script(AXE.read_text() if AXE.is_file() else "")
    page.goto("/health/errors")
    expect(page.get_by_text("Nothing went wrong")).to_be_visible()
    let_something_break(service)
    page.reload()
    row = page.get_by_role("article").filter(has_text="no such table: numbers")
    expect(row).to_contain_text("Unexpected")
    row.get_by_role("link").click()
    opened = page.get_by_role("complementary", name="One error")
    expect(opened.get_by_role("listitem").first).to_contain_text("GET /api/v1/analytics/summary")
    where = opened.get_by_role("region", name="Where it happened")
    expect(where.get_by_text("reelhook/analytics/")).not_to_have_count(0)
    expect(where.get_by_text("sqlalchemy/engine/")).to_have_count(0)
    where.get_by_role("button", name="Show the lines of libraries too").click()
    expect(where.get_by_text("sqlalchemy/engine/")).not_to_have_count(0)
    if AXE.is_file():
        assert faults(page, "error", "light") == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    opened.get_by_role("button", name="It is mended").click()
    expect(opened.get_by_text(re.compile(f"{EMAIL} said .* that it is mended"))).to_be_visible()
    opened.get_by_role("link", name="All errors").click()
    expect(page.get_by_text("Nothing went wrong")).to_be_visible()
    page.get_by_role("link", name="Resolved").click()
    expect(row).to_contain_text("Resolved")


def let_something_break(service: Service) -> None:
    """Ask for what stands in a table that is not there, and wait until that is written down."""
    with closing(sqlite3.connect(service.folder / "reelhook.db")) as db, service.client() as client:
        db.execute("ALTER TABLE numbers RENAME TO gone")
        assert client.get("/api/v1/analytics/summary", headers={"connection": "close"}).status_code == 500
        db.execute("ALTER TABLE gone RENAME TO numbers")
        wait_until(lambda: client.get("/api/v1/errors").json()["data"], what="it is written down")
