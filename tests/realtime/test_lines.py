"""A live stream has one line, when it ends: why, how long it was open, and how much it was sent."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from reelhook.auth.principal import of_key, of_token
from reelhook.request_lines import RequestLines
from tests.conftest import START, eventually
from tests.ingest.serving import served

from .browser import watching
from .conftest import Scene

Lines = list[dict[str, Any]]


@pytest.fixture
def told() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def ends(told: Lines) -> Lines:
    return [line for line in told if line["event"] == "stream.ended"]


async def test_a_client_that_leaves(port: int, scene: Scene, told: Lines) -> None:
    scene.principal = of_key("k1", "a name", "operator", None)
    await scene.write(2)
    async with watching(port, last_event_id=0) as browser:
        await scene.write(3)
        await browser.frames(5)
        scene.clock.move(1.5)
    await eventually(lambda: ends(told) != [])
    assert ends(told) == [
        {
            "event": "stream.ended", "log_level": "info", "why": "left", "by": "key", "by_id": "k1", "sent": 5,
            "ms": 1500.0,
        }
    ]  # fmt: skip


async def test_a_token_that_ends_is_told_without_whose_it_is(port: int, scene: Scene, told: Lines) -> None:
    scene.principal = of_token("customer@example.com", None, START + timedelta(seconds=0.1))
    async with watching(port):
        await eventually(lambda: ends(told) != [])
    (line,) = ends(told)
    assert (line["why"], line["by"], "by_id" in line) == ("token_expired", "token", False)


async def test_a_stop_is_told_with_the_id_that_the_client_was_given(scene: Scene, told: Lines) -> None:
    app = RequestLines(scene.app, scene.clock, scene.endpoint._ids)
    async with served(app) as port, scene.following(), watching(port, x_request_id="mine-1") as browser:
        assert "x-request-id: mine-1\r\n" in browser.headers
        scene.hub.close()
        await eventually(lambda: ends(told) != [])
    (line,) = ends(told)
    assert (line["why"], line["request_id"], line["sent"]) == ("shutdown", "mine-1", 0)
