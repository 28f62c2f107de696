"""What a HeyGen account can make videos of, and those it made: looks of avatars, voices, videos.

Paths and fields are those of HeyGen's v3 reference. An avatar has looks; a video is asked for with the id of a look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from reelhook.events.lenient import ident, objects, seconds, text
from reelhook.heygen.remote import Status, normalised
from reelhook.heygen.transport import Transport
from reelhook.heygen.webhooks import following, moment

PAGE = 100
MOST_PAGES = 40
MOST_NAME = 200
Ownership = Literal["private", "public"]  # of the account's own, or HeyGen's for everybody

T = TypeVar("T")


@dataclass(frozen=True)
class Look:
    """One look of an avatar. *status* is HeyGen's word: `completed` can be used; None when it does not say."""

    id: str
    name: str
    kind: str | None
    status: str | None
    gender: str | None
    orientation: str | None
    group_id: str | None
    default_voice_id: str | None


@dataclass(frozen=True)
class Voice:
    """A voice. *own*: the account made it; else it is one of HeyGen's for everybody."""

    id: str
    name: str
    language: str | None
    gender: str | None
    own: bool


@dataclass(frozen=True)
class ListedVideo:
    """A video in the account's list: without links, for they expire."""

    id: str
    title: str | None
    status: Status
    created_at: datetime | None
    duration_s: float | None


@dataclass(frozen=True)
class VideoList:
    """Some of the account's videos; *next_token* gets the following page, None ends."""

    videos: tuple[ListedVideo, ...]
    next_token: str | None


@dataclass(frozen=True)
class Gathered(Generic[T]):
    """A list from all its pages. Not *complete*: HeyGen had more than 40 pages, and the rest is not here."""

    entries: tuple[T, ...]
    complete: bool


class Catalogue(Transport):
    """The calls about what is there. Each raises a *HeyGenError*."""

    async def looks(self, ownership: Ownership) -> Gathered[Look]:
        """Every look of the account's own avatars, or of HeyGen's."""
        return await self._gather("looks", "/v3/avatars/looks", "list its avatars", _look, ownership=ownership)

    async def voices(self) -> Gathered[Voice]:
        """Every voice, the account's own and HeyGen's."""
        return await self._gather("voices", "/v3/voices", "list its voices", _voice)

    async def list_videos(self, token: str | None = None, *, title: str | None = None, limit: int = PAGE) -> VideoList:
        """One page of the account's videos, as HeyGen orders them (newest first, as far as is known)."""
        query = {"title": title, "limit": limit, "token": token}
        answer = await self.call("list_videos", "GET", "/v3/videos", "list its videos", query=query)
        rows = objects(answer.get("data"))
        return VideoList(tuple(found for row in rows if (found := _listed(row))), following(answer))

    async def _gather(
        self, name: str, path: str, what: str, read: Callable[[Mapping[str, Any]], T | None], **query: str
    ) -> Gathered[T]:
        """All pages, but not for ever. What is no entry is left out."""
        found: list[T] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            answer = await self.call(name, "GET", path, what, query={**query, "limit": PAGE, "token": token})
            found += [entry for row in objects(answer.get("data")) if (entry := read(row)) is not None]
            token = following(answer)
            if token is None:
                break
        return Gathered(tuple(found), complete=token is None)


def _look(row: Mapping[str, Any]) -> Look | None:
    look_id = ident(row.get("id"))
    if look_id is None:
        return None
    return Look(
        id=look_id,
        name=_name(row, "name") or look_id,
        kind=_name(row, "avatar_type"),
        status=_name(row, "status"),
        gender=_name(row, "gender"),
        orientation=_name(row, "preferred_orientation"),
        group_id=ident(row.get("group_id")),
        default_voice_id=ident(row.get("default_voice_id")),
    )


def _voice(row: Mapping[str, Any]) -> Voice | None:
    voice_id = ident(row.get("voice_id"))
    if voice_id is None:
        return None
    name = _name(row, "name") or voice_id
    return Voice(voice_id, name, _name(row, "language"), _name(row, "gender"), own=row.get("type") == "private")


def _listed(row: Mapping[str, Any]) -> ListedVideo | None:
    video_id = ident(row.get("id")) or ident(row.get("video_id"))
    if video_id is None:
        return None
    status = normalised(_name(row, "status") or "")
    created_at = moment(row.get("created_at"))
    return ListedVideo(video_id, _name(row, "title"), status, created_at, seconds(row.get("duration")))


def _name(row: Mapping[str, Any], field: str) -> str | None:
    return text(row.get(field), MOST_NAME)
