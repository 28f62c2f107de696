"""What every bus does, alone and over Redis."""

import pytest

from reelhook.kit.bus import Bus, LocalBus
from tests.kit.buses import Processes, processes
from tests.redis_server import redis_server

__all__ = ["processes", "redis_server"]


@pytest.fixture(params=["local", "redis"])
async def bus(request: pytest.FixtureRequest, processes: Processes) -> Bus:
    return LocalBus() if request.param == "local" else processes.add().bus


async def test_listeners_of_this_process_are_told_at_once_and_in_order(bus: Bus) -> None:
    heard: list[str] = []
    bus.listen("news", heard.append)
    bus.listen("news", lambda message: heard.append(message.upper()))
    bus.listen("other", heard.append)
    bus.publish("news", "a\nb")
    bus.publish("news")
    bus.publish("nobody listens", "c")
    assert heard == ["a\nb", "A\nB", "", ""]


async def test_a_listener_may_publish(bus: Bus) -> None:
    heard: list[str] = []
    bus.listen("question", lambda message: bus.publish("answer", message + "!"))
    bus.listen("answer", heard.append)
    bus.publish("question", "here")
    assert heard == ["here!"]
