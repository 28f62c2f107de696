"""Bodies that are too large, too slow, or never whole: a clear answer or none, and nothing left behind."""

import asyncio
import socket

import pytest
from prometheus_client import REGISTRY
from starlette.types import Message

from reelhook.db.tables import events, rejections
from reelhook.events import sign
from reelhook.ingest import body as room
from tests.conftest import eventually

from .conftest import SECRET, Scene, signed
from .serving import ask, connected, request

MEBIBYTE = 1024 * 1024


def chunked(*parts: bytes, end: bytes = b"0\r\n\r\n", **headers: str) -> bytes:
    head = request(transfer_encoding="chunked", **headers).replace(b"content-length: 0\r\n", b"")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


async def test_a_declared_size_is_refused_before_a_byte_of_the_body(port: int, scene: Scene) -> None:
    async with connected(port) as line:
        await line.send(request(length=2 * MEBIBYTE, expect="100-continue"))
        answer = await line.answer()
    assert (answer.status, answer.code, answer.headers["connection"]) == (413, "body_too_large", "close")
    assert [row.reason for row in await scene.rows(rejections)] == ["body_too_large"]


async def test_who_sends_everything_before_it_reads_still_gets_to_read_the_answer(port: int) -> None:
    """Were the connection closed while it sends, a reset would stop it and could overtake the answer."""

    def like_most_clients() -> bytes:
        with socket.create_connection(("127.0.0.1", port), 20) as own:
            own.sendall(request(b"x" * 6 * MEBIBYTE))
            return own.recv(65536)

    assert (await asyncio.to_thread(like_most_clients)).startswith(b"HTTP/1.1 413 ")


async def test_a_body_of_unknown_size_is_refused_while_it_is_read(port: int, scene: Scene) -> None:
    async with connected(port) as line:
        await line.send(chunked(*[b"x" * 65536] * 17, end=b""))
        assert (await line.answer()).code == "body_too_large"
    assert await scene.rows(events) == []


async def test_who_goes_on_sending_is_hung_up_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_DRAINED", 256 * 1024)

    async def send_for_ever() -> None:
        for _ in range(4000):
            await line.send(b"x" * 65536)

    async with connected(port) as line:
        await line.send(request(length=10**12))
        with pytest.raises(ConnectionError):
            await send_for_ever()


async def test_who_neither_sends_nor_leaves_is_hung_up_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DRAIN_SECONDS", 0.05)
    async with connected(port) as line:
        await line.send(request(length=2 * MEBIBYTE))
        assert (await line.answer()).status == 413
        assert await line.closed()


async def test_a_chunked_body_is_taken_like_any_other(port: int, scene: Scene) -> None:
    parts = (b'{"event_type":', b'"a"}')
    answer = await ask(port, chunked(*parts, signature=sign(b"".join(parts), SECRET)))
    assert answer.status == 200
    assert [event.body for event in await scene.rows(events)] == [b"".join(parts)]


async def test_a_body_that_is_here_sets_no_timer_and_one_that_is_asked_for_again_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[float] = []
    timeout = asyncio.timeout

    def noted(seconds: float) -> asyncio.Timeout:
        limits.append(seconds)
        return timeout(seconds)

    monkeypatch.setattr(asyncio, "timeout", noted)
    came: asyncio.Queue[Message] = asyncio.Queue()
    came.put_nowait({"type": "http.request", "body": b"whole"})
    assert (await room.read_body(came.get), limits) == (b"whole", [])
    reading = asyncio.create_task(room.read_body(came.get))
    await eventually(lambda: room.SECONDS in limits)
    came.put_nowait({"type": "http.request", "body": b"in ", "more_body": True})
    came.put_nowait({"type": "http.request", "body": b"parts"})
    assert await reading == b"in parts"


async def test_a_slow_body_is_408(port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SECONDS", 0.1)
    monkeypatch.setattr(room, "DRAIN_SECONDS", 0.1)
    async with connected(port) as line:
        await line.send(request(b"half", length=8))
        answer = await line.answer()
        assert await line.closed()
    assert (answer.status, answer.code, answer.headers["connection"]) == (408, "body_too_slow", "close")
    assert [row.reason for row in await scene.rows(rejections)] == ["body_too_slow"]


async def test_a_sender_that_is_gone_in_mid_body_leaves_nothing(port: int, scene: Scene) -> None:
    def gone() -> float:
        return REGISTRY.get_sample_value("reelhook_rejections_total", {"reason": "sender_gone"}) or 0

    before = gone()
    async with connected(port) as line:
        await line.send(signed(b"x" * 1000)[:-1])
    await eventually(lambda: gone() == before + 1)
    assert (await scene.rows(events), await scene.rows(rejections)) == ([], [])


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "0x10", "99999999999999999999999", "1, 1"])
async def test_a_content_length_that_is_no_number_is_400(length: str, port: int, scene: Scene) -> None:
    made = request(b"x").replace(b"content-length: 1", f"content-length: {length}".encode())
    assert (await ask(port, made)).status == 400
    assert await scene.rows(events) == []


async def test_two_content_lengths_are_400(port: int) -> None:
    made = request(b"x").replace(b"content-length: 1", b"content-length: 1\r\ncontent-length: 1")
    assert (await ask(port, made)).status == 400


async def test_a_length_with_thousands_of_zeros_is_still_a_number(port: int) -> None:
    made = signed(b"x").replace(b"content-length: 1", b"content-length: " + b"0" * 5000 + b"1")
    assert (await ask(port, made)).status == 200
