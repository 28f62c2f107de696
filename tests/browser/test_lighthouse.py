"""Lighthouse finds nothing on the board that is not accessible, nor anything that is not done as it should be."""

import pytest
from playwright.sync_api import Browser

from tests.browser import lighthouse
from tests.browser.conftest import EMAIL, PASSWORD, ask_for
from tests.processes import Service, Simulators

pytestmark = pytest.mark.browser


@pytest.mark.skipif(not lighthouse.INSTALLED, reason="Lighthouse is not installed: python scripts/ensure_node.py")
def test_the_board_has_full_marks(browser: Browser, chromium_path: str, service: Service, outside: Simulators) -> None:
    ask_for(service, outside, "Arrived", render_s=0.1)
    ask_for(service, outside, "Refused", outcome="failed", failure_code="NO_CREDIT", render_s=0.1)
    (report,) = lighthouse.look_at_board(
        browser.browser_type, chromium_path, service, EMAIL, PASSWORD, "accessibility", "best-practices"
    )
    assert report.scores == {"accessibility": 100, "best-practices": 100}, report.faults
