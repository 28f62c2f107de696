"""Everybody with an open board, as seen from the test: who they are, how far they are, what they were shown."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.e2e.cluster.audience import Due
from tests.e2e.kill.facts import View
from tests.e2e.kill.scene import ROOT, Broken, Scene
from tests.e2e.kill.watcher import Sight
from tests.e2e.load.boards import Manner, Seat

# Of a hundred boards so many see all videos, as operators do; the others see those of one person each.
OPERATORS_SHARE = 0.01
ODD: tuple[Manner, ...] = ("slow", "stalls", "vanishes")  # as many operators of each of these
VANISHING = 0.05  # of the other boards
TTL_S = 24 * 3600
TOKENS_AT_ONCE = 20
SEATED_LIMIT_S, SHOWN_LIMIT_S, STOP_LIMIT_S = 180.0, 180.0, 60.0
LOOK_S = 0.2


@dataclass(frozen=True)
class Shown:
    """One update on one board: when it came, and since when that stream was open."""

    sight: Sight
    at: float
    opened: float


@dataclass(frozen=True)
class Looked:
    """What one board was shown, from the update *since* on, and from when to when its streams were open."""

    seat: Seat
    since: int
    shown: Sequence[Shown]
    visits: Sequence[tuple[float, float]]
    refused: int

    def due(self, due: Due, all_ids: Sequence[int]) -> frozenset[int]:
        """The ids of all updates that were this board's to see."""
        theirs = all_ids if self.seat.subject is None else due.by_subject.get(self.seat.subject, ())
        return frozenset(number for number in theirs if number > self.since)

    def view(self, due: Due, all_ids: Sequence[int]) -> View:
        """What the judge wants to know."""
        return View([each.sight for each in self.shown], self.due(due, all_ids))


class Audience:
    """All boards, which are in a process of their own."""

    def __init__(self, here: Scene, seats: Sequence[Seat], process: asyncio.subprocess.Process) -> None:
        self._here, self.seats, self._process = here, seats, process

    async def where(self) -> dict[str, Any]:
        """How many boards `came` to their stream, and the `last` id of each."""
        return await self._asked("where")

    async def seated(self) -> None:
        """Wait until every board is open."""
        await self._until(lambda told: told["came"] == len(self.seats), SEATED_LIMIT_S)

    async def shown(self) -> bool:
        """Give them time to see their last update, all of them on their best behaviour; returns whether all did.

        Who does not has a gap.
        """
        await self._asked("calm")
        due, all_ids = await self._here.look(Due.read), await self._here.look(update_ids)
        last = [max(all_ids if each.subject is None else due.by_subject.get(each.subject, ()), default=0)
                for each in self.seats]  # fmt: skip
        try:
            await self._until(lambda told: all(map(int.__ge__, told["last"], last)), SHOWN_LIMIT_S)
        except Broken:
            return False
        return True

    async def end(self) -> tuple[list[Looked], float]:
        """What each was shown, and the share of a core that the boards' own process was busy."""
        path = self._here.folder / "boards.json"
        told = await self._asked(f"end {path}")
        await asyncio.wait_for(self._process.wait(), STOP_LIMIT_S)
        return await asyncio.to_thread(_read, path, self.seats), told["busy"]

    async def _until(self, so: Any, limit_s: float) -> None:
        until = asyncio.get_running_loop().time() + limit_s
        while not so(told := await self.where()):
            if asyncio.get_running_loop().time() > until:
                raise Broken(f"after {limit_s:g} s {told['came']} of {len(self.seats)} boards have had a stream")
            await asyncio.sleep(LOOK_S)

    async def _asked(self, question: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{question}\n".encode())
        answer = await self._process.stdout.readline()
        if not answer:
            raise Broken("the boards' process has ended")
        return dict(orjson.loads(answer))


def update_ids(db: Any) -> list[int]:
    """Of all updates in the stream."""
    return [row[0] for row in db.execute("SELECT id FROM stream ORDER BY id")]


@asynccontextmanager
async def audience(here: Scene, people: Sequence[str], boards: int, seed: str) -> AsyncIterator[Audience]:
    """One board for each of *people*, and operators' boards, *boards* together; all are closed in the end."""
    seats = [seat async for seat in _seats(here, people, boards, random.Random(f"{seed}/manners"))]
    words = [sys.executable, "-m", "tests.e2e.load.boards"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdin=pipe, stdout=pipe, limit=1 << 24)
    try:
        assert process.stdin is not None
        told = [(each.credential, each.manner, each.subject, each.since) for each in seats]
        process.stdin.write(orjson.dumps({"port": here.port, "seed": f"{seed}/boards", "seats": told}) + b"\n")
        yield Audience(here, seats, process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def people_of(boards: int) -> list[str]:
    """Those who have a board of their own."""
    return [f"person-{number}" for number in range(boards - len(_operators(boards)))]


def _operators(boards: int) -> list[Manner]:
    usual: list[Manner] = ["reads"] * max(1, round(boards * OPERATORS_SHARE))
    return usual + [odd for odd in ODD for _ in range(max(1, len(usual) // 4))]


async def _seats(here: Scene, people: Sequence[str], boards: int, dice: random.Random) -> AsyncIterator[Seat]:
    for manner in _operators(boards):
        yield Seat(here.key, manner, None, None)
    since = await _head(here)
    gate = asyncio.Semaphore(TOKENS_AT_ONCE)
    for person, token in zip(
        people, await asyncio.gather(*(_token(here, gate, person) for person in people)), strict=True
    ):
        yield Seat(token, "vanishes" if dice.random() < VANISHING else "reads", person, since)


async def _head(here: Scene) -> int:
    """As of which update the list of videos is."""
    async with here.session.get(f"{here.base}/api/v1/videos", headers=here.authorised) as response:
        response.raise_for_status()
        return int((await response.json())["stream_id"])


async def _token(here: Scene, gate: asyncio.Semaphore, subject: str) -> str:
    """A stream token, asked for until the key may ask again: an installation's limits hold here too."""
    wanted = {"subject": subject, "ttl_s": TTL_S}
    while True:
        async with (
            gate,
            here.session.post(f"{here.base}/api/v1/stream-tokens", json=wanted, headers=here.authorised) as response,
        ):
            if response.status == 201:
                return str((await response.json())["token"])
            if response.status != 429:
                raise Broken(f"a stream token was refused: {await response.text()}")
            await asyncio.sleep(float(response.headers["retry-after"]))


def _read(path: Path, seats: Sequence[Seat]) -> list[Looked]:
    told = orjson.loads(path.read_bytes())
    return [Looked(seat, each["since"] or 0, list(_shown(each["seen"])), each["visits"], each["refused"])
            for seat, each in zip(seats, told, strict=True)]  # fmt: skip


def _shown(seen: Sequence[Sequence[Any]]) -> Iterator[Shown]:
    for *parts, at, opened in seen:
        yield Shown(Sight(*parts), at, opened)
