"""The lane of many processes: two Redis Streams, of quick work and of slow, which all workers read as one group."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from reelhook import logs, metrics
from reelhook.jobs.lanes import Due, Room
from reelhook.kit.redis import AWAY, RedisClients

MOST_WAITING = 10_000  # ids that this process keeps while the server is slow
BATCH = 1000
MOST_KEPT = 10_000  # entries of one stream: about a megabyte
ANSWER_S = 0.5  # how much longer than asked for an answer may take
AGAIN_S = 2.0  # while the server is away it costs a worker half a second in so many
GROUP = "workers"
# Nothing is ever pending (see `_read`), so that it does not matter which worker reads: there are no dead ones to bury.
CONSUMER = "any"

log = logs.get("jobs")


class RedisLane:
    """An id is given to one worker. Whatever is lost, a worker's next look at the table or the sweeper finds."""

    forgetful = True

    def __init__(self, clients: RedisClients) -> None:
        self._clients = clients
        self._quick, self._slow = clients.name("jobs", "quick"), clients.name("jobs", "slow")
        self._waiting: deque[Due] = deque()
        self._to_send, self._woken = asyncio.Event(), asyncio.Event()
        self._unsent = False  # an id of this process was lost on the way
        self._away_until = 0.0
        metrics.LANE_AWAY.set(0)

    def send(self, due: Sequence[Due]) -> None:
        room = MOST_WAITING - len(self._waiting)
        self._waiting.extend(due[:room])
        if len(due) > room:
            self._lose(len(due) - room)
        self._to_send.set()

    def wake(self) -> None:
        self._woken.set()

    async def wait(self, room: Room, limit_s: float) -> Sequence[str] | None:
        if self._woken.is_set():  # before anything is read in vain
            return self._word()
        hearing = asyncio.create_task(self._hear(room, limit_s), name="lane-hear")
        waking = asyncio.create_task(self._woken.wait(), name="lane-wake")
        try:
            await asyncio.wait((hearing, waking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
            waking.cancel()
            await asyncio.gather(hearing, waking, return_exceptions=True)
        return self._word() if hearing.cancelled() else hearing.result()

    async def run(self) -> None:
        task = asyncio.current_task()
        try:
            # Asked for, because the client may keep a cancellation that comes while it sends to itself.
            while task is None or not task.cancelling():
                await self._to_send.wait()
                await self._send_all()
        finally:
            # What a worker hands back when it stops is the last to be sent. This takes half a second at most.
            await self._send_all()

    def _word(self) -> Sequence[str] | None:
        """What a worker that was woken should know."""
        self._woken.clear()
        unsent, self._unsent = self._unsent, False
        return None if unsent else ()

    async def _send_all(self) -> None:
        self._to_send.clear()
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                async with self._clients.quick.pipeline(transaction=False) as pipe:
                    for due in batch:
                        pipe.xadd(self._slow if due.slow else self._quick, {"job": due.job_id}, maxlen=MOST_KEPT)
                    await pipe.execute()
            except AWAY as error:
                self._lose(len(batch) + len(self._waiting))
                self._waiting.clear()
                self._note_away(error)
            else:
                metrics.LANE_IDS.labels("sent").inc(len(batch))
                self._note_back()

    def _lose(self, number: int) -> None:
        """They are in the table: let our own worker look there at once; the others look within a second."""
        metrics.LANE_IDS.labels("lost").inc(number)
        self._unsent = True
        self._woken.set()

    async def _hear(self, room: Room, limit_s: float) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        if room.jobs and loop.time() >= self._away_until:
            try:
                async with asyncio.timeout(limit_s + ANSWER_S):
                    return await self._read(room, limit_s)
            except AWAY as error:
                self._note_away(error)
        await asyncio.sleep(until - loop.time())
        return ()

    async def _read(self, room: Room, limit_s: float) -> Sequence[str]:
        """Read both streams, quick ids first. Of each as many are read, so that all have room: two may be one too many.

        Without acknowledgement: whoever dies with an id in its hands costs the job a second, as if it had been lost.
        """
        streams: dict[Any, Any] = {self._quick: ">"} | ({self._slow: ">"} if room.slow else {})
        count = max(1, min(room.jobs // 2, room.slow)) if room.slow else room.jobs
        block = int(limit_s * 1000) or None  # 0 would be for ever
        try:
            answer = await self._clients.patient.xreadgroup(
                GROUP, CONSUMER, streams, count=count, block=block, noack=True
            )
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            await self._begin()
            return ()
        self._note_back()
        return self._fitting(answer, room.jobs)

    async def _begin(self) -> None:
        """The server is new, or has forgotten all. From 0: what was sent since is meant for the group too."""
        for stream in (self._quick, self._slow):
            try:
                await self._clients.quick.xgroup_create(stream, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):  # another worker was faster
                    raise

    def _fitting(self, answer: Any, room: int) -> Sequence[str]:
        due = [
            Due(fields[b"job"].decode(), stream == self._slow.encode())
            for stream, entries in answer or ()
            for _, fields in entries
            if b"job" in fields  # another version may say something else
        ]
        if due[room:]:
            self.send(due[room:])
        return [each.job_id for each in due[:room]]

    def _note_away(self, error: Exception) -> None:
        if self._away_until == 0:
            log.warning(
                "lane.away", error=f"{type(error).__name__}: {error}", then="the table is looked at each second"
            )
            metrics.LANE_AWAY.set(1)
        self._away_until = asyncio.get_running_loop().time() + AGAIN_S

    def _note_back(self) -> None:
        if self._away_until != 0:
            log.info("lane.back")
            metrics.LANE_AWAY.set(0)
            self._away_until = 0.0
