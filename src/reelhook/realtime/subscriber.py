"""One open stream: what it wants to see, and the bytes that still have to go out."""

from asyncio import Transport
from collections import deque
from collections.abc import Callable

from starlette.types import Send

from reelhook.realtime.log import Update

Wants = Callable[[Update], bool]

# A reader this far behind is cut: it resumes by Last-Event-ID, from the log, at its own speed.
MOST_WAITING = 256


class Subscriber:
    """Where the hub's frames go. Until its history is out (`live`) it takes none: the endpoint reads the log."""

    __slots__ = ("_send", "_transport", "_waiting", "cut", "full_since", "last_id", "live", "owner", "wants")

    def __init__(self, send: Send, transport: Transport | None, owner: str, wants: Wants, last_id: int) -> None:
        self._send, self._transport = send, transport
        self._waiting: deque[tuple[int | None, bytes]] | None = None
        self.owner, self.wants, self.last_id = owner, wants, last_id
        self.live = False
        self.full_since: float | None = None
        self.cut = False

    def offer(self, update_id: int | None, frame: bytes, now: float) -> bool:
        """Send *frame* now if the connection takes it, else keep it. False: too far behind, cut this one."""
        if self.cut or not self.live or (update_id is not None and update_id <= self.last_id):
            return True
        if not self._waiting and self._push(frame):
            self._passed(update_id)
            return True
        if self._waiting is None:
            self._waiting = deque()
            self.full_since = now
        self._waiting.append((update_id, frame))
        return len(self._waiting) <= MOST_WAITING

    def flush(self) -> bool:
        """Send what waits, as far as the connection takes it. True when nothing waits any more."""
        while self._waiting:
            update_id, frame = self._waiting[0]
            if not self._push(frame):
                return False
            self._passed(update_id)
            self._waiting.popleft()
        self._waiting = None
        self.full_since = None
        return True

    def end(self, frame: bytes) -> None:
        """Say goodbye with a last *frame* and close; a connection that is full is cut instead."""
        self.cut = True
        if not self._push(frame, more=False):
            self.abort()

    def abort(self) -> None:
        self.cut = True
        if self._transport is not None:
            self._transport.abort()

    def _passed(self, update_id: int | None) -> None:
        if update_id is not None:
            self.last_id = update_id

    def _push(self, frame: bytes, *, more: bool = True) -> bool:
        """Step the server's `send` by hand: it waits before it writes, so if it suspends, nothing was written."""
        step = self._send({"type": "http.response.body", "body": frame, "more_body": more})
        try:
            step.send(None)  # type: ignore[attr-defined]
        except StopIteration:
            return True
        step.close()  # type: ignore[attr-defined]
        return False
