"""A HeyGen of our own: signed events at a steady rate, each sent until it is acknowledged, and a list of what was.

The list is the test's own: what is on it must be in the database when everything is over.
"""

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.e2e.kill.scene import Scene

CONNECTIONS = 6
ANSWER_LIMIT_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S, FACTOR = 0.2, 1.5, 2.0
MOST_WAITING = 120
WINDOW = 12  # so many events are shuffled at a time
AGAIN = 0.15  # so many of them are sent once more
ONLY_STORED = ("photo_avatar_train.success", "live_avatar.fail", "batch.finished", "something.new")


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass
class Acknowledged:
    """What a sender was told is safe: digest of the body to the event ids it was told."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    """HeyGen's ids of the videos that it was told have failed."""

    def add(self, body: bytes, event_id: str | None) -> None:
        self.ids.setdefault(digest(body), set()).update([event_id] if event_id else [])
        if b"avatar_video.fail" in body:
            self.failing.add(json.loads(body)["event_data"]["video_id"])


@dataclass(frozen=True)
class Refused:
    """A request that was not acknowledged, from when to when (monotonic). *status* is 0 when no answer came."""

    began: float
    ended: float
    status: int
    said: str = ""


def events(seed: str) -> Iterator[bytes]:
    """Without end: bodies of events, in the order in which they are sent."""
    dice, number = random.Random(f"{seed}/events"), 0
    while True:
        window: list[bytes] = []
        while len(window) < WINDOW:
            number += 1
            window += _story(dice, number)
        dice.shuffle(window)
        for body in window:
            yield body
            if dice.random() < AGAIN:
                yield body


def _story(dice: random.Random, number: int) -> list[bytes]:
    """The events about one thing."""
    kind = dice.random()
    if kind < 0.05:
        return [f"no JSON {number} ".encode() + dice.randbytes(20)]
    if kind < 0.4:
        return [_body(dice.choice(ONLY_STORED), {"id": f"thing-{number}"})]
    told = {"video_id": f"own-{number}", "failure_code": "rendering_failed", "msg": "Avatar rendering timed out"}
    return [_body("avatar_video.fail", told), _body("avatar_video.fail", told | {"msg": "the same in other words"})]


def _body(event_type: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"event_type": event_type, "event_data": data}).encode()


class Sender:
    """Sends `events(seed)` over kept-alive connections, *rate* a second."""

    def __init__(self, scene: Scene, seed: str, rate: float) -> None:
        self._scene, self._events, self._rate = scene, events(seed), rate
        self._waiting: asyncio.Queue[tuple[bytes, float]] = asyncio.Queue()
        self._stopped = asyncio.Event()
        self._open = 0
        self.acknowledged = Acknowledged()
        self.requests = 0
        self.refused: list[Refused] = []

    @property
    def busy(self) -> bool:
        """Whether an event waits for its acknowledgement."""
        return self._open > 0

    def __str__(self) -> str:
        return f"a sender of {self._open} events, refused last with {self.refused[-1:]}"

    def stop(self) -> None:
        """No new events; those that were begun are sent until they are acknowledged."""
        self._stopped.set()

    async def run(self) -> None:
        """Send until cancelled."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        timeout = aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._produce())
            for _ in range(CONNECTIONS):
                tasks.create_task(self._send_all(session))

    async def _produce(self) -> None:
        while not self._stopped.is_set():
            if self._open < MOST_WAITING:
                self._open += 1
                self._waiting.put_nowait((next(self._events), FIRST_PAUSE_S))
            await asyncio.sleep(1 / self._rate)

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        loop = asyncio.get_running_loop()
        while True:
            body, pause_s = await self._waiting.get()
            if await self.deliver(session, body):
                self._open -= 1
            else:
                again = (body, min(pause_s * FACTOR, LONGEST_PAUSE_S))
                loop.call_later(pause_s, self._waiting.put_nowait, again)

    async def deliver(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        """Send it once. A 2xx is a promise, even when the rest of the answer does not arrive."""
        self.requests += 1
        status, said, told, began = 0, "", None, time.monotonic()
        try:
            url, headers = f"{self._scene.base}/webhooks/heygen", self._scene.signed(body)
            async with session.post(url, data=body, headers=headers) as response:
                status = response.status
                said = await response.text()
                told = json.loads(said)["event_id"] if status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            pass
        if 200 <= status < 300:
            self.acknowledged.add(body, told)
        else:
            self.refused.append(Refused(began, time.monotonic(), status, said))
        return 200 <= status < 300
