"""`/api/v1/chat-destinations`: the chats that are told, and how each message fared."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Body, Name
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable
from reelhook.notify.channels.chat.destinations import ChatDestinations
from reelhook.notify.channels.chat.urls import MOST_URL
from reelhook.notify.kinds import Kind

By = Annotated[Principal, Depends(requires("settings"))]
At = Annotated[Page, Depends(page)]
Id = Annotated[str, AfterValidator(storable)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_URL)]
Kinds = Annotated[list[Kind], Field(max_length=20)]


class NewChat(Body):
    """*url*: an apprise address, kept sealed and never shown again."""

    name: Name
    url: Url
    kinds: Kinds


class Changes(Body):
    """What is left out stays."""

    name: Name | None = None
    url: Url | None = None
    kinds: Kinds | None = None

    @model_validator(mode="after")
    def _said(self) -> "Changes":
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null; leave it out to keep it")
        return self


def router(chats: ChatDestinations, public_url: str | None) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/chat-destinations", tags=["notifications"])
    test_words = f"It works: {public_url or 'Reelhook'} can write here."

    @routes.get("")
    async def list_chats(by: By) -> dict[str, Any]:
        """All chats, newest first; of their addresses only the service."""
        return {"data": await chats.entries()}

    @routes.post("", status_code=201)
    async def create_chat(new: NewChat, by: By) -> dict[str, Any]:
        """A chat that is told of these kinds."""
        return await chats.create(by, new.name, new.url, sorted(set(new.kinds)))

    @routes.patch("/{chat_id}")
    async def change_chat(chat_id: Id, changes: Changes, by: By) -> dict[str, Any]:
        """Another name, address, or other kinds."""
        return await chats.change(by, chat_id, changes.model_dump(exclude_unset=True))

    @routes.delete("/{chat_id}", status_code=204)
    async def delete_chat(chat_id: Id, by: By) -> Response:
        """Delete a chat, with the story of its messages."""
        await chats.delete(by, chat_id)
        return Response(status_code=204)

    @routes.post("/{chat_id}/test")
    async def test_chat(chat_id: Id, by: By) -> dict[str, Any]:
        """Send a message now, and tell what came back. It takes half a minute at most."""
        return await chats.test(by, chat_id, test_words)

    @routes.get("/{chat_id}/messages")
    async def list_messages(chat_id: Id, at: At, by: By) -> dict[str, Any]:
        """What was sent, or is to be, newest first."""
        return await chats.messages(chat_id, at)

    @routes.post("/{chat_id}/messages/{message_id}/again", status_code=202)
    async def send_again(chat_id: Id, message_id: Id, by: By) -> None:
        """Send once more what failed, or whose end nobody knows."""
        await chats.again(by, chat_id, message_id)

    return routes
