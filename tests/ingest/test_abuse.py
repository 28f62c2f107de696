"""A whole process under attack: its memory stays, its answers stay, and nothing that was acknowledged is lost."""

import asyncio

from reelhook.db import Database
from reelhook.db.tables import events
from reelhook.events import sign
from tests.realtime.process import SECRET

from .serving import Answer, ask, connected, request
from .subject import subject

MEBIBYTE = 1024 * 1024


async def flood(port: int, start: bytes, piece: bytes, total: int) -> Answer | None:
    """Send *start* and then *piece* up to *total* bytes, as far as the other side takes it."""
    async with connected(port) as line:
        sent = 0
        try:
            await line.send(start)
            while sent < total:
                await line.send(piece)
                sent += len(piece)
        except ConnectionError:
            pass
        assert sent < total, "somebody took it all"
        try:
            return await line.answer()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None  # the reset overtook the answer


async def deliver(port: int, number: int) -> str:
    body = b'{"event_type":"avatar_video.success","event_data":{"video_id":"%d"}}' % number
    answer = await ask(port, request(body, signature=sign(body, SECRET)))
    assert answer.status == 200
    return str(answer.json["event_id"])


async def test_abuse_costs_no_memory_and_no_event(prepared: Database, database_url: str) -> None:
    prepared.close()
    head = b"POST /webhooks/heygen HTTP/1.1\r\nhost: x\r\n"
    lines, giant = b"x-%d: y\r\n" % 7 * 8192, b"y" * 65536
    attacks = [
        (head, lines),
        (head + b"x: ", giant),
        (b"POST /", giant),
        (head + b"transfer-encoding: chunked\r\n\r\n0\r\n", lines),
        (head + b"transfer-encoding: chunked\r\n\r\n0\r\nx: ", giant),
        (head + b"transfer-encoding: chunked\r\n\r\n1;", giant),
        (head + b"content-length: 2000000000\r\n\r\n", giant),
        (head + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + giant + b"\r\n"),
    ]
    async with subject(database_url) as server:
        told = [await deliver(server.port, 0)]
        before = server.resident_bytes
        for number, (start, piece) in enumerate(attacks, 1):
            answer = await flood(server.port, start, piece, 100 * MEBIBYTE)
            assert answer is None or answer.status in (400, 413, 431)
            told.append(await deliver(server.port, number))
        assert server.resident_bytes - before < 24 * MEBIBYTE
        assert (await ask(server.port, request(method="OPTIONS"))).status == 200
        await server.end()
    after = Database(database_url)
    stored = await after.read(lambda conn: [row.id for row in conn.execute(events.select().order_by(events.c.id))])
    after.close()
    assert stored == told
