"""The HeyGen account behind this service: what new videos can be made of, and the videos it has already."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection, select

from reelhook.auth import Principal
from reelhook.db import Database
from reelhook.db.tables import videos
from reelhook.errors import Conflict
from reelhook.heygen import Gathered, HeyGen, ListedVideo, Look, Ownership, Voice
from reelhook.kit.cache import Cache
from reelhook.kit.clock import Clock
from reelhook.videos.queries import visible

KEPT_S = 600.0
LISTS = 3  # the account's own looks, HeyGen's looks, the voices

T = TypeVar("T")


class NoApiKey(Conflict):
    """HeyGen cannot be asked."""

    code = "no_api_key"


@dataclass(frozen=True)
class Told(Generic[T]):
    """What HeyGen listed at *as_of*."""

    entries: tuple[T, ...]
    complete: bool
    as_of: datetime


class Account:
    """Asks HeyGen; lists that are long and seldom change are kept in this process for ten minutes.

    Every call raises *NoApiKey* or a *HeyGenError*.
    """

    def __init__(self, db: Database, heygen: HeyGen | None, clock: Clock) -> None:
        self._db, self._heygen, self._clock = db, heygen, clock
        self._looks = Cache[Ownership, Told[Look]](clock, KEPT_S, LISTS, lambda _: None)
        self._voices = Cache[None, Told[Voice]](clock, KEPT_S, LISTS, lambda _: None)

    @property
    def can_ask(self) -> bool:
        """Whether there is a key at all."""
        return self._heygen is not None

    async def close(self) -> None:
        """End what is being looked up."""
        await self._looks.close()
        await self._voices.close()

    async def looks(self, ownership: Ownership, *, refresh: bool) -> Told[Look]:
        """Every look of the account's own avatars, or of HeyGen's."""
        heygen = self._asked()
        if refresh:
            self._looks.forget(ownership)
        return await self._looks.get(ownership, lambda: self._told(lambda: heygen.looks(ownership)))

    async def voices(self, *, refresh: bool) -> Told[Voice]:
        """Every voice that the account can use."""
        heygen = self._asked()
        if refresh:
            self._voices.forget(None)
        return await self._voices.get(None, lambda: self._told(heygen.voices))

    async def videos(
        self, principal: Principal, token: str | None, title: str | None, limit: int
    ) -> tuple[list[tuple[ListedVideo, str | None]], str | None]:
        """A page of the account's videos, each with our id if it is here and may be seen; and the next token."""
        page = await self._asked().list_videos(token, title=title, limit=limit)
        ids = [video.id for video in page.videos]
        ours = await self._db.read(lambda conn: _ours(conn, principal, ids))
        return [(video, ours.get(video.id)) for video in page.videos], page.next_token

    def _asked(self) -> HeyGen:
        if self._heygen is None:
            raise NoApiKey("HeyGen cannot be asked: set REELHOOK_HEYGEN_API_KEY")
        return self._heygen

    async def _told(self, ask: Callable[[], Awaitable[Gathered[T]]]) -> Told[T]:
        found = await ask()
        return Told(found.entries, found.complete, self._clock.now())


def _ours(conn: Connection, principal: Principal, heygen_ids: list[str]) -> dict[str, str]:
    query = select(videos.c.heygen_video_id, videos.c.id)
    found = conn.execute(query.where(videos.c.heygen_video_id.in_(heygen_ids), visible(principal)))
    return {row.heygen_video_id: row.id for row in found}
