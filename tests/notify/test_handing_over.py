"""Where the connection to a mail server ends says whether the letter may have arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from reelhook.notify.channels.email.errors import MailDeferred, MailRefused, MailServerUnreached, MailUnclear
from reelhook.notify.channels.email.server import SmtpServer
from tests.notify.test_smtp import TO, a_letter

ANSWERS = {
    b"EHLO": b"250 here",
    b"MAIL": b"250 ok",
    b"RCPT": b"250 ok",
    b"DATA": b"354 go on",
    b".": b"250 taken",
    b"QUIT": b"221 bye",
}


@asynccontextmanager
async def server(ends_at: bytes, last_word: bytes = b"") -> AsyncIterator[SmtpServer]:
    """One that ends the connection instead of its answer to *ends_at*, after *last_word*."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        in_letter = False
        while not reader.at_eof():
            line = (await reader.readline()).strip()
            word = b"." if line == b"." else b"" if in_letter else line[:4].upper()
            if word == ends_at:
                writer.write(last_word)
                break
            if word in ANSWERS:
                writer.write(ANSWERS[word] + b"\r\n")
                in_letter = word == b"DATA"
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        yield SmtpServer.parse(f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize(
    ("ends_at", "last_word", "error"),
    [
        (b"EHLO", b"", MailServerUnreached),
        (b"RCPT", b"", MailServerUnreached),
        (b"RCPT", b"550 no such box\r\n", MailRefused),
        (b"DATA", b"451 later\r\n", MailDeferred),
        (b".", b"554 spam\r\n", MailRefused),
        (b".", b"", MailUnclear),
    ],
)
async def test_only_a_letter_without_an_answer_may_have_arrived(
    ends_at: bytes, last_word: bytes, error: type[Exception]
) -> None:
    async with server(ends_at, last_word) as mail:
        with pytest.raises(error) as told:
            await mail.send(a_letter(), "reel@example.com", TO)
    assert type(told.value) is error


async def test_what_was_taken_is_taken_even_without_a_goodbye() -> None:
    async with server(b"QUIT") as mail:
        await mail.send(a_letter(), "reel@example.com", TO)
