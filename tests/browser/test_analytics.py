"""The pages of numbers (empty at first, then tiles, charts with tables, files, and ranges that have addresses) and of
objectives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL, create_person
from tests.processes import Service

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service to which nothing has happened."""
    one = Service(Path(tmp_path_factory.mktemp("service"))).start()
    create_person(one, EMAIL, "operator")
    yield one
    one.stop()


def test_numbers_are_shown_compared_drawn_and_told(signed_in: Page, service: Service) -> None:
    page = signed_in
    page.goto("/health/analytics")
    expect(page.get_by_text("No webhook has come yet")).to_be_visible()

    for number in range(3):
        service.post({"event_type": "account.greeted", "event_data": {"number": number}}).raise_for_status()
    now = page.get_by_role("region", name="Now")
    expect(now).to_contain_text("3 webhooks")
    page.get_by_role("link", name="24 hours").click()
    expect(page).to_have_url(f"{service.base}/health/analytics?range=day")
    expect(page.get_by_role("term").filter(has_text="Posts taken")).to_be_visible()
    charts = page.get_by_role("region", name="Webhooks", exact=True)
    expect(charts.locator("canvas")).to_be_visible()
    expect(charts).to_contain_text("Accepted: 3 at most")
    charts.get_by_text("As a table").click()
    expect(charts.get_by_role("columnheader", name="Missed, found by asking")).to_be_visible()
    expect(charts.get_by_role("cell", name="3", exact=True)).to_be_visible()
    with page.expect_download() as file:
        charts.get_by_role("link", name="Webhooks as CSV").click()
    assert Path(file.value.path()).read_text().startswith("metric,at,count")

    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("To", exact=True).fill("2026-01-02")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No webhook has come yet")).to_be_visible()
    assert "from=2026-01-01&to=2026-01-02" in page.url

    page.goto("/health/objectives")
    applied = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Applied"))
    expect(applied).to_contain_text("Target 99.9 %")
    expect(applied.get_by_role("definition").filter(has_text="all of 3")).to_have_count(3, timeout=60_000)

    page.set_viewport_size({"width": 360, "height": 800})
    page.goto("/health/analytics?range=day")
    expect(page.get_by_role("region", name="Render time").locator("canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
