"""What docs/acceptance.md asks of a builder, where no other test does it already."""

from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ask_for, opened
from tests.browser.test_sdk import EXAMPLES, backend
from tests.processes import Service, Simulators, free_port

pytestmark = pytest.mark.browser

CUSTOMERS = ("customer-1", "customer-2")


@pytest.fixture(scope="module")
def ports() -> list[int]:
    return [free_port() for _ in CUSTOMERS]


@pytest.fixture(scope="module")
def settings(ports: list[int]) -> dict[str, object]:
    return {"cors_origins": ",".join(f"http://localhost:{port}" for port in ports)}


def test_b1_each_customer_follows_their_own_video_in_the_builders_page(
    browser: Browser, service: Service, outside: Simulators, ports: list[int]
) -> None:
    with ExitStack() as running, service.client() as program:
        key = program.headers["authorization"].removeprefix("Bearer ")
        for port, customer in zip(ports, CUSTOMERS, strict=True):
            environment = {"REELHOOK_URL": service.base, "REELHOOK_KEY": key, "PORT": str(port), "SUBJECT": customer}
            process = running.enter_context(backend(EXAMPLES / "plain", **environment))
            assert process.stdout is not None
            assert process.stdout.readline(), "the example's backend did not start"
        first, second = (running.enter_context(opened(browser, service, None)) for _ in CUSTOMERS)
        video = ask_for(service, outside, "Your order", subject=CUSTOMERS[0], render_s=1)
        first.goto(f"http://localhost:{ports[0]}/?video={video}")
        second.goto(f"http://localhost:{ports[1]}/?video={video}")
        expect(first.locator("reelhook-video[state=ready]")).to_contain_text("Your order")
        expect(second.locator("reelhook-video")).to_contain_text("was deleted, or is not for you")
        expect(second.locator("reelhook-video")).not_to_contain_text("Your order")
        expect(second.locator("reelhook-video[state]")).to_have_count(0)
