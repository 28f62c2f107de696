"""Those who ask something of the service all day: HeyGen, a builder's backend, and clients that break off."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from tests.e2e.kill.customer import AGAIN_S, ask
from tests.e2e.kill.plan import Order
from tests.e2e.kill.scene import Scene
from tests.e2e.kill.sender import FACTOR, FIRST_PAUSE_S, LONGEST_PAUSE_S, Sender
from tests.e2e.load.day import Sending, Wish
from tests.e2e.load.installation import ANSWER_LIMIT_S

CONNECTIONS = 100
BREAKS_EVERY_S = 0.5


@dataclass(frozen=True)
class Try:
    """The first request of a delivery: when it was *due*, when it had its answer, and whether that was a 2xx."""

    due: float
    ended: float
    body: bytes
    taken: bool


class Deliveries:
    """Begins each of *planned* on time, whether the service keeps up or not, and sends it until it is acknowledged.

    A second request is what HeyGen's schedule would send later: such a delivery is kept, but has not succeeded.
    """

    def __init__(self, scene: Scene, planned: Sequence[Sending], seed: str) -> None:
        self._planned, self._left, self._stopped = planned, len(planned), False
        self.sender = Sender(scene, seed, rate=0)
        self.tries: list[Try] = []
        self.late_s = 0.0
        """By how much the driver itself was late at the worst."""

    @property
    def busy(self) -> bool:
        return self._left > 0

    def stop(self) -> None:
        """All that was planned is sent before anybody asks for the end."""

    async def run(self) -> None:
        """Until all are acknowledged."""
        began, loop_began = time.time(), time.monotonic()
        timeout = aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            for each in self._planned:
                left_s = each.at_s - (time.monotonic() - loop_began)
                self.late_s = max(self.late_s, -left_s)
                if left_s > 0:
                    await asyncio.sleep(left_s)
                tasks.create_task(self._deliver(session, each.body, began + each.at_s))

    async def _deliver(self, session: aiohttp.ClientSession, body: bytes, due: float) -> None:
        taken, pause_s = await self.sender.deliver(session, body), FIRST_PAUSE_S
        self.tries.append(Try(due, time.time(), body, taken))
        while not taken:
            await asyncio.sleep(pause_s)
            taken, pause_s = await self.sender.deliver(session, body), min(pause_s * FACTOR, LONGEST_PAUSE_S)
        self._left -= 1


@dataclass
class Builder:
    """A builder's backend: asks for each video on time, for the person it is for, until it is accepted."""

    scene: Scene
    wishes: Sequence[Wish]
    people: Sequence[str]
    accepted: dict[str, Order] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        return len(self.accepted) < len(self.wishes)

    def stop(self) -> None:
        """As with deliveries: all that was planned is asked for."""

    async def run(self) -> None:
        """Until all are accepted."""
        # The simulator gives each video it creates the next plan; which video gets which does not matter.
        plans = [wish.order.plan for wish in self.wishes]
        began = time.monotonic()
        await self.scene.control("heygen", "POST", "/plans", {"plans": plans})
        async with asyncio.TaskGroup() as tasks:
            for wish in self.wishes:
                await asyncio.sleep(max(0.0, wish.at_s - (time.monotonic() - began)))
                tasks.create_task(self._insist(wish))

    async def _insist(self, wish: Wish) -> None:
        while (video_id := await ask(self.scene, wish.order, self.people[wish.of])) is None:
            await asyncio.sleep(AGAIN_S)
        self.accepted[video_id] = wish.order


@dataclass
class Breakers:
    """Clients that begin a signed delivery and do not end it. What they did not send whole must not be there later."""

    scene: Scene
    seed: str
    begun: list[bytes] = field(default_factory=list)

    async def run(self) -> None:
        """Until cancelled."""
        dice, number = random.Random(f"{self.seed}/breakers"), 0
        while True:
            number += 1
            body = b'{"event_type": "batch.finished", "event_data": {"batch_id": "half-%d"}}' % number
            with suppress(OSError):
                await self._break(body, dice.choice(("cut", "vanish", "wait")), dice.randrange(len(body)))
            await asyncio.sleep(BREAKS_EVERY_S)

    async def _break(self, body: bytes, how: str, sent: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self.scene.port)
        fields = {"host": "reelhook", "content-length": str(len(body)), **self.scene.signed(body)}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"POST /webhooks/heygen HTTP/1.1\r\n{head}\r\n".encode() + body[:sent])
        self.begun.append(body)
        if how == "wait":
            await asyncio.sleep(BREAKS_EVERY_S)
        if how == "vanish":
            writer.transport.abort()
        else:
            writer.close()
            await writer.wait_closed()
