"""A builder's backend: asks for videos through the API and insists, with an Idempotency-Key, until each is accepted."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.e2e.kill.plan import Order, orders
from tests.e2e.kill.scene import Scene

ANSWER_LIMIT_S = 5.0
AGAIN_S = 0.3
# 202 is a new video. 200 is the same one again: it was accepted before, but the server died before it could answer.
ACCEPTED = (200, 202)


def subject(number: int) -> str:
    """One of those whom videos are made for."""
    return f"viewer-{number}"


@dataclass
class Customer:
    """Asks for a video every *every_s* seconds, one after the other, for so many *subjects* in turn."""

    scene: Scene
    seed: str
    every_s: float
    subjects: int = 1
    accepted: dict[str, Order] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    """The first accepted video of each subject."""
    busy: bool = False
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def __str__(self) -> str:
        return f"a customer who has {len(self.accepted)} videos and insists on one more"

    def stop(self) -> None:
        """Ask for no more; one that was begun is still insisted on."""
        self._stopped.set()

    async def run(self) -> None:
        """Ask until stopped."""
        for order in orders(self.seed):
            if self._stopped.is_set():
                return
            self.busy = True
            # The simulator gives each video it creates the next plan; which video gets which does not matter.
            await self.scene.control("heygen", "POST", "/plans", {"plans": [order.plan]})
            while (video_id := await ask(self.scene, order, self._subject(order))) is None:
                await asyncio.sleep(AGAIN_S)
            self.accepted[video_id] = order
            self.first.setdefault(self._subject(order), video_id)
            self.busy = False
            await asyncio.sleep(self.every_s)

    def _subject(self, order: Order) -> str:
        return subject(order.number % self.subjects)


async def ask(scene: Scene, order: Order, of: str) -> str | None:
    """Ask once for the video of *order*, for the subject *of*; returns its id when it was accepted."""
    heygen: dict[str, Any] = {"type": "avatar", "avatar_id": "anna", "script": f"Number {order.number}"}
    body: dict[str, Any] = {
        "heygen": heygen | {"caption": order.caption},
        "title": f"Order {order.number}",
        "store": order.store,
        "subject": of,
    }
    headers = scene.authorised | {"Idempotency-Key": f"order-{order.number}"}
    url, timeout = f"{scene.base}/api/v1/videos", aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)
    try:
        async with scene.session.post(url, json=body, headers=headers, timeout=timeout) as response:
            return str((await response.json())["id"]) if response.status in ACCEPTED else None
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
        return None
