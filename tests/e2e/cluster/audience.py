"""Those who wait for videos: many live streams through the proxy, each opened with a stream token."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.kill.customer import Customer, subject
from tests.e2e.kill.facts import View
from tests.e2e.kill.watcher import Watcher

EACH = 20  # viewers follow one subject
NARROW_EVERY = 10  # of the viewers of a subject, one in so many follows a single video
PAUSES_S = (0.2, 4.0)  # browsers come back after about three seconds
SEATED_LIMIT_S = 60.0
SHOWN_LIMIT_S = 120.0  # late is no gap, never is
LOOK_S = 0.1
TTL_S = 24 * 3600


@dataclass
class Viewer:
    """Follows the videos of *subject*; a *narrow* one only the first that is ordered, from before its first update."""

    subject: str
    narrow: bool
    watcher: Watcher
    video_id: str | None = None


@dataclass(frozen=True)
class Due:
    """The ids of all updates, by what a viewer may follow."""

    by_subject: Mapping[str, frozenset[int]]
    by_video: Mapping[str, frozenset[int]]

    @classmethod
    def read(cls, db: Any) -> "Due":
        subjects, videos = defaultdict(set), defaultdict(set)
        for number, of, video_id in db.execute("SELECT id, subject, video_id FROM stream WHERE subject IS NOT NULL"):
            subjects[of].add(number)
            videos[video_id].add(number)
        return cls(_frozen(subjects), _frozen(videos))

    def of(self, viewer: Viewer) -> frozenset[int]:
        if viewer.narrow:
            return self.by_video.get(viewer.video_id or "", frozenset())
        return self.by_subject.get(viewer.subject, frozenset())


@dataclass
class Audience:
    """All viewers. Subjects are shared by twenty of them each."""

    here: Cluster
    customer: Customer
    viewers: list[Viewer] = field(default_factory=list)

    @classmethod
    def of(cls, here: Cluster, customer: Customer, seed: str, clients: int) -> "Audience":
        dice, made = random.Random(f"{seed}/audience"), cls(here, customer)
        for number in range(clients):
            place, of = divmod(number, customer.subjects)
            narrow = place % NARROW_EVERY == NARROW_EVERY - 1
            made.viewers.append(Viewer(subject(of), narrow, Watcher(here, dice.uniform(*PAUSES_S))))
        return made

    @property
    def connections(self) -> int:
        """How often a stream was opened."""
        return sum(viewer.watcher.connections for viewer in self.viewers)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            by_subject = defaultdict(list)
            for viewer in self.viewers:
                if viewer.narrow:
                    tasks.create_task(self._follow_one(viewer))
                else:
                    by_subject[viewer.subject].append(viewer)
            for of, viewers in by_subject.items():
                token = await self._token(of)
                for viewer in viewers:
                    viewer.watcher.token = token
                    tasks.create_task(viewer.watcher.run())

    async def seated(self) -> None:
        """Wait until all who need no video to follow have their stream."""
        async with asyncio.timeout(SEATED_LIMIT_S):
            while not all(viewer.watcher.connections or viewer.narrow for viewer in self.viewers):
                await asyncio.sleep(LOOK_S)

    async def shown(self) -> None:
        """Give them time to see their last update. Who does not get it has a gap, which the judge will see."""
        due = await self.here.look(Due.read)
        with suppress(TimeoutError):
            async with asyncio.timeout(SHOWN_LIMIT_S):
                while any(viewer.watcher.last_id < max(due.of(viewer), default=0) for viewer in self.viewers):
                    await asyncio.sleep(LOOK_S)

    def views(self, due: Due) -> Iterator[View]:
        """What the judge wants to know."""
        return (View(viewer.watcher.seen, due.of(viewer)) for viewer in self.viewers)

    async def _follow_one(self, viewer: Viewer) -> None:
        while (video_id := self.customer.first.get(viewer.subject)) is None:
            await asyncio.sleep(LOOK_S)
        viewer.video_id = video_id
        viewer.watcher.token = await self._token(viewer.subject, video_id)
        await viewer.watcher.run()

    async def _token(self, of: str, *video_ids: str) -> str:
        """A stream token; asked for until it is given, for somebody may just have died."""
        url = f"{self.here.base}/api/v1/stream-tokens"
        wanted: dict[str, Any] = {"subject": of, "ttl_s": TTL_S} | ({"video_ids": video_ids} if video_ids else {})
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self.here.session.post(url, json=wanted, headers=self.here.authorised) as response:
                    if response.status == 201:
                        return str((await response.json())["token"])
            await asyncio.sleep(LOOK_S)


def _frozen(found: Mapping[str, set[int]]) -> dict[str, frozenset[int]]:
    return {name: frozenset(numbers) for name, numbers in found.items()}
