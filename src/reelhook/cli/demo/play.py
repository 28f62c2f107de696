"""Runs the scenario against a stage, and gathers what became of it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from reelhook.cli.demo.audience import Audience
from reelhook.cli.demo.scenario import SCENARIO, Act
from reelhook.cli.demo.stage import Stage
from reelhook.errors import ReelhookError, Unavailable

LIMIT_S = 90.0
QUIET_LIMIT_S = 20.0
Say = Callable[[str], None]


class Client:
    """The two sides a demo can ask: Reelhook with its key, the simulator by its control API."""

    def __init__(self, session: aiohttp.ClientSession, at: Stage) -> None:
        self._session, self._at = session, at

    async def reelhook(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._at.api_key}"}
        return await self._json(method, f"{self._at.base}{path}", body, headers)

    async def heygen(self, method: str, path: str, body: Any = None) -> Any:
        return await self._json(method, f"{self._at.heygen}/_control{path}", body, {})

    async def content(self, url: str) -> bytes:
        """A stored file, from wherever it is kept."""
        local = url.startswith("/")
        headers = {"Authorization": f"Bearer {self._at.api_key}"} if local else {}
        async with self._session.get(f"{self._at.base}{url}" if local else url, headers=headers) as response:
            response.raise_for_status()
            return await response.read()

    async def _json(self, method: str, url: str, body: Any, headers: dict[str, str]) -> Any:
        async with self._session.request(method, url, json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
            if response.status >= 400:
                raise ReelhookError(f"{method} {url} answered {response.status}: {answer}")
            return answer


@dataclass(frozen=True)
class Performance:
    """What was asked for, by video id, and who watched."""

    acts: dict[str, Act]
    audience: Audience


async def play(client: Client, audience: Audience, at: Stage, say: Say) -> Performance:
    """Ask for every video and wait until each has ended. Raises *Unavailable* when one does not."""
    watching = asyncio.create_task(audience.watch(), name="audience")
    try:
        await asyncio.wait_for(audience.seated.wait(), LIMIT_S)
        acts = {}
        for act in SCENARIO:
            await client.heygen("POST", "/plans", {"plans": [act.plan]})
            video = await client.reelhook("POST", "/api/v1/videos", act.request)
            acts[video["id"]] = act
            say(f"  requested  {act.title} ({act.shows})")
            # The simulator hands out plans in the order in which HeyGen is asked: wait until it was.
            await audience.until({video["id"]: "rendering"}, LIMIT_S)
        await _forge(client, at)
        await audience.until({video_id: act.states[-1] for video_id, act in acts.items()}, LIMIT_S)
        await _quiet(client)
    except TimeoutError:
        open_ones = {act.title: audience.state(video_id) for video_id, act in acts.items()}
        raise Unavailable(f"not every video ended within {LIMIT_S:g} s: {open_ones}; see {at.log}") from None
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return Performance(acts, audience)


async def _forge(client: Client, at: Stage) -> None:
    """Somebody else tries: an event with a wrong signature, which must change nothing."""
    forged = {"event_data": {"video_id": "forged", "url": "https://example.invalid/forged.mp4"}, "signature": "wrong"}
    await client.heygen("POST", "/send", {**forged, "url": f"{at.base}/webhooks/heygen", "in_history": False})


async def _quiet(client: Client) -> None:
    """Wait until late webhooks and the files that follow them are in, so that nothing is counted in mid-air."""
    until = time.monotonic() + QUIET_LIMIT_S
    while time.monotonic() < until:
        idle = (await client.heygen("GET", "/idle"))["idle"]
        open_jobs = [
            job
            for state in ("available", "running", "retryable")
            for job in (await client.reelhook("GET", f"/api/v1/jobs?state={state}"))["data"]
        ]
        if idle and not open_jobs:
            return
        await asyncio.sleep(0.2)
    raise Unavailable("webhooks or jobs are still under way")
