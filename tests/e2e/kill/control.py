"""The control: the same power cut with a weaker promise. It must lose events, or the test could not see a loss."""

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.e2e.kill.facts import read
from tests.e2e.kill.scene import Broken
from tests.e2e.kill.sender import Acknowledged
from tests.e2e.kill.world import World, world

EVENTS = 20  # few enough for SQLite not to begin a checkpoint by itself, which would sync them
WEAKER = "NORMAL"


@dataclass(frozen=True)
class Control:
    """How many of *events* acknowledged events a power cut took: as we promise, and with `synchronous=NORMAL`."""

    events: int
    lost: int
    lost_when_weaker: int

    @property
    def good(self) -> bool:
        return self.lost == 0 < self.lost_when_weaker

    def told(self) -> dict[str, Any]:
        return asdict(self)


async def control(library: Path) -> Control:
    """Both, one after the other, in one world."""
    async with world(library, with_cuts=True) as here:
        return Control(EVENTS, await _lost(here, "", "own"), await _lost(here, WEAKER, "weaker"))


async def _lost(here: World, weaker: str, name: str) -> int:
    """Send events one by one, cut the power right after the last answer, and count those that are gone."""
    # Without its worker: what it commits would only make the moment of the next checkpoint less certain.
    await here.start(weaker=weaker, works=False)
    await here.ready()
    acknowledged = Acknowledged()
    for number in range(EVENTS):
        body = json.dumps({"event_type": "batch.finished", "event_data": {"batch_id": f"{name}-{number}"}}).encode()
        async with here.session.post(f"{here.base}/webhooks/heygen", data=body, headers=here.signed(body)) as response:
            if response.status != 200:
                raise Broken(f"an event of the control was answered {response.status}:\n{here.log}")
            acknowledged.add(body, None)
    await here.kill()
    await here.cut()
    found = set((await asyncio.to_thread(read, here.database)).events.values())
    return len(acknowledged.ids.keys() - found)
