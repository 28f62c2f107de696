"""The script for builders' pages, as it was built."""

import gzip

import httpx2 as httpx
import pytest

from reelhook.dashboard import Dashboard
from reelhook.dashboard.pages import STATIC

SCRIPT = STATIC / "sdk" / "v1.js"
MOST_BYTES = 6_000

pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="the SDK is not built: make install builds it")


def test_the_whole_sdk_is_at_most_6_kilobytes() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= MOST_BYTES


async def test_the_script_is_served_where_pages_look_for_it() -> None:
    transport = httpx.ASGITransport(Dashboard())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        answer = await browser.get("/sdk/v1.js")
    assert answer.content == SCRIPT.read_bytes()
