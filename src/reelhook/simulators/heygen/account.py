"""One HeyGen account: everything the simulator remembers, and the life of its renders."""

import asyncio
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from itertools import cycle

from starlette.responses import Response

from reelhook.simulators.clips import clip_names
from reelhook.simulators.faults import Faults
from reelhook.simulators.heygen.events import Event
from reelhook.simulators.heygen.faults import KINDS, rate_limited
from reelhook.simulators.heygen.links import Links
from reelhook.simulators.heygen.payloads import event_data
from reelhook.simulators.heygen.plan import Plan, Settings
from reelhook.simulators.heygen.renders import Asked, Kind, Render, hex_id
from reelhook.simulators.heygen.webhooks import Webhooks
from reelhook.simulators.records import changed
from reelhook.simulators.tasks import Tasks

PENDING_SHARE = 0.1  # assumption: how much of the time a video waits before it is processed
GIF_AFTER_S = 0.5  # assumption
EARLY_S = 0.5  # by how much out-of-order events come too early
LATE_S = 1.0  # and how late the success event comes again
RETRY_AFTER_S = 2  # assumption: what the answer to one render too many says
CLIPS_PER_JOB = 2  # assumption
COUNTED = ("avatar_video", "video_agent", "video_translate")  # the kinds that share the limit of concurrent renders
SUFFIXES = {
    "video": ".mp4", "captioned": "_captioned.mp4", "gif": ".gif", "thumbnail": ".jpg", "subtitle": ".srt",
    "vtt": ".vtt",
}  # fmt: skip


@dataclass(frozen=True)
class Remembered:
    """The answer to an Idempotency-Key; None while it is being made."""

    response: Response | None
    until: float


class Account:
    """The state behind all routes. *api_key* opens it; *base_url* is where it is reached."""

    def __init__(self, base_url: str, api_key: str, seconds_per_render: float) -> None:
        self.api_key = api_key
        self.seconds_per_render = seconds_per_render
        self.space = hex_id()
        self.settings = Settings()
        self.faults = Faults(KINDS)
        self.tasks = Tasks()
        self.links = Links(base_url)
        self.webhooks = Webhooks(self.settings, self.tasks)
        self.plans: deque[Plan] = deque()
        self.default_plan = Plan()
        self.renders: dict[str, Render] = {}
        self.remembered: dict[tuple[str, str], Remembered] = {}
        self._clips = cycle(clip_names())

    async def close(self) -> None:
        """End what is under way."""
        await self.tasks.stop()
        await self.webhooks.close()

    async def reset(self) -> None:
        """As it was at the start; what is under way ends."""
        await self.tasks.stop()
        changed(self.settings, asdict(Settings()))
        self.faults.clear()
        self.plans.clear()
        self.default_plan = Plan()
        for kept in (self.renders, self.webhooks.endpoints, self.remembered):
            kept.clear()
        self.webhooks.history.clear()
        self.webhooks.deliveries.clear()

    def link(self, render: Render, file: str) -> str | None:
        """A fresh link to a file of *render*, None when it has none (or its plan hides it)."""
        if file not in render.files or render.plan.without_url:
            return None
        ttl = render.plan.link_ttl_s
        path = f"/aws_pacific/avatar_tmp/{self.space}/{render.id}{SUFFIXES[file]}"
        return self.links.sign(path, self.settings.link_ttl_s if ttl is None else ttl)

    def admit(self, renders: int = 1) -> None:
        """Raises 429 when so many more would be too many at once."""
        active = sum(render.active for render in self.renders.values() if render.kind in COUNTED)
        if active + renders > self.settings.concurrency:
            raise rate_limited(RETRY_AFTER_S)

    def create(self, kind: Kind, asked: Asked, *, prefix: str = "", with_session: bool = False) -> Render:
        """A new render, by the next plan; its life begins at once."""
        plan = self.plans.popleft() if self.plans else self.default_plan
        render_s = self._render_s(plan)
        clip = plan.clip or next(self._clips)
        render = Render(kind, asked, plan, render_s, clip, prefix + hex_id(), hex_id() if with_session else None)
        self.renders[render.id] = render
        for fault in plan.faults:
            self.faults.add(replace(fault, on="media", target=f"{render.id}/{fault.target}"))
        if kind == "ai_clipping":
            render.parts = [Render(kind, asked, plan, render_s, next(self._clips)) for _ in range(CLIPS_PER_JOB)]
            self.renders |= {part.id: part for part in render.parts}
        self.tasks.start(self._live(render))
        for event_type, after_s in _announcements(render):
            self.tasks.start(self._announce_after(render, event_type, max(0.0, render_s + after_s)))
        return render

    def _render_s(self, plan: Plan) -> float:
        if plan.ends_at is not None:
            return max(0.0, plan.ends_at - time.time())
        return self.seconds_per_render if plan.render_s is None else plan.render_s

    async def _live(self, render: Render) -> None:
        await asyncio.sleep(render.render_s * PENDING_SHARE)
        render.status = "processing"
        if render.plan.outcome == "stuck":
            return
        await asyncio.sleep(render.render_s * (1 - PENDING_SHARE))
        render.finish()
        self._announce(render, f"{render.kind}.{'fail' if render.plan.outcome == 'failed' else 'success'}")

    async def _announce_after(self, render: Render, event_type: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._announce(render, event_type)

    def _announce(self, render: Render, event_type: str) -> None:
        if render.deleted or render.plan.delivery == "none":
            return
        event = Event(event_type, event_data(event_type, render, self.link), render.id)
        if render.plan.delivery == "lost":
            self.webhooks.history.append(event)
            return
        self.webhooks.announce(event, callback_url=render.asked.callback_url, copies=1 + render.plan.duplicates)


def _announcements(render: Render) -> list[tuple[str, float]]:
    """The events beside the main one, each with its seconds after the end of the render."""
    plan = render.plan
    extra = [(event.type, event.after_s) for event in plan.extra_events]
    if plan.outcome != "completed":
        return extra
    early = plan.delivery == "out_of_order"
    if "gif" in render.files:
        extra.append(("avatar_video_gif.success", -EARLY_S if early else GIF_AFTER_S))
    if "captioned" in render.files:
        extra.append(("avatar_video_caption.success", -EARLY_S if early else plan.caption_after_s))
    if early:
        extra.append((f"{render.kind}.success", LATE_S))
    return extra
