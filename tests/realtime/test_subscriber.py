"""The corners of writing without waiting, on a `send` that can be full."""

import asyncio
from typing import Any

import pytest

from reelhook.auth import local_admin
from reelhook.realtime import subscriber as room
from reelhook.realtime.subscriber import Subscriber, body
from reelhook.realtime.wants import Wants


class Pipe:
    """A server's `send`: waits for room before it writes, as uvicorn's does; and its transport."""

    def __init__(self) -> None:
        self.room = asyncio.Event()
        self.room.set()
        self.written: list[Any] = []
        self.aborted = 0

    async def send(self, message: Any) -> None:
        if not self.room.is_set():
            await self.room.wait()
        self.written.append(message.get("body"))

    def abort(self) -> None:
        self.aborted += 1


def subscriber(pipe: Pipe, *, transport: bool = True, live: bool = True) -> Subscriber:
    made = Subscriber(pipe.send, pipe if transport else None, Wants(local_admin()), 0)  # type: ignore[arg-type]
    made.live = live
    return made


async def test_updates_that_find_no_room_are_not_written_and_not_counted() -> None:
    pipe = Pipe()
    one = subscriber(pipe)
    assert one.take(body(b"12"), 2, 2)
    pipe.room.clear()
    assert not one.take(body(b"3"), 1, 3)
    assert (one.last_id, one.sent, pipe.written) == (2, 2, [b"12"])


async def test_what_is_old_is_left_out_and_who_is_not_live_gets_nothing() -> None:
    pipe = Pipe()
    one = subscriber(pipe)
    one.last_id = 2
    assert one.take(body(b"12"), 2, 2)
    one.live = False
    assert one.take(body(b"3"), 1, 3)
    one.pass_on(b"beat")
    assert (pipe.written, one.last_id) == ([], 2)


async def test_a_connection_that_is_full_from_the_start_is_cut() -> None:
    pipe = Pipe()
    pipe.room.clear()
    assert not subscriber(pipe).open()
    assert pipe.aborted == 1


async def test_waiting_for_room_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GRACE_S", 0.01)
    pipe = Pipe()
    pipe.room.clear()
    assert not await subscriber(pipe).write([b"a"])
    assert pipe.written == []


async def test_a_last_word_does_not_overtake_a_write_that_waits() -> None:
    pipe = Pipe()
    one = subscriber(pipe)
    pipe.room.clear()
    writing = asyncio.create_task(one.write([b"a"]))
    await asyncio.sleep(0)
    pipe.room.set()
    one.end(b"bye", "shutdown")
    assert not await writing
    assert (pipe.written, pipe.aborted) == ([b"a"], 1)


async def test_only_the_first_last_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LINGER_S", 0)
    pipe = Pipe()
    one = subscriber(pipe)
    one.end(b"bye", "shutdown")
    one.end(b"again", "revoked")
    await asyncio.sleep(0.01)
    assert (pipe.written, pipe.aborted) == ([b"bye"], 1)


async def test_a_full_connection_is_cut_instead_of_told() -> None:
    pipe = Pipe()
    one = subscriber(pipe)
    pipe.room.clear()
    one.end(b"bye", "shutdown")
    assert (pipe.written, pipe.aborted, one.cut, one.live) == ([], 1, True, False)


async def test_without_a_transport_there_is_nothing_to_cut() -> None:
    pipe = Pipe()
    one = subscriber(pipe, transport=False)
    one.end(b"bye", "shutdown")
    one.abort()
    assert pipe.written == [b"bye"]


async def test_nothing_is_written_behind_the_last_word() -> None:
    pipe = Pipe()
    one = subscriber(pipe)
    one.end(b"bye", "shutdown")
    assert not await one.write([b"late"])
    assert pipe.written == [b"bye"]
