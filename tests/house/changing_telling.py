"""Changes of what people and chats are told."""

from sqlalchemy import insert

from reelhook.db.tables import chat_messages
from tests.house.acting import Call, World

CHATS = "/api/v1/chat-destinations"


async def chat(world: World) -> str:
    """One on the service's own port, where nobody takes messages."""
    own = world.url.partition("//")[2]
    made = await world.made(CHATS, {"name": "Studio", "url": f"json://{own}", "kinds": ["incident"]})
    return str(made["id"])


async def set_notifications(world: World) -> Call:
    return Call("/api/v1/notification-settings", {"kinds": {}, "locked": {}, "critical": ["incident"]})


async def add_chat(world: World) -> Call:
    return Call(CHATS, {"name": "Studio", "url": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "kinds": []}, "*")


async def change_chat(world: World) -> Call:
    chat_id = await chat(world)
    return Call(f"{CHATS}/{chat_id}", {"name": "Another"}, chat_id)


async def delete_chat(world: World) -> Call:
    chat_id = await chat(world)
    return Call(f"{CHATS}/{chat_id}", None, chat_id)


async def try_chat(world: World) -> Call:
    chat_id = await chat(world)
    return Call(f"{CHATS}/{chat_id}/test", None, chat_id)


async def chat_again(world: World) -> Call:
    chat_id, parts = await chat(world), world.service.parts
    row = {"id": parts.ids.new(), "destination_id": chat_id, "key": "ready:v:1", "kind": "ready", "severity": "info"}
    row |= {"title": "Ready", "body": "", "url": "/", "state": "unknown"}
    now = parts.clock.now()
    await world.write(lambda tx: tx.execute(insert(chat_messages).values(**row, created_at=now, at=now)))
    return Call(f"{CHATS}/{chat_id}/messages/{row['id']}/again", None, chat_id)
