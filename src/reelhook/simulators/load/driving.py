"""Closed and open loop over the same connections."""

import asyncio
import time
from collections import Counter, deque
from contextlib import suppress

from reelhook.simulators.load.connection import Connection
from reelhook.simulators.load.histogram import Histogram
from reelhook.simulators.load.outcome import BUSIEST, Outcome
from reelhook.simulators.load.plan import Plan
from reelhook.simulators.load.processor import waited_s, worked_s

CONNECT_LIMIT_S = 10.0
LAST_ANSWERS_S = 5.0
CONNECT_AT_ONCE = 100


class Drive:
    """One run: what is common to both loops. Times are nanoseconds of the monotonic clock."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.requests = plan, plan.requests()
        self.connections: list[Connection] = []
        self.took, self.late = Histogram(), Histogram()
        self.statuses: Counter[str] = Counter()
        self.answers = 0
        self.lost_connections = 0
        self.measures_ns = self.ends_ns = 0
        self.closing = False
        self.under_way = 0
        self.used_up, self.idle = asyncio.Event(), asyncio.Event()

    async def run(self) -> Outcome:
        """Connect, load, wait for the last answers. Raises *OSError* when the server cannot be reached,
        *RuntimeError* when the deliveries do not last."""
        async with asyncio.timeout(CONNECT_LIMIT_S):
            await self._connect()
        begins_ns = time.perf_counter_ns()
        self.measures_ns = begins_ns + int(self.plan.warm_s * 1e9)
        self.ends_ns = self.measures_ns + int(self.plan.seconds * 1e9)
        self.begin(begins_ns)
        await asyncio.sleep(self.plan.warm_s)
        if self.used_up.is_set():
            raise RuntimeError(f"{self.plan.most} deliveries were used up before anything was measured")
        before = self._processors()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.plan.seconds):
                await self.used_up.wait()
        measured_s = (min(time.perf_counter_ns(), self.ends_ns) - self.measures_ns) / 1e9
        shares = [(now - then) / measured_s for then, now in zip(before, self._processors(), strict=True)]
        if self.under_way:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_ANSWERS_S):
                    await self.idle.wait()
        return self._outcome(measured_s, *shares)

    def begin(self, now_ns: int) -> None:
        """Send the first requests."""
        raise NotImplementedError

    def free(self, connection: Connection, now_ns: int) -> None:
        """*connection* has its answer: what is sent next?"""
        raise NotImplementedError

    def unsent_ns(self) -> list[int]:
        """When the requests should have begun for which there was no connection until the end."""
        return []

    def send(self, connection: Connection, began_ns: int) -> None:
        request = next(self.requests, None)
        if request is None:
            self.ends_ns = min(self.ends_ns, time.perf_counter_ns())
            self.used_up.set()
        else:
            self.under_way += 1
            connection.send(request, began_ns)

    def answered(self, connection: Connection, status: bytes) -> None:
        now_ns = time.perf_counter_ns()
        self.under_way -= 1
        if connection.began_ns >= self.measures_ns:
            self.took.record((now_ns - connection.began_ns) // 1000)
            self.statuses[status.decode()] += 1
        if self.measures_ns <= now_ns <= self.ends_ns:
            self.answers += 1
        self.free(connection, now_ns)
        if now_ns > self.ends_ns and not self.under_way:
            self.idle.set()

    def lost(self, connection: Connection) -> None:
        self.lost_connections += not self.closing

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        for first in range(0, self.plan.connections, CONNECT_AT_ONCE):
            many = min(CONNECT_AT_ONCE, self.plan.connections - first)
            making = (
                loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port) for _ in range(many)
            )
            self.connections += [connection for _, connection in await asyncio.gather(*making)]

    def _processors(self) -> tuple[float, float, float]:
        """Seconds so far: own work, own waiting, the servers' work."""
        return time.process_time(), waited_s(), worked_s(*self.plan.server_pids)

    def _outcome(self, measured_s: float, own_cpu: float, own_wait: float, server_cpu: float) -> Outcome:
        now_ns, self.closing = time.perf_counter_ns(), True
        open_ns = [one.began_ns for one in self.connections if one.busy] + self.unsent_ns()
        for began_ns in open_ns:
            self.took.record((now_ns - began_ns) // 1000)
        for connection in self.connections:
            connection.close()
        return Outcome(
            answers=self.answers,
            seconds=measured_s,
            latency_ms=self.took.ms(),
            statuses=dict(self.statuses),
            unanswered=len(open_ns),
            lost=self.lost_connections,
            late_ms=self.late.percentile_us(99) / 1000,
            own_cpu=own_cpu,
            own_wait=own_wait,
            server_cpu=server_cpu,
            wrong=tuple(self._wrong(own_cpu + own_wait, len(open_ns))),
        )

    def _wrong(self, own: float, unanswered: int) -> list[str]:
        others = {status: many for status, many in self.statuses.items() if status != str(self.plan.expects)}
        found = {
            f"the generator worked or waited for its core {own:.0%} of the time": own > BUSIEST,
            f"other answers than {self.plan.expects}: {others}": others,
            f"{unanswered} requests were not answered": unanswered,
            f"the server closed {self.lost_connections} connections": self.lost_connections,
            "nothing was answered": not self.answers,
        }
        return [what for what, so in found.items() if so]


class Closed(Drive):
    """Each connection has one request under way, always, or after a pause."""

    def begin(self, now_ns: int) -> None:
        for connection in self.connections:
            self.send(connection, now_ns)

    def free(self, connection: Connection, now_ns: int) -> None:
        if now_ns >= self.ends_ns:
            return
        if self.plan.pause_s:
            asyncio.get_running_loop().call_later(self.plan.pause_s, self._after_pause, connection)
        else:
            self.send(connection, now_ns)

    def _after_pause(self, connection: Connection) -> None:
        now_ns = time.perf_counter_ns()
        if now_ns < self.ends_ns:
            self.send(connection, now_ns)


class Open(Drive):
    """Requests begin on time. One that finds every connection busy waits for the next free one, and its time runs."""

    def begin(self, now_ns: int) -> None:
        assert self.plan.rate
        self._step_ns, self._next_ns = 1e9 / self.plan.rate, float(now_ns)
        self._idle_ones = deque(self.connections)
        self._due: deque[int] = deque()
        self._tick()

    def free(self, connection: Connection, now_ns: int) -> None:
        if self._due:
            self.send(connection, self._due.popleft())
        else:
            self._idle_ones.append(connection)

    def unsent_ns(self) -> list[int]:
        return list(self._due)

    def _tick(self) -> None:
        now_ns = time.perf_counter_ns()
        while self._next_ns <= now_ns and self._next_ns < self.ends_ns:
            self._start(int(self._next_ns), now_ns)
            self._next_ns += self._step_ns
        if self._next_ns < self.ends_ns:
            loop = asyncio.get_running_loop()
            loop.call_later(max(0.0, (self._next_ns - time.perf_counter_ns()) / 1e9), self._tick)

    def _start(self, began_ns: int, now_ns: int) -> None:
        if not self._idle_ones:
            self._due.append(began_ns)
            return
        if began_ns >= self.measures_ns:
            self.late.record((now_ns - began_ns) // 1000)
        self.send(self._idle_ones.popleft(), began_ns)
