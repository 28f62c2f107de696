"""One attempt: whatever an endpoint does, it ends in time, in bounded memory, and where it was to go."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from reelhook.kit.http import guarded_session
from reelhook.notify.channels.webhook import sender
from reelhook.notify.channels.webhook.errors import AddressNotAllowed, NotAccepted, NotDelivered
from reelhook.notify.channels.webhook.sender import Answer, Sender
from tests.conftest import StillClock
from tests.notify.webhook.receiver import Receiver, status

SECRET = "whsec_" + "A" * 43 + "="


class Sending:
    """A sender that may reach one receiver."""

    def __init__(self, sender: Sender, receiver: Receiver) -> None:
        self._sender, self._receiver = sender, receiver

    async def __call__(self, url: str | None = None) -> Answer:
        return await self._sender.send(url or self._receiver.url, "msg_1", b"{}", [SECRET])


@pytest.fixture
async def send(clock: StillClock, receiver: Receiver) -> AsyncIterator[Sending]:
    async with guarded_session([receiver.address]) as session:
        yield Sending(Sender(session, clock), receiver)


@pytest.mark.parametrize("code", [200, 201, 204, 299])
async def test_every_2xx_is_a_delivery(send: Sending, receiver: Receiver, code: int) -> None:
    receiver.will(status(code))
    answer = await send()
    assert (answer.status, answer.error, answer.result) == (code, None, "delivered")


@pytest.mark.parametrize(
    ("code", "kind"), [(400, NotAccepted), (404, NotAccepted), (429, NotDelivered), (500, NotDelivered)]
)
async def test_every_other_answer_is_a_failure_that_is_tried_again(
    send: Sending, receiver: Receiver, code: int, kind: type[NotDelivered]
) -> None:
    receiver.will(status(code))
    answer = await send()
    assert type(answer.error) is kind
    assert answer.error.retryable
    assert (answer.why, answer.result) == (f"answered {code}", "refused")


async def test_a_redirect_is_a_failure_and_is_not_followed(send: Sending, receiver: Receiver) -> None:
    receiver.will(status(302, Location=f"{receiver.url}/elsewhere"))
    answer = await send()
    assert [request.path for request in receiver.received] == ["/hook"]
    assert answer.why == "answered 302; redirects are not followed, so give the address it leads to"
    assert answer.headers is not None
    assert answer.headers["location"].endswith("/elsewhere")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::ffff:127.0.0.1]", "0x7f000001"])
async def test_a_private_address_is_never_reached_however_it_is_written(
    send: Sending, receiver: Receiver, host: str
) -> None:
    port = int(receiver.address.rpartition(":")[2]) + (0 if host == "127.0.0.2" else 1)
    answer = await send(f"http://{host}:{port}/hook")
    assert isinstance(answer.error, AddressNotAllowed)
    assert not answer.error.retryable
    assert "not a public address" in str(answer.why)


@pytest.mark.parametrize(("size", "cut"), [(65_536, False), (65_537, True), (3_000_000, True)])
async def test_64_kib_of_an_answer_are_kept(send: Sending, receiver: Receiver, size: int, cut: bool) -> None:
    receiver.will(status(200, b"x" * size))
    answer = await send()
    assert (len(answer.body), answer.cut, answer.error) == (65_536, cut, None)


async def never(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def never_ends(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"I have it")
    await asyncio.sleep(60)
    return response


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def test_who_does_not_answer_in_time_has_not_answered(
    send: Sending, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LIMIT_S", 0.2)
    receiver.will(never)
    answer = await send()
    assert (answer.status, answer.why, answer.result) == (None, "did not answer within 0.2 s", "unanswered")


async def test_a_status_counts_though_the_rest_of_the_answer_never_comes(
    send: Sending, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LIMIT_S", 0.5)
    receiver.will(never_ends)
    answer = await send()
    assert (answer.status, answer.error) == (200, None)


async def test_one_that_hangs_up_is_told_as_such(send: Sending, receiver: Receiver) -> None:
    receiver.will(hang_up)
    answer = await send()
    assert answer.status is None
    assert str(answer.why).startswith("was not reached: ")


async def test_headers_and_words_of_an_endpoint_are_bounded(send: Sending, receiver: Receiver) -> None:
    receiver.will(status(200, Server="s" * 5000, X_Other="o"))
    answer = await send()
    assert answer.headers is not None
    assert len(answer.headers["server"]) == 200
    assert "x-other" not in answer.headers
