"""What comes below ASGI: header lines without end, headers that never end, and what is left of a body."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from reelhook.kit import problem, protocol
from reelhook.kit.protocol import HEADER_BYTES, LOCAL, TRANSPORT
from tests.ingest.serving import Line, ask, connected, request, served


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it read; at `/unread` without reading; at `/slow` a moment after it read."""
    body = b""
    while scope["path"] != "/unread":
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(0.3)
    await problem.respond(send, 200, body, "text/plain")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with served(app) as port:
        yield port


def with_header(size: int) -> bytes:
    """A request whose request line, names and values come to *size* bytes, as they are counted."""
    counted = len("/") + sum(len(name) + len(value) + 4 for name, value in (("host", "reelhook"), ("x", "")))
    return b"GET / HTTP/1.1\r\nhost: reelhook\r\nx: " + b"y" * (size - counted) + b"\r\n\r\n"


async def test_a_header_just_under_the_limit_passes(port: int) -> None:
    assert (await ask(port, with_header(HEADER_BYTES))).status == 200


async def test_a_whole_header_above_it_is_431_and_the_end(port: int) -> None:
    async with connected(port) as line:
        await line.send(with_header(HEADER_BYTES + 1))
        answer = await line.answer()
        assert (answer.status, answer.code, answer.headers["connection"]) == (431, "header_too_large", "close")
        assert await line.closed()


async def trickle(line: Line, piece: bytes, many: int) -> None:
    for _ in range(many):
        try:
            await line.send(piece)
        except ConnectionError:
            return
        await asyncio.sleep(0)


@pytest.mark.parametrize("piece", [b"y" * 1000, b"x: " + b"y" * 995 + b"\r\n", b"a: b\r\n" * 150])
async def test_a_header_that_grows_too_large_is_431_before_it_ends(piece: bytes, port: int) -> None:
    async with connected(port) as line:
        await line.send(b"GET / HTTP/1.1\r\nx: ")
        sending = asyncio.create_task(trickle(line, piece, 2000))
        answer = await line.answer()
        await sending
    assert (answer.status, answer.code) == (431, "header_too_large")


async def test_a_trailer_has_the_same_limit(port: int) -> None:
    async with connected(port) as line:
        await line.send(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
        sending = asyncio.create_task(trickle(line, b"x: " + b"y" * 997, 2000))
        assert await line.closed()
        await sending


async def test_a_large_body_before_the_next_header_is_not_taken_for_a_header(port: int) -> None:
    body = b"z" * 200_000
    async with connected(port) as line:
        await line.send(request(body) + b"GET / HTTP/1.1\r\nx: " + b"y" * 1000)
        assert (await line.answer()).body == body
        await line.send(b"\r\n\r\n")
        assert (await line.answer()).status == 200


async def test_a_header_that_does_not_end_in_time_is_408(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.1)
    async with connected(port) as line:
        await line.send(b"GET / HTTP/1.1\r\nhost: ")
        answer = await line.answer()
        assert (answer.status, answer.code) == (408, "header_too_slow")
        assert await line.closed()


async def test_letters_that_trickle_in_buy_no_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.2)
    async with connected(port) as line:
        await line.send(b"GET / HTTP/1.1\r\nhost: ")
        answer = asyncio.create_task(line.answer())
        for _ in range(100):
            if answer.done():
                break
            await line.send(b"y")
            await asyncio.sleep(0.02)
        assert answer.done()
        assert (await answer).status == 408


async def test_so_is_the_second_one_of_a_connection(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.3)
    async with connected(port) as line:
        await line.send(request(b"first"))
        assert (await line.answer()).status == 200
        await line.send(b"GET")
        assert (await line.answer()).status == 408


async def test_a_connection_that_says_nothing_is_closed_without_a_word(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.1)
    async with connected(port) as line:
        assert await line.closed()


async def test_a_slow_header_behind_an_unanswered_request_does_not_answer_in_its_place(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.1)
    async with connected(port) as line:
        await line.send(request(b"first", path="/slow") + b"GET / HT")
        assert await line.closed()


async def test_the_rest_of_a_body_that_was_answered_early_has_a_limit_too(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.2)
    async with connected(port) as line:
        await line.send(request(b"half", length=8, path="/unread"))
        assert (await line.answer()).status == 200
        await line.send(b"re")
        assert await line.closed()


async def test_the_rest_may_come_and_the_connection_serves_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(port) as line:
        await line.send(request(b"half", length=8, path="/unread"))
        assert (await line.answer()).status == 200
        await line.send(b"rest" + request(b"next"))
        assert (await line.answer()).body == b"next"


@pytest.mark.parametrize("noise", [b"\r\n", b"rest"])
async def test_what_is_no_request_does_not_keep_a_connection_for_ever(noise: bytes) -> None:
    async with served(app, timeout_keep_alive=0.1) as port, connected(port) as line:
        await line.send(request(b"half", length=8, path="/unread") if noise == b"rest" else request(b"x"))
        assert (await line.answer()).status == 200
        await line.send(noise)
        assert await line.closed()


async def test_garbage_is_400(port: int) -> None:
    for garbage in (b"hello\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\n\r\n", b"\x16\x03\x01"):
        assert (await ask(port, garbage)).status == 400


async def test_an_upgrade_is_answered_like_any_request(port: int) -> None:
    assert (await ask(port, request(method="GET", connection="Upgrade", upgrade="h2c"))).status == 200


async def test_the_application_gets_the_transport_and_knows_who_came_over_our_own_socket(tmp_path: Path) -> None:
    seen: list[Scope] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(dict(scope))
        await problem.respond(send, 200, b"", "text/plain")

    path = str(tmp_path / "own.sock")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(path)
        async with served(look, listeners=[own]) as port:
            await ask(port, request(method="GET"))
            line = Line(*await asyncio.open_unix_connection(path))
            await line.send(request(method="GET"))
            await line.answer()
            await line.close()
    assert [scope[LOCAL] for scope in seen] == [False, True]
    assert all(isinstance(scope[TRANSPORT], asyncio.Transport) for scope in seen)
