"""The one who sends requests in the loop of those who listen: some connections, one request on each at a time."""

import re
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from bench.streams.client import Streams, Stuck

ANSWER_BYTES = 1 << 16
LENGTH = re.compile(rb"(?i)content-length: (\d+)")


class Teller:
    """Sends requests to 127.0.0.1:*port* on at most *connections* connections, and waits for none of them.

    *sent* and *answered* count; *took* has the seconds until each answer, from when its request was due. Raises *Stuck*
    from the loop when a request is not answered with success.
    """

    def __init__(self, streams: Streams, port: int, connections: int = 8) -> None:
        self._streams, self._port = streams, port
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._idle: list[socket.socket] = []
        self._came: dict[socket.socket, bytes] = {}  # what came of an answer, for each that is not idle
        self._due: dict[socket.socket, float] = {}
        self.sent = self.answered = 0
        self.took: list[float] = []
        for _ in range(connections):
            self._connect()

    def __enter__(self) -> "Teller":
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self._idle, *self._came):
            self._close(one)

    def tell(self, request: bytes, due: float | None = None) -> None:
        """Send *request*, which was *due* then, or is now, as soon as a connection is idle."""
        self.sent += 1
        self._waiting.append((request, time.perf_counter() if due is None else due))
        self._send()

    def _connect(self) -> None:
        one = socket.create_connection(("127.0.0.1", self._port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._streams.watch(one.fileno(), partial(self._read, one))
        self._idle.append(one)

    def _close(self, one: socket.socket) -> None:
        self._streams.forget(one.fileno())
        one.close()

    def _send(self) -> None:
        while self._waiting and self._idle:
            one = self._idle.pop()
            request, self._due[one] = self._waiting.popleft()
            self._came[one] = b""
            one.sendall(request)

    def _read(self, one: socket.socket) -> None:
        data = one.recv(ANSWER_BYTES)
        if not data and one in self._idle:  # servers close those that are idle for long
            self._idle.remove(one)
            self._close(one)
            self._connect()
            return
        answer = self._came[one] + data
        if not data or not answer.startswith(b"HTTP/1.1 2"):
            raise Stuck(f"a request was answered with {answer[:500]!r}")
        self._came[one] = answer
        if _whole(answer):
            del self._came[one]
            self.answered += 1
            self.took.append(time.perf_counter() - self._due.pop(one))
            self._idle.append(one)
            self._send()


class Steady:
    """*rate* requests a second on *teller*, each begun on time, whether the last is answered or not.

    *request* makes the one of a number; *due* is when each was due.
    """

    def __init__(self, teller: Teller, rate: float, request: Callable[[int], bytes]) -> None:
        self._teller, self._rate, self._request = teller, rate, request
        self._began = time.perf_counter()
        self.due: list[float] = []

    def __call__(self) -> float:
        """Send what is due; returns how many seconds are left until the next."""
        while (due := self._began + len(self.due) / self._rate) <= time.perf_counter():
            self.due.append(due)
            self._teller.tell(self._request(len(self.due) - 1), due)
        return max(0.0, due - time.perf_counter())


def _whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if length := LENGTH.search(head):
        return len(body) >= int(length[1])
    return bool(end)
