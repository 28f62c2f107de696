"""Open boards in a process of their own: `python -m tests.e2e.load.boards`.

The first line of stdin, JSON, says where the service is and who has a board. Each further line is a wish, and is
answered with how far each board is: `where`; `calm`: nobody misbehaves from now on; `end FILE`: what each was shown is
written there, and the process ends.
"""

import asyncio
import random
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson
import uvloop

from reelhook.simulators.load.processor import waited_s
from tests.e2e.kill.watcher import Sight, sight
from tests.e2e.load.visit import Visit

Manner = Literal["reads", "slow", "stalls", "vanishes"]
"""How a board treats its stream: it `reads`, is `slow`, `stalls` now and then, or `vanishes` without a word."""

COMES_BACK_S = (0.2, 4.0)  # until the server has said something else
VANISHES_S = (3.0, 20.0)
STALLS_AFTER_S, STALLS_S = 10.0, 8.0  # a stream is cut whose reader does not read for five seconds
SLOW_S = 0.05
LITTLE_BYTES = 16_384  # what the kernel keeps for a reader that is slow or stalls
REFUSED_S = 0.5
AT_ONCE = 50
MOST_BYTES = 1 << 26  # of a line


@dataclass(frozen=True)
class Seat:
    """Who looks: the videos of *subject*, or all when there is none.

    A stream token does not open the list of videos, so its board begins at the update *since*, as of which the
    builder's backend has read that list. A board of all videos reads it itself.
    """

    credential: str
    manner: Manner
    subject: str | None
    since: int | None


@dataclass
class Board:
    """One board: it follows the stream from its list of videos on, and comes back with Last-Event-ID."""

    seat: Seat
    port: int
    dice: random.Random
    doors: asyncio.Semaphore
    since: int | None = field(init=False)
    """The list of videos was as of this update; None: it was not read yet."""
    last_id: int = field(init=False)
    retry_s: float | None = None
    seen: list[tuple[Sight, float, float]] = field(default_factory=list)
    """What was shown, when, and since when the stream was open then."""
    visits: list[tuple[float, float]] = field(default_factory=list)
    """From when to when its streams were open."""
    opened: float | None = None
    refused: int = 0
    calm: bool = False
    """Whether it has stopped to misbehave."""

    def __post_init__(self) -> None:
        self.since, self.last_id = self.seat.since, self.seat.since or 0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            with suppress(OSError):
                await self._visit()
            if self.opened is not None:
                self.visits.append((self.opened, time.time()))
                self.opened = None
            await asyncio.sleep(self.dice.uniform(*COMES_BACK_S) if self.retry_s is None else self.retry_s)
            self.retry_s = None

    async def _visit(self) -> None:
        loop, made = asyncio.get_running_loop(), socket.socket()
        made.setblocking(False)
        if self.seat.manner in ("slow", "stalls"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE_BYTES)
        async with self.doors:
            await loop.sock_connect(made, ("127.0.0.1", self.port))
            _, visit = await loop.create_connection(lambda: Visit(self, self.seat.credential), sock=made)
            await asyncio.wait([visit.answered, visit.ended], return_when=asyncio.FIRST_COMPLETED)
        misbehaving = asyncio.create_task(self._misbehave(visit))
        await visit.ended
        misbehaving.cancel()

    async def _misbehave(self, visit: Visit) -> None:
        if self.seat.manner == "vanishes":
            await asyncio.sleep(self.dice.uniform(*VANISHES_S))
            if not self.calm:
                visit.vanish()
        while self.seat.manner == "stalls":
            await asyncio.sleep(STALLS_AFTER_S)
            if not self.calm:
                visit.pause(STALLS_S)

    def pauses_s(self) -> float:
        """How long it reads nothing after it has read something."""
        return SLOW_S if self.seat.manner == "slow" and not self.calm else 0.0

    def listed(self, body: bytes) -> None:
        """The list of videos came."""
        self.since = self.last_id = orjson.loads(body)["stream_id"]

    def answered(self) -> None:
        """The stream is open."""
        self.opened = time.time()

    def turned_away(self, status: int) -> None:
        self.refused += 1
        self.retry_s = REFUSED_S

    def take(self, frame: dict[str, str]) -> None:
        """As a browser does: any id moves the Last-Event-ID, and a frame without data is no event."""
        if "retry" in frame:
            self.retry_s = int(frame["retry"]) / 1000
        if "id" in frame:
            self.last_id = int(frame["id"])
        if "id" in frame and "data" in frame:
            shown = sight(self.last_id, frame["event"], frame["data"])
            self.seen.append((shown, time.time(), self.opened or 0.0))

    def told(self) -> dict[str, Any]:
        now = time.time()
        visits = [*self.visits, *([(self.opened, now)] if self.opened is not None else [])]
        seen = [(*asdict(shown).values(), at, opened) for shown, at, opened in self.seen]
        return {"since": self.since, "seen": seen, "visits": visits, "refused": self.refused}


class Room:
    """All boards of this process, and what is wished of them."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        dice, doors = random.Random(given["seed"]), asyncio.Semaphore(AT_ONCE)
        seats = (Seat(*each) for each in given["seats"])
        self._boards = [Board(seat, given["port"], random.Random(dice.random()), doors) for seat in seats]
        self._looking = [asyncio.create_task(board.run()) for board in self._boards]
        self._began, self._own = time.perf_counter(), time.process_time() + waited_s()

    def calm(self) -> None:
        """Nobody misbehaves from now on."""
        for board in self._boards:
            board.calm = True

    def where(self) -> dict[str, Any]:
        """How many boards have had a stream, the last id on each, and the share of a core that this process needed."""
        own, lasted = time.process_time() + waited_s() - self._own, time.perf_counter() - self._began
        return {
            "busy": own / lasted,
            "came": sum(bool(board.visits or board.opened) for board in self._boards),
            "last": [board.last_id for board in self._boards],
        }

    def write(self, path: Path) -> None:
        """What every board was shown."""
        path.write_bytes(orjson.dumps([board.told() for board in self._boards]))

    async def close(self) -> None:
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)


async def main() -> None:
    """Until it is told to end, or whoever asks is gone."""
    asked, loop = asyncio.StreamReader(limit=MOST_BYTES), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin.buffer)
    room = Room(orjson.loads(await asked.readline()))
    while wish := (await asked.readline()).decode().split():
        if wish[0] == "calm":
            room.calm()
        if wish[0] == "end":
            room.write(Path(wish[1]))
        print(orjson.dumps(room.where()).decode(), flush=True)
        if wish[0] == "end":
            break
    await room.close()


if __name__ == "__main__":
    uvloop.run(main())
