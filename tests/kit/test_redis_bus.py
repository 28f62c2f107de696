"""The bus over a real Redis server, and what it does when that is not as it should be."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
import redis

from reelhook.kit.redis import RedisBus
from reelhook.kit.redis import bus as redis_bus
from tests.conftest import eventually
from tests.kit.buses import Processes, processes
from tests.redis_server import RedisServer, redis_server

__all__ = ["processes", "redis_server"]


async def test_a_message_reaches_every_process_once(processes: Processes) -> None:
    one, two = await processes.ready(2)
    one.bus.publish("news", "a\nb")
    assert one.messages == ["a\nb"]
    await eventually(lambda: two.messages == ["a\nb"])
    two.bus.publish("news", "c")
    await eventually(lambda: one.messages == ["a\nb", "c"])
    assert two.messages == ["a\nb", "c"]


async def test_a_burst_of_one_message_is_few_and_of_many_is_all_in_order(processes: Processes) -> None:
    one, two = await processes.ready(2)
    for number in range(3000):
        one.bus.publish("news", "again")
        one.bus.publish("news", str(number))
    await eventually(lambda: len(two.messages) >= 3001)
    assert [each for each in two.messages if each != "again"] == [str(number) for number in range(3000)]
    assert two.messages.count("again") == 1


async def test_what_is_published_while_the_same_is_being_sent_is_sent_again(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await processes.ready(2)
    sends, sent = RedisBus._publish, asyncio.Event()

    async def publish_and_stay(bus: RedisBus, lines: list[str]) -> None:
        await sends(bus, lines)
        await sent.wait()

    monkeypatch.setattr(RedisBus, "_publish", publish_and_stay)
    one.bus.publish("news", "changed")
    await eventually(lambda: two.messages == ["changed"])
    one.bus.publish("news", "changed")
    sent.set()
    await eventually(lambda: two.messages == ["changed", "changed"])


async def test_the_last_words_of_a_process_are_sent(processes: Processes) -> None:
    (two,) = await processes.ready(1)
    one = processes.add()
    await asyncio.sleep(0)  # it has begun, and is connected to nothing yet
    one.bus.publish("news", "done")
    await one.end()
    await eventually(lambda: two.messages == ["done"])


async def test_after_a_restart_everybody_is_told_of_a_gap(processes: Processes, redis_server: RedisServer) -> None:
    one, two = await processes.ready(2)
    redis_server.stop()
    one.bus.publish("news", "lost")
    redis_server.start()
    await eventually(lambda: one.gaps >= 2 and two.gaps >= 2)
    one.bus.publish("news", "heard")
    await eventually(lambda: "heard" in two.messages)


async def test_the_others_are_told_of_a_gap_when_only_the_sender_could_not_send(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await processes.ready(2)
    with monkeypatch.context() as broken:

        async def refuse(*_: object) -> None:
            raise ConnectionResetError

        broken.setattr(RedisBus, "_publish", refuse)
        one.bus.publish("news", "lost")
        await eventually(lambda: one.bus._lost > 0)
    await eventually(lambda: two.gaps == 2, what="nobody has to publish anything for it")
    assert (one.gaps, two.messages) == (1, [])


async def test_more_than_may_wait_is_dropped_and_told(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "MOST_WAITING", 3)
    one, two = await processes.ready(2)
    for number in range(5):
        one.bus.publish("news", str(number))
    await eventually(lambda: two.messages == ["0", "1", "2"] and two.gaps == 2)


async def test_a_server_that_answers_no_more_is_noticed(
    processes: Processes, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "QUIET_S", 0.2)
    one, two = await processes.ready(2)
    gave_up: set[str] = set()
    pauses = RedisBus._pause

    async def pause(bus: RedisBus, failures: int) -> None:
        gave_up.add(f"{bus.me} {asyncio.current_task().get_name()}")  # type: ignore[union-attr]
        await pauses(bus, failures)

    monkeypatch.setattr(RedisBus, "_pause", pause)
    redis_server.freeze()
    one.bus.publish("news", "lost")
    silent = {f"{one.bus.me} bus-send", f"{one.bus.me} bus-hear", f"{two.bus.me} bus-hear"}
    await eventually(lambda: gave_up == silent)
    redis_server.thaw()
    await eventually(lambda: one.gaps >= 2 and two.gaps >= 2)
    one.bus.publish("news", "heard")
    await eventually(lambda: two.messages[-1:] == ["heard"])


async def test_a_subscription_that_is_killed_comes_back_with_a_gap(
    processes: Processes, redis_server: RedisServer
) -> None:
    one, two = await processes.ready(2)
    with redis_server.client() as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await eventually(lambda: one.gaps >= 2 and two.gaps >= 2)
    one.bus.publish("news", "heard")
    await eventually(lambda: two.messages == ["heard"])


async def test_emptying_the_server_harms_nothing(processes: Processes, redis_server: RedisServer) -> None:
    one, two = await processes.ready(2)
    with redis_server.client() as client:
        client.flushall()
    one.bus.publish("news", "heard")
    await eventually(lambda: two.messages == ["heard"])
    assert two.gaps == 1


@pytest.mark.parametrize("line", [b"", b"\xff\xfe\n", b"one line", b"somebody\nnews", b"somebody\nunknown\n{}\n\n"])
async def test_what_no_process_of_ours_would_send_is_no_trouble(
    processes: Processes, redis_server: RedisServer, line: bytes
) -> None:
    (one,) = await processes.ready(1)
    with redis_server.client() as client:
        client.publish(one.clients.name("bus"), line)
        client.publish(one.clients.name("bus"), "somebody\nnews\nheard")
    await eventually(lambda: one.messages[-1:] == ["heard"])
    assert not one.task.done()


async def test_a_process_that_is_gone_is_not_present(processes: Processes, redis_server: RedisServer) -> None:
    one, two = await processes.ready(2)
    names = {one.bus.me, two.bus.me, "never was"}
    assert await one.bus.present(names) == {one.bus.me, two.bus.me}
    await two.end()
    async with asyncio.timeout(20):
        while await one.bus.present(names) != {one.bus.me}:
            await asyncio.sleep(0.01)
    redis_server.stop()
    with suppress(redis.RedisError):
        await one.bus.present(names)
        raise AssertionError("a server that is away says nothing")


async def test_a_quiet_server_is_asked_and_kept(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "QUIET_S", 0.02)
    kinds: list[str] = []
    takes = RedisBus._take

    def take(bus: RedisBus, message: dict[str, Any]) -> None:
        kinds.append(message["type"])
        takes(bus, message)

    monkeypatch.setattr(RedisBus, "_take", take)
    (one,) = await processes.ready(1)
    await eventually(lambda: kinds == ["pong"] * 5)
    assert one.gaps == 1


async def test_a_client_that_connects_again_by_itself_may_have_missed_something(processes: Processes) -> None:
    (one,) = await processes.ready(1)
    one.bus._take({"type": "subscribe", "channel": b"", "data": 1})
    assert one.gaps == 2
