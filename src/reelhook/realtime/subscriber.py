"""One open stream: what it wants to see, how far it is, and how to write to it without waiting."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from starlette.types import Message, Send

from reelhook.auth import Principal
from reelhook.kit.headed import Fields
from reelhook.realtime import wire
from reelhook.realtime.encoding import PLAIN, Encoding
from reelhook.realtime.wants import Wants

Start = Literal["new", "replayed", "resync"]  # replayed: it goes on where another ended; resync: it could not
GRACE_S = 5.0  # how long a connection may stay full before its reader counts as too slow
SLOW = "slow"
LINGER_S = 1.0  # how long a last word may take to be read before the connection is cut


class Subscriber:
    """Where updates go. It keeps none: while it is not `live`, the hub brings it level from the log.

    *number* is given by the hub, and is not the same as any other's in this process. *start*: how it began. *sent*
    counts frames. *why* says what ended it, None as long as it was not us.
    """

    __slots__ = (
        "_send",
        "_transport",
        "_writing",
        "cut",
        "encoding",
        "last_id",
        "live",
        "number",
        "sent",
        "start",
        "wants",
        "why",
    )

    def __init__(
        self,
        send: Send,
        transport: asyncio.Transport | None,
        wants: Wants,
        last_id: int,
        encoding: Encoding = PLAIN,
        start: Start = "new",
    ) -> None:
        self._send, self._transport, self._writing = send, transport, False
        self.wants, self.last_id, self.encoding = wants, last_id, encoding
        self.number = 0
        self.start: Start = start
        self.live = False
        self.cut = False
        self.sent = 0
        self.why: str | None = None

    @property
    def principal(self) -> Principal:
        """Whose stream it is."""
        return self.wants.principal

    def open(self, fields: Fields = ()) -> bool:
        """Send the head of the response, *fields* too. False when the connection does not even take that: it is cut."""
        headers = [*wire.HEADERS, *self.encoding.headers, *fields]
        hello = self.encoding.opening + self.encoding.pack(wire.HELLO)
        if self._step({"type": "http.response.start", "status": 200, "headers": headers}) and self._step(body(hello)):
            return True
        self.abort()
        return False

    def take(self, message: Message, many: int, last_id: int) -> bool:
        """Send *message*, the *many* wanted updates up to *last_id*, if it does not have them.

        False when the connection is full: then nothing was sent.
        """
        if not self.live or last_id <= self.last_id:
            return True
        if not self._step(message):
            return False
        self.sent += many
        self.last_id = last_id
        return True

    def pass_on(self, frame: bytes) -> None:
        """Send what is not kept: a connection that is full goes without it."""
        if self.live:
            self._step(self._packed(frame))

    async def write(self, frames: Sequence[bytes]) -> bool:
        """Send *frames*, waiting for room. False when there was none for too long, or the stream has ended."""
        if self.cut:
            return False
        self._writing = True
        try:
            async with asyncio.timeout(GRACE_S):
                await self._send(self._packed(b"".join(frames)))
        except TimeoutError:
            return False
        finally:
            self._writing = False
        self.sent += len(frames)
        return not self.cut

    def end(self, frame: bytes, why: str) -> None:
        """Say goodbye with a last *frame* and close; a connection that is full is cut instead."""
        if self.cut:
            return
        self.cut, self.live, self.why = True, False, why
        if self._writing or not self._step(self._packed(frame, more=False)):
            self.abort()
        elif self._transport is not None:
            # The server closes only when all is read; who does not read would keep the connection for ever.
            asyncio.get_running_loop().call_later(LINGER_S, self._transport.abort)

    def abort(self) -> None:
        self.cut, self.live = True, False
        self.why = self.why or SLOW
        if self._transport is not None:
            self._transport.abort()

    def _packed(self, content: bytes, *, more: bool = True) -> Message:
        return body(self.encoding.pack(content), more=more)

    def _step(self, message: Message) -> bool:
        """Step the server's `send` by hand: it waits before it writes, so if it suspends, nothing was written."""
        step = self._send(message)
        try:
            step.send(None)  # type: ignore[attr-defined]
        except StopIteration:
            return True
        step.close()  # type: ignore[attr-defined]
        return False


def body(content: bytes, *, more: bool = True) -> Message:
    """What an ASGI server sends as it is. It may be the same for many streams."""
    return {"type": "http.response.body", "body": content, "more_body": more}
