"""Ten thousand open streams in one process: epoll and bytes, and no more of HTTP than where a head ends.

Reading a frame takes a few µs of a core here, of which the kernel has most. The share of a core that the client took is
told with every figure (`client`, the time included in which it waited for its core): one that was busy for more than
90 % of the time would have measured itself.
"""

import os
import resource
import select
import socket
import time
from array import array
from collections.abc import Callable, Iterable
from contextlib import suppress

from bench.kit import CLIENT_CORES
from bench.kit.rounds import Unreliable

MARK = b'{"video":'
"""Each update has this once, whoever sends it and however it is framed."""
BUSIEST = 0.9
AT_ONCE = 200  # streams that are being opened
READ_BYTES = 1 << 18
SLEEP_S = 0.1
HEAD_END = b"\r\n\r\n"

Seen = Callable[[int, bytes, float], None]


def require_idle(share: float) -> None:
    """Raises *Unreliable* when the client was busy for such a *share* of the time that it measured itself."""
    if share > BUSIEST:
        raise Unreliable(f"the client worked or waited for its core {share:.0%} of the time")


class Stuck(Unreliable):
    """What was waited for did not come in time."""


def be_client() -> None:
    """Give this process the clients' core, and as many descriptors as it may have: every stream is one."""
    os.sched_setaffinity(0, CLIENT_CORES)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Streams:
    """Open streams to 127.0.0.1:*port*. Used as a context, it closes all in the end.

    *seen*, if given, is called with the number of a stream, the bytes that came, and when. *times* are when updates
    came, one for each update and stream, of `time.perf_counter`. *ended* counts the streams that the server ended.
    """

    def __init__(self, port: int, seen: Seen | None = None) -> None:
        self.port, self._seen = port, seen
        self._epoll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._asks: dict[int, bytes] = {}  # of those that are being connected
        self._heads: dict[int, bytes] = {}  # what came of those that are not answered yet
        self._rests: dict[int, bytes] = {}  # the end of what came, where it may be the beginning of a mark
        self._others: dict[int, Callable[[], None]] = {}
        self.times = array("d")
        self.ended = 0
        self.before_waiting: Callable[[], float] = lambda: SLEEP_S
        """What else is to be done in the loop; it returns how many seconds it has time."""

    def __enter__(self) -> "Streams":
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open.values():
            each.close()
        self._epoll.close()

    def __len__(self) -> int:
        """How many are open and answered."""
        return len(self._open) - len(self._asks) - len(self._heads)

    def open(self, asks: Iterable[bytes], *, limit_s: float = 120.0) -> float:
        """Send one request each, until all are answered; returns how long that took, in s.

        Raises *Stuck* after *limit_s*, and when one is refused.
        """
        waiting, began, more = iter(asks), time.perf_counter(), True
        while more or self._asks or self._heads:
            while more and len(self._asks) + len(self._heads) < AT_ONCE:
                ask = next(waiting, None)
                if ask is None:
                    more = False
                else:
                    self._connect(ask)
            self.turn(SLEEP_S)
            if time.perf_counter() - began > limit_s:
                raise Stuck(f"after {limit_s:g} s only {len(self)} streams are open")
        return time.perf_counter() - began

    def receive(self, until: Callable[[], bool], *, limit_s: float) -> None:
        """Read what comes until *until* is true, which is asked after each round. Raises *Stuck* after *limit_s*."""
        end = time.perf_counter() + limit_s
        while not until():
            self.turn(SLEEP_S)
            if time.perf_counter() > end:
                told = f"{len(self.times)} updates had come on {len(self)} streams ({self.ended} were ended)"
                raise Stuck(f"after {limit_s:g} s {told}")

    def receive_for(self, seconds: float) -> None:
        """Read what comes for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.turn(min(left, SLEEP_S))

    def turn(self, wait_s: float) -> None:
        """One round: wait at most so long for anything to read, and read it."""
        for number, _ in self._epoll.poll(min(wait_s, self.before_waiting()), 1024):
            if number in self._others:
                self._others[number]()
            elif number in self._asks:
                self._ask(number)
            else:
                self._read(number)

    def watch(self, file: int, ready: Callable[[], None]) -> None:
        """Call *ready* whenever there is something to read from *file*."""
        self._others[file] = ready
        self._epoll.register(file, select.EPOLLIN)

    def forget(self, file: int) -> None:
        """Do not watch *file* any more."""
        del self._others[file]
        self._epoll.unregister(file)

    def _connect(self, ask: bytes) -> None:
        made = socket.socket()
        made.setblocking(False)
        with suppress(BlockingIOError):
            made.connect(("127.0.0.1", self.port))
        self._open[made.fileno()] = made
        self._asks[made.fileno()] = ask
        self._epoll.register(made, select.EPOLLOUT)

    def _ask(self, number: int) -> None:
        self._open[number].sendall(self._asks.pop(number))
        self._heads[number] = b""
        self._epoll.modify(number, select.EPOLLIN)

    def _read(self, number: int) -> None:
        data = self._open[number].recv(READ_BYTES)
        now = time.perf_counter()
        if not data:
            self._end(number)
            return
        if number in self._heads:
            data = self._begin(number, data)
        if self._rests:
            data = self._rests.pop(number, b"") + data
        if not data.endswith(b"\n"):
            self._rests[number] = data[1 - len(MARK) :]
        for _ in range(data.count(MARK)):
            self.times.append(now)
        if self._seen is not None:
            self._seen(number, data, now)

    def _begin(self, number: int, data: bytes) -> bytes:
        """What comes after the head, when that is whole. Raises *Stuck* when the stream is refused."""
        head, end, body = (self._heads[number] + data).partition(HEAD_END)
        if not end:
            self._heads[number] = head
            return b""
        if not head.startswith(b"HTTP/1.1 200"):
            raise Stuck(f"with {len(self)} streams open, the server says {(head + end + body).decode()[:500]}")
        del self._heads[number]
        return body

    def _end(self, number: int) -> None:
        if number in self._heads:
            raise Stuck(f"with {len(self)} streams open, the server closed one without an answer")
        self._rests.pop(number, None)
        self._open.pop(number).close()
        self.ended += 1
