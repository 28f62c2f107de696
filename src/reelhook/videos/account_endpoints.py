"""`/api/v1/heygen`: what new videos can be made of, and the videos that the HeyGen account has already."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from reelhook.auth import Principal, requires
from reelhook.heygen import ListedVideo, Ownership
from reelhook.kit.times import Time
from reelhook.videos.account import Account, Told

MOST = 200
USUAL = 50
PAGE_MOST = 100  # HeyGen's own limit

Writer = Annotated[Principal, Depends(requires("videos:write"))]
Words = Annotated[str | None, Query(max_length=200, description="Part of a name or an id.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most entries in the answer.")]
REFUSALS: dict[int | str, dict[str, Any]] = {
    409: {"description": "There is no API key of HeyGen's"},
    502: {"description": "HeyGen refused; `code` and `detail` say what"},
}
Refresh = Annotated[bool, Query(description="Ask HeyGen again, in place of what it said some minutes ago.")]


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Choices(BaseModel):
    """*base_url*: where HeyGen is asked. *stores*: the first is taken when a request names none."""

    can_ask: bool
    base_url: str
    stores: list[str]


class ShownLook(Shown):
    """A look of an avatar; its *id* is the `avatar_id` of a request. *status* is HeyGen's: `completed` can be used."""

    id: str
    name: str
    kind: str | None
    status: str | None
    gender: str | None
    orientation: str | None
    group_id: str | None
    default_voice_id: str | None


class ShownVoice(Shown):
    id: str
    name: str
    language: str | None
    gender: str | None
    own: bool


class Looks(BaseModel):
    """The first of all *matches*. Not *complete*: HeyGen has more than are read here."""

    data: list[ShownLook]
    matches: int
    complete: bool
    as_of: Time


class Voices(BaseModel):
    """The same, and every language there is a voice for."""

    data: list[ShownVoice]
    matches: int
    complete: bool
    as_of: Time
    languages: list[str]


class ShownVideo(BaseModel):
    """A video of the account. *video_id*: ours, when it is here already and the caller may see it."""

    heygen_video_id: str
    title: str | None
    status: str
    created_at: Time | None
    duration_s: float | None
    video_id: str | None


class VideoPage(BaseModel):
    data: list[ShownVideo]
    next_cursor: str | None


def router(account: Account, base_url: str, stores: Sequence[str]) -> APIRouter:
    """The routes, given the account, where HeyGen's API is, and the names of the stores, the usual one first."""
    routes = APIRouter(prefix="/api/v1/heygen", tags=["videos"])

    @routes.get("", dependencies=[Depends(requires("videos:write"))])
    async def choices() -> Choices:
        """Whether HeyGen can be asked, and where; and where its videos can be kept."""
        return Choices(can_ask=account.can_ask, base_url=base_url, stores=list(stores))

    @routes.get("/avatars", dependencies=[Depends(requires("videos:write"))], responses=REFUSALS)
    async def avatars(
        ownership: Annotated[Ownership, Query(description="The account's own, or HeyGen's for everybody.")] = "private",
        q: Words = None,
        limit: Limit = USUAL,
        refresh: Refresh = False,
    ) -> Looks:
        """Avatars, look by look, in HeyGen's order. Asked of HeyGen at most once in ten minutes."""
        told = await account.looks(ownership, refresh=refresh)
        found = [one for one in told.entries if _says(q, one.name, one.id)]
        return Looks.model_validate(_first(told, found, limit))

    @routes.get("/voices", dependencies=[Depends(requires("videos:write"))], responses=REFUSALS)
    async def voices(
        q: Words = None,
        language: Annotated[str | None, Query(max_length=200, description="As in `languages`.")] = None,
        gender: Annotated[str | None, Query(max_length=200)] = None,
        own: Annotated[bool | None, Query(description="Only the account's own, or only HeyGen's.")] = None,
        limit: Limit = USUAL,
        refresh: Refresh = False,
    ) -> Voices:
        """Voices, the account's own first. Asked of HeyGen at most once in ten minutes."""
        told = await account.voices(refresh=refresh)
        wanted = (
            one
            for one in told.entries
            if _is(language, one.language) and _is(gender, one.gender) and own in (None, one.own)
        )
        found = sorted((one for one in wanted if _says(q, one.name, one.id)), key=lambda one: not one.own)
        languages = sorted({one.language for one in told.entries if one.language})
        return Voices.model_validate(_first(told, found, limit) | {"languages": languages})

    @routes.get("/videos", responses=REFUSALS)
    async def earlier(
        principal: Writer,
        cursor: Annotated[str | None, Query(max_length=4096, description="next_cursor of the page before.")] = None,
        title: Annotated[str | None, Query(max_length=200, description="Given to HeyGen, which compares it.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MOST)] = USUAL,
    ) -> VideoPage:
        """The account's videos, a page at a time, each marked with whether it is here. Asked of HeyGen each time."""
        found, following = await account.videos(principal, cursor, title, limit)
        return VideoPage(data=[_video(video, ours) for video, ours in found], next_cursor=following)

    return routes


def _first(told: Told[Any], found: Sequence[Any], limit: int) -> dict[str, Any]:
    return {"data": found[:limit], "matches": len(found), "complete": told.complete, "as_of": told.as_of}


def _says(words: str | None, *texts: str) -> bool:
    return not words or any(words.casefold() in text.casefold() for text in texts)


def _is(wanted: str | None, value: str | None) -> bool:
    return not wanted or wanted.casefold() == (value or "").casefold()


def _video(video: ListedVideo, ours: str | None) -> ShownVideo:
    return ShownVideo(
        heygen_video_id=video.id,
        title=video.title,
        status=video.status,
        created_at=video.created_at,
        duration_s=video.duration_s,
        video_id=ours,
    )
