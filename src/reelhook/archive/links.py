"""Where a file can be fetched right now: HeyGen is asked, or else believed what it told before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from reelhook import logs
from reelhook.archive.errors import NoLink, RenderFailed
from reelhook.heygen import HeyGen, HeyGenError, RemoteVideo
from reelhook.jobs import Destinations, Postpone
from reelhook.kit.clock import Clock

log = logs.get("archive")

MAIN = "video"
LOOK_AGAIN_S = 30.0
# HeyGen's event said the video was done. That its API disagrees for a while is lag; for a day, it is an error.
LONGEST_LAG = timedelta(hours=24)


@dataclass(frozen=True)
class Link:
    """An expiring link, and what else HeyGen has of the video: role to link; None when it could not be asked.

    *length_ms*: how long the film is, if HeyGen told with it.
    """

    url: str
    others: Mapping[str, str] | None = field(default_factory=dict)
    length_ms: int | None = None


class Links:
    """Finds links. Without a HeyGen client there is only what the event brought."""

    def __init__(self, heygen: HeyGen | None, clock: Clock, destinations: Destinations) -> None:
        self._heygen, self._clock, self._destinations = heygen, clock, destinations

    def can_refresh(self, video: Row[Any]) -> bool:
        return self._heygen is not None and video.heygen_video_id is not None

    async def first(self, video: Row[Any], asset: Row[Any]) -> Link:
        """For the video itself always ask; a link to anything else was told together with it, so use it while it lasts.

        Raises *NoLink*, *RenderFailed*, *HeyGenError*, and *Postpone* while HeyGen is not ready.
        """
        if asset.role != MAIN and asset.source_url:
            return Link(asset.source_url)
        return await self.fresh(video, asset)

    async def fresh(self, video: Row[Any], asset: Row[Any], *, instead_of: str | None = None) -> Link:
        """Ask HeyGen. When it does not answer, the event's own link will do, unless that is the one that failed.

        Of a video with captions the event names the captioned file, so while HeyGen may still answer we wait for it.
        """
        told = (video.source_url if asset.role == MAIN else None) or asset.source_url
        if self._heygen is None or video.heygen_video_id is None:
            return _known(told)
        try:
            async with self._destinations.reach("heygen", HeyGenError):
                remote = await self._heygen.get_video(video.kind, video.heygen_video_id)
        except (HeyGenError, Postpone) as error:
            for_now = isinstance(error, Postpone) or error.retryable
            other_file = asset.role == MAIN and _with_captions(video)
            if told is None or told == instead_of or (other_file and for_now):
                raise
            log.warning("archive.link_not_refreshed", video_id=video.id, error=str(error))
            return Link(told, None)
        return self._main(video, remote) if asset.role == MAIN else _known(remote.assets.get(asset.role) or told)

    def _main(self, video: Row[Any], remote: RemoteVideo) -> Link:
        if remote.status == "failed":
            reason = remote.failure_message or remote.failure_code or "it gives no reason"
            raise RenderFailed(f"HeyGen told us that the video was rendered, but now says that it failed: {reason}")
        if remote.status == "waiting":
            says = f"HeyGen's event said the video was done, but its API says {remote.raw_status}"
            if video.rendered_at is not None and self._clock.now() - video.rendered_at > LONGEST_LAG:
                raise NoLink(f"{says}, for more than a day")
            raise Postpone(LOOK_AGAIN_S, says)
        if remote.url is None:
            raise NoLink("HeyGen says the video is completed, but gives no link to it yet")
        return Link(remote.url, remote.assets, remote.length_ms)


def _with_captions(video: Row[Any]) -> bool:
    """Whether captions were asked for, as far as we know: a video that was requested elsewhere does not tell."""
    return bool((video.request or {}).get("caption"))


def _known(url: str | None) -> Link:
    if url is None:
        raise NoLink("no link to the file is known yet")
    return Link(url)
