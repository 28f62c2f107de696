"""`/api/v1/me/notifications` and `/api/v1/me/preferences`: what I was told, and what I want to be told."""

from datetime import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from reelhook.auth import Principal, requires
from reelhook.auth.refusals import NotAPerson
from reelhook.auth.shapes import Body
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable
from reelhook.notify.kinds import Kind, Personal
from reelhook.notify.mine import Mine
from reelhook.notify.preferences import Preferences
from reelhook.notify.quiet import zone


def person(me: Annotated[Principal, Depends(requires("me"))]) -> Principal:
    """Who is asking, if that is a person. Raises *NotAPerson*: a key is told nothing."""
    if me.kind != "person":
        raise NotAPerson("a key is no person: it is told nothing")
    return me


Me = Annotated[Principal, Depends(person)]
At = Annotated[Page, Depends(page)]
Id = Annotated[str, AfterValidator(storable), StringConstraints(max_length=80)]
Device = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Seen(Body):
    """*up_to*: this one and all before it. *ids*: these."""

    up_to: Id | None = None
    ids: Annotated[list[Id], Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _said(self) -> "Seen":
        if self.up_to is None and self.ids is None:
            raise ValueError("give up_to or ids")
        return self


class Claim(Body):
    effect: Literal["sound", "browser"]
    device: Device


def _clock(text: str) -> str:
    time.fromisoformat(text)
    return text


def _known(name: str) -> str:
    zone(name)
    return name


Clock = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}$"), AfterValidator(_clock)]


class QuietHours(BaseModel):
    """*days*: on which they begin, Monday is 0; null: every day."""

    model_config = ConfigDict(strict=True, extra="forbid")
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    time_zone: Annotated[str, StringConstraints(max_length=60), AfterValidator(_known)]
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] | None


class Wishes(Body):
    """What is left out stays."""

    mine: dict[Kind, dict[Personal, bool]] = Field({})
    whose: Literal["mine", "all"] = "mine"
    quiet_hours: QuietHours | None = None
    digest: bool = True
    volume: Annotated[int, Field(ge=0, le=100)] = 0

    def said(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, by_alias=True)


class Trial(Body):
    channel: Personal


def router(mine: Mine, preferences: Preferences) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/me", tags=["notifications"])

    @routes.get("/notifications")
    async def list_notifications(me: Me, at: At, unseen: bool = False) -> dict[str, Any]:
        """What I was told, newest first. `stream_id`: from where the stream goes on."""
        return await mine.entries(me.id, at, only_unseen=unseen)

    @routes.post("/notifications/seen", status_code=204)
    async def see(body: Seen, me: Me) -> Response:
        """Mark as seen; all my browsers hear of it."""
        await mine.see(me.id, body.up_to, body.ids or [])
        return Response(status_code=204)

    @routes.post("/notifications/{notification_id}/claim")
    async def claim(notification_id: Id, body: Claim, me: Me) -> dict[str, bool]:
        """Whether this device is to ring, or to show it: the first one of mine that asks, and no other."""
        return {"mine": await mine.claim(me.id, notification_id, body.effect, body.device)}

    @routes.get("/notifications/{notification_id}/deliveries")
    async def list_deliveries(notification_id: Id, me: Me) -> dict[str, Any]:
        """How each way of one notification went."""
        return await mine.deliveries(me.id, notification_id)

    @routes.post("/notifications/{notification_id}/deliveries/{channel}/again", status_code=202)
    async def send_again(notification_id: Id, channel: Personal, me: Me) -> None:
        """Send once more what failed, or whose end nobody knows."""
        await mine.again(me.id, notification_id, channel)

    @routes.get("/preferences")
    async def show_preferences(me: Me) -> dict[str, Any]:
        """What I hear of, by which ways, and who decided that."""
        return await preferences.read(me)

    @routes.put("/preferences")
    async def change_preferences(body: Wishes, me: Me) -> dict[str, Any]:
        """Change what I want; what is left out stays."""
        return await preferences.change(me, body.said())

    @routes.post("/preferences/test")
    async def test(body: Trial, me: Me) -> dict[str, Any]:
        """Send something to myself now, and tell what came back."""
        return await preferences.test(me, body.channel)

    @routes.put("/muted-videos/{video_id}", status_code=204)
    async def mute(video_id: Id, me: Me) -> Response:
        """Hear nothing more of this video."""
        await preferences.mute(me, video_id)
        return Response(status_code=204)

    @routes.delete("/muted-videos/{video_id}", status_code=204)
    async def unmute(video_id: Id, me: Me) -> Response:
        """Hear of it again."""
        await preferences.unmute(me, video_id)
        return Response(status_code=204)

    return routes
