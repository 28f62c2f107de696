"""Reading a request's body with limits on size and time."""

import asyncio

from starlette.types import Message, Receive, Scope

from reelhook.errors import ReelhookError

MOST_BYTES = 1024 * 1024
MOST_DIGITS = len(str(MOST_BYTES))
SECONDS = 10.0
# What is still thrown away of a body that was refused: as much as a sender has usually sent before it looks up.
MOST_DRAINED = 8 * 1024 * 1024
DRAIN_SECONDS = 2.0


class BodyTooLarge(ReelhookError):
    status, code = 413, "body_too_large"


class BodyTooSlow(ReelhookError):
    status, code, retryable = 408, "body_too_slow", True


class SenderGone(ReelhookError):
    """The sender hung up before the body was whole; there is nobody to answer."""

    status, code = 400, "sender_gone"


def check_size(scope: Scope) -> None:
    """Raises *BodyTooLarge* when the request itself says so, before anything of the body is read."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"").lstrip(b"0")
    # The parser lets only digits through, but any number of them; int() takes 4,300.
    if len(declared) > MOST_DIGITS or int(declared or 0) > MOST_BYTES:
        raise BodyTooLarge(f"the body has {declared[:20].decode('latin-1')} bytes; at most {MOST_BYTES} are taken")


async def read_body(receive: Receive) -> bytes:
    """The whole body. Raises *BodyTooLarge* as soon as that is known, *BodyTooSlow*, or *SenderGone*."""
    body = bytearray()
    came = _at_once(receive)
    if came is None or not _ends(body, came):
        try:
            async with asyncio.timeout(SECONDS):
                while not _ends(body, await receive()):
                    pass
        except TimeoutError:
            raise BodyTooSlow(f"the body did not arrive within {SECONDS:g} s") from None
    return bytes(body)


def _at_once(receive: Receive) -> Message | None:
    """What is here already, as nearly every webhook is: that needs no limit. None: it is still to come.

    The server's `receive` waits before it takes anything, so one that waits can be asked again.
    """
    step = receive()
    try:
        step.send(None)  # type: ignore[attr-defined]
    except StopIteration as returned:
        came: Message = returned.value
        return came
    step.close()  # type: ignore[attr-defined]
    return None


def _ends(body: bytearray, message: Message) -> bool:
    """Add what came to *body*; whether that was the last of it."""
    if message["type"] == "http.disconnect":
        raise SenderGone("the sender hung up before the body was whole")
    body += message.get("body", b"")
    if len(body) > MOST_BYTES:
        raise BodyTooLarge(f"the body has more than {MOST_BYTES} bytes")
    return not message.get("more_body", False)


async def drain(receive: Receive) -> None:
    """Throw away what still comes of a refused body, for a moment.

    To close while the sender is still sending would reset the connection, and it might never see why it was refused.
    """
    left = MOST_DRAINED
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                left -= len(message["body"])
    except TimeoutError:
        return
